"""Makes text of users safe to show: no secret in it, and nothing that a terminal would obey."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING

from policypack.engine.messages import Mask

if TYPE_CHECKING:
    from collections.abc import Iterable

_COMMANDS = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
"""Unicode categories of what a terminal acts upon, or cannot show: escapes, direction overrides, lone surrogates."""

_NAMED = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}


def escape(text: str) -> str:
    r"""Write control characters visibly: `\x1b` instead of what moves the cursor of the reader's terminal."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(_escaped(character) for character in text)


def _escaped(character: str) -> str:
    if unicodedata.category(character) not in _COMMANDS:
        return character
    code = ord(character)
    return _NAMED.get(character) or (f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}")


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
