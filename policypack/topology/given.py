"""Properties that the provider computes where the program leaves them out: absent then, though not known yet."""

from __future__ import annotations

from typing import TYPE_CHECKING

from policypack.model.values import Unknown

if TYPE_CHECKING:
    from policypack.model.resource import Reader


def text_given(place: Reader, path: str) -> str | None:
    """Read a text; None where the program leaves it out, and the provider will say only later what it is.

    Raises:
        Undecided: The program gave something that is not known yet.
    """
    return None if left_out(place, path) else place.text(path)


def flag_given(place: Reader, path: str) -> bool | None:
    """Read a boolean; None where the program leaves it out, and the provider will say only later what it is.

    Raises:
        Undecided: The program gave something that is not known yet.
    """
    return None if left_out(place, path) else place.flag(path)


def left_out(place: Reader, path: str) -> bool:
    """Tell whether a property is not known yet because the provider computes what the program left out."""
    return isinstance(place.peek(path), Unknown) and not place.is_set(path)
