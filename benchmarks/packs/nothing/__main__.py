"""A server that does nothing."""

from benchmarks.servers.nothing import Nothing, serve

serve(Nothing())
