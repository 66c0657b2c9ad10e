"""Runs rules over a graph: verdicts, parameters, levels."""
