"""What a run records of a program that uses everything at once."""

from __future__ import annotations
