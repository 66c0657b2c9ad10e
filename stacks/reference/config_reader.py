"""Reads Pulumi configuration into typed values and collects every mistake before it complains.

A user who has three wrong keys wants to hear of all three, in words that name the key, what was found and
what would be valid.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection
from difflib import get_close_matches
from enum import Enum
from typing import TypeVar

import pulumi

EnumT = TypeVar("EnumT", bound=Enum)


class SettingsError(pulumi.RunError):
    """The configuration of the stack is wrong; the message lists every mistake, one per line."""


class ConfigReader:
    """Typed access to one configuration namespace.

    Each method returns the value, or the default when the key is not set. A wrong value is noted in
    `problems` and the default is returned, so that reading goes on and finds the next mistake.
    """

    def __init__(self, config: pulumi.Config) -> None:
        self._config = config
        self.problems: list[str] = []

    def problem(self, key: str, text: str) -> None:
        """Notes a mistake under the full name of its key."""
        self.problems.append(f"{self._config.full_key(key)}: {text}")

    def raise_problems(self) -> None:
        """Ends the program if anything was wrong.

        Raises:
            SettingsError: At least one problem was noted.
        """
        if self.problems:
            lines = "\n".join(f"  - {problem}" for problem in self.problems)
            raise SettingsError(f"the configuration of this stack is not valid:\n{lines}")

    def text(self, key: str, default: str | None, pattern: str, meaning: str) -> str:
        """Reads a string that must match a pattern as a whole.

        Args:
            key: Name of the key, without the namespace.
            default: Value when unset; None makes the key mandatory.
            pattern: Regular expression for the whole value.
            meaning: What the value is, for the message, for example "a DNS name such as example.com".
        """
        value = self._config.get(key)
        if value is None:
            if default is None:
                self.problem(key, f"missing; set it to {meaning}")
            return default or ""
        if not re.fullmatch(pattern, value):
            self.problem(key, f"{value!r} is not {meaning}")
            return default or ""
        return value

    def integer(self, key: str, default: int, low: int, high: int, unit: str) -> int:
        """Reads a whole number from `low` to `high`, both included; `unit` is for the message."""
        value = self._config.get(key)
        if value is None:
            return default
        if not re.fullmatch(r"-?\d{1,18}", value.strip()):
            self.problem(key, f"{value!r} is not a whole number; valid are {low} to {high} {unit}")
            return default
        number = int(value)
        if not low <= number <= high:
            self.problem(key, f"{number} is out of range; valid are {low} to {high} {unit}")
            return default
        return number

    def number(self, key: str, default: float, low: float, high: float, unit: str) -> float:
        """Reads a decimal number from `low` to `high`, both included; `unit` is for the message."""
        value = self._config.get(key)
        if value is None:
            return default
        if not re.fullmatch(r"\d{1,9}(\.\d{1,9})?", value.strip()):
            self.problem(key, f"{value!r} is not a number; valid are {low:g} to {high:g} {unit}")
            return default
        number = float(value)
        if not low <= number <= high:
            self.problem(key, f"{number:g} is out of range; valid are {low:g} to {high:g} {unit}")
            return default
        return number

    def secret(self, key: str) -> pulumi.Output[str] | None:
        """Reads a string that is kept secret wherever it goes; None when unset."""
        return self._config.get_secret(key)

    def texts(self, key: str, pattern: str, meaning: str, *, mandatory: bool = False) -> tuple[str, ...]:
        """Reads a list of strings, each of which must match a pattern as a whole; empty when unset.

        Args:
            key: Name of the key, without the namespace.
            pattern: Regular expression for each string.
            meaning: What each string is, for the message, for example "an e-mail address".
            mandatory: Whether there must be one at least.
        """
        items = self._list(key) or ()
        wrong = [item for item in items if not re.fullmatch(pattern, item)]
        for item in wrong:
            self.problem(key, f"{item!r} is not {meaning}")
        if mandatory and not items:
            self.problem(key, f"missing; list {meaning} at least")
        return tuple(item for item in items if item not in wrong)

    def boolean(self, key: str, default: bool) -> bool:
        """Reads `true` or `false`."""
        value = self._config.get(key)
        if value is None:
            return default
        if value.lower() not in {"true", "false"}:
            self.problem(key, f"{value!r} is not valid; valid are true, false")
            return default
        return value.lower() == "true"

    def choice(self, key: str, default: EnumT) -> EnumT:
        """Reads one value of the enumeration that the default belongs to."""
        value = self._config.get(key)
        if value is None:
            return default
        kind = type(default)
        valid = [str(member.value) for member in kind]
        if value not in valid:
            self.problem(key, f"{value!r} is not valid; valid are {', '.join(valid)}{_hint(value, valid)}")
            return default
        return kind(value)

    def names(self, key: str, default: tuple[str, ...], valid: Collection[str]) -> tuple[str, ...]:
        """Reads a list of strings, each of which must be one of `valid`."""
        items = self._list(key)
        if items is None:
            return default
        wrong = [item for item in items if item not in valid]
        for item in wrong:
            self.problem(key, f"{item!r} is not known{_hint(item, valid)}; valid are {', '.join(sorted(valid))}")
        return default if wrong else items

    def _list(self, key: str) -> tuple[str, ...] | None:
        """Reads a list of strings; None when unset, or no such list."""
        value = self._config.get(key)
        if value is None:
            return None
        try:
            items = json.loads(value)
        except json.JSONDecodeError:
            items = None
        if not isinstance(items, list) or not all(isinstance(item, str) for item in items):
            self.problem(key, f"{value!r} is not a list of names")
            return None
        return tuple(items)


def _hint(value: str, valid: Collection[str]) -> str:
    near = get_close_matches(value, valid, n=1)
    return f" (did you mean {near[0]}?)" if near else ""
