"""Waiting for what another process does."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path


def until(condition: Callable[[], bool]) -> bool:
    """Wait for something for at most 20 seconds."""
    for _ in range(400):
        if condition():
            return True
        time.sleep(0.05)
    return False


def runs(pid: int) -> bool:
    """Tell whether a process has not ended."""
    state = Path(f"/proc/{pid}/stat")
    if Path("/proc/self/stat").exists():
        # A zombie has ended; whoever adopted it has not looked yet.
        return state.exists() and state.read_text().rpartition(")")[2].split()[0] != "Z"
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True
