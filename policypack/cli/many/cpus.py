"""How many processes are worth their while."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

    from policypack.sources.stores import StateFile

QUOTA: Final = Path("/sys/fs/cgroup/cpu.max")
"""Where a container is told how much of the processors it may use."""

_SECONDS_PER_BYTE: Final = 0.25e-6
"""What it takes to read and judge a state, measured on one of 100 resources."""

_PACKED: Final = 15
"""So many times its size a packed state unpacks to."""

_USUAL_SIZE: Final = 100_000
"""Bytes of a state of which nobody told the size."""

_FETCHING: Final = 0.2
"""Seconds that an object and its tags take to come, as a rule of thumb. A process does nothing else meanwhile."""

_AT_ONCE: Final = 4
"""So many processes share a processor where they wait for a store most of the time."""

_WORTH: Final = 0.7
"""Seconds of work that a process must take over: to start it costs about half of that."""


def available() -> int:
    """Give the number of processors that this process may use."""
    affinity = getattr(os, "sched_getaffinity", None)
    count = len(affinity(0)) if affinity else os.cpu_count() or 1
    return max(1, min(count, _quota()))


def _quota() -> int:
    """Give how many processors the time that a container is granted is worth, rounded up."""
    try:
        granted, period = QUOTA.read_text(encoding="ascii").split()
        return -(-int(granted) // int(period))
    except (OSError, ValueError):  # no container, no limit, or a system without the file
        return os.cpu_count() or 1


def processes_for(files: Sequence[StateFile], wanted: int | None) -> int:
    """Give how many processes to judge files with; 1 means this one.

    Args:
        files: The files.
        wanted: How many the user asked for; None to choose by the work there is.
    """
    if wanted is not None:
        return min(wanted, len(files))
    far = sum(file.store is not None for file in files)
    seconds = sum(_bytes(file) for file in files) * _SECONDS_PER_BYTE + far * _FETCHING
    most = available() * (_AT_ONCE if far else 1)
    return max(1, min(most, len(files), int(seconds / _WORTH)))


def _bytes(file: StateFile) -> int:
    size = file.size or _USUAL_SIZE
    return size if file.location.endswith(".json") else size * _PACKED
