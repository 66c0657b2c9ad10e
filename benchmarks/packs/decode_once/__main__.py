"""A server that decodes once."""

from benchmarks.servers.decode_once import DecodeOnce
from benchmarks.servers.nothing import serve

serve(DecodeOnce())
