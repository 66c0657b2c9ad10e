"""Mistakes in the configuration, and the words in which they are told."""

from __future__ import annotations

from typing import TYPE_CHECKING

from policypack.model.records import dataclass

if TYPE_CHECKING:
    from collections.abc import Iterable

LONGEST = 60
"""Characters of a value that a message repeats."""


@dataclass(frozen=True)
class Problem:
    """A mistake in the configuration.

    Attributes:
        place: Where: `backend-service-two-regions.minimum`.
        message: What is wrong, and what would be right.
    """

    place: str
    message: str


def near(name: str, known: Iterable[str]) -> str:
    """Give the known name that is most like one, as the end of a message; "" if none is."""
    import difflib

    by_letters = {each.casefold(): each for each in known}
    found = difflib.get_close_matches(name.casefold(), list(by_letters), n=1, cutoff=0.6)
    return f"; did you mean {by_letters[found[0]]}?" if found else ""


def shown(value: object) -> str:
    """Give a value as a message repeats it: as it is written, and not without end."""
    text = repr(value)
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}…"
