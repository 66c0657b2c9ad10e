"""Judges many stacks: in several processes, with one report of them all."""
