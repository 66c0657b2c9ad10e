"""Patterns of paths: `*` and `?` within a name, `[…]`, and `**` for any number of folders."""

from __future__ import annotations

import fnmatch
import functools
import re
from typing import TYPE_CHECKING, Final

from policypack.sources.stores.layout import enters

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_MAGIC: Final = re.compile(r"[*?\[]")
_ANY_DEPTH: Final = "**"


def is_pattern(text: str) -> bool:
    """Tell whether a text has letters that stand for others."""
    return _MAGIC.search(text) is not None


class Pattern:
    """A pattern below a folder. It means the same for files of this machine and for objects of a store.

    Names that begin with a dot must be asked for by a part that does so, too.
    """

    def __init__(self, parts: Sequence[str]) -> None:
        """Take the parts between slashes, `**` being one of its own."""
        self._parts = tuple(parts)
        self._tests = tuple(None if part == _ANY_DEPTH else _test(part) for part in parts)

    @property
    def names_endings(self) -> bool:
        """True if it says how the names of files end."""
        return not self._parts[-1].endswith("*")

    def ends(self, path: Sequence[str]) -> list[int]:
        """Tell after how many parts of a path it can be at its end: after all of them where it fits the file itself."""
        reached = ((count, self._at(path[:count])) for count in range(1, len(path) + 1))
        return [count for count, at in reached if len(self._tests) in at]

    def leads_below(self, path: Sequence[str]) -> bool:
        """Tell whether it can fit something below a folder, or has fitted the folder or one above."""
        return any(number < len(self._tests) for number in self._at(path)) or bool(self.ends(path))

    def _at(self, path: Sequence[str]) -> set[int]:
        """Give the parts of the pattern that may be the next after a path."""
        at = self._skipping({0})
        for name in path:
            at = self._skipping({after for number in at for after in self._after(number, name)})
        return at

    def _skipping(self, at: set[int]) -> set[int]:
        """Add what comes after each `**`, which may stand for no folder at all."""
        found = set(at)
        for number in sorted(at):
            after = number
            while after < len(self._tests) and self._tests[after] is None:
                after += 1
                found.add(after)
        return found

    def _after(self, number: int, name: str) -> Iterator[int]:
        if number == len(self._tests):
            return
        test = self._tests[number]
        if test is None:
            if enters((name,)) and not name.startswith("."):
                yield number
        elif test.match(name) and (self._parts[number].startswith(".") or not name.startswith(".")):
            yield number + 1


@functools.lru_cache(maxsize=64)
def _test(part: str) -> re.Pattern[str]:
    return re.compile(fnmatch.translate(part))


def split(parts: Sequence[str]) -> tuple[list[str], Pattern | None]:
    """Take a path apart into the folder that it names without doubt, and the pattern below it, if there is one."""
    for number, part in enumerate(parts):
        if is_pattern(part):
            return list(parts[:number]), Pattern(parts[number:])
    return list(parts), None
