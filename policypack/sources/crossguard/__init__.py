"""The way in that the Pulumi engine takes: an analyzer server, spoken to over gRPC."""

from policypack.sources.crossguard.server import main

__all__ = ["main"]
