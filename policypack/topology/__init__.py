"""Typed views over a graph: what an engineer would draw on a whiteboard."""

from policypack.topology.deployment import Deployment

__all__ = ["Deployment"]
