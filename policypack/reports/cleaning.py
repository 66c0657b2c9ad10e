"""Makes text of users safe to show: no secret in it, and nothing that a terminal would obey."""

from __future__ import annotations

from typing import TYPE_CHECKING

from policypack.engine.messages import Mask, escape

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["Cleaner", "escape"]


class Cleaner:
    """Cleans whatever comes from a program, its stack or its configuration, before a report shows it."""

    def __init__(self, secrets: Iterable[str]) -> None:
        """Take the secrets of the stack."""
        self._mask = Mask(secrets)

    def shown(self, text: str) -> str:
        """Give the text for the eyes of people: secrets masked, control characters visible."""
        return escape(self._mask(text))

    def data(self, text: str) -> str:
        """Give the text for other programs: secrets masked, every other character kept."""
        return self._mask(text)
