"""Typed views over a graph: what an engineer would draw on a whiteboard."""
