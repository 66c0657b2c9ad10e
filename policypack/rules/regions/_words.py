"""Numbers and regions in words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from policypack.rules.contract import Bounds

LEFT_TO_OTHERS: Final = "other backends may be attached outside the stack, which ignores changes of the list"

_NUMBERS: Final = ("no", "one", "two", "three", "four", "five")


def number(count: int) -> str:
    """Write a small number as a word."""
    return _NUMBERS[count] if count < len(_NUMBERS) else str(count)


def too_few(regions: Bounds[str], minimum: int) -> str:
    """Say which regions are reached, and how many are required."""
    most = len(regions.possible) if regions.at_most is None else regions.at_most
    names = f", {', '.join(sorted(regions.possible))}" if most and len(regions.possible) == most else ""
    reached = f"{number(most)} serving region{'' if most < 2 else 's'}"
    return f"it reaches {reached}{names}; {number(minimum)} {'is' if minimum == 1 else 'are'} required"
