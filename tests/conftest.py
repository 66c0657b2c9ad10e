"""Settings of all tests."""

from __future__ import annotations

from hypothesis import settings

# The same examples on every run, however slow the machine.
settings.register_profile("steady", deadline=None, derandomize=True)
settings.load_profile("steady")
