"""Keeps the memory of a process that judges one stack after the other from growing, at little cost."""

from __future__ import annotations

import gc
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from types import TracebackType

    from typing_extensions import Self

_OBJECTS_BETWEEN_COLLECTIONS: Final = 200_000
"""How many new objects Python waits for before it looks for garbage; of one stack there is next to none."""


class Tidy:
    """Looks for garbage after each stack, and only there: a stack refers to itself all over.

    What was there before the first stack, the pack and its rules above all, stays: it is not looked at again.
    """

    def __init__(self) -> None:
        """Remember what holds now."""
        self._before = gc.get_threshold()
        self._frozen = False

    def __enter__(self) -> Self:
        gc.set_threshold(_OBJECTS_BETWEEN_COLLECTIONS)
        return self

    def after_one(self) -> None:
        """Collect what one stack has left behind, which nobody may refer to any more."""
        gc.collect()
        if not self._frozen:  # only the first stack has loaded everything
            gc.freeze()
            self._frozen = True

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, frames: TracebackType | None
    ) -> None:
        if self._frozen:
            gc.unfreeze()
        gc.set_threshold(*self._before)
