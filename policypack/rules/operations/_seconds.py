"""Durations of URL maps: seconds and nanoseconds apart."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from policypack.rules.contract import Reader


def seconds_of(holder: Reader, path: str) -> float | None:
    """Read a duration; None where it is left out.

    Raises:
        Undecided: It is unknown.
    """
    if not holder.is_set(path):
        return None
    return float(holder.number(f"{path}.seconds") or 0) + float(holder.number(f"{path}.nanos") or 0) / 1e9
