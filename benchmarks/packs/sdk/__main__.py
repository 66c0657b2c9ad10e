"""The same rules, served by the SDK's own server."""

from benchmarks.servers.sdk import serve

serve()
