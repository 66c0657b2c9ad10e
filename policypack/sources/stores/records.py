"""What is found where states are kept."""

from __future__ import annotations

from typing import TYPE_CHECKING

from policypack.model.records import dataclass, field

if TYPE_CHECKING:
    from collections.abc import Mapping

    from policypack.sources.errors import InputError

Options = tuple[tuple[str, object], ...]


@dataclass(frozen=True)
class Store:
    """An object store, as plain data: every process opens it for itself.

    Attributes:
        scheme: How its URLs begin, as the user wrote it.
        protocol: What fsspec calls it.
        options: What its driver is told beside its usual settings.
    """

    scheme: str
    protocol: str
    options: Options = ()


@dataclass(frozen=True)
class StateFile:
    """One file that may hold a state.

    Attributes:
        name: What to call it: a path as the user would write it, or a URL.
        location: Path of the file, or of the object in its store.
        store: The store; None for a file of this machine.
        size: Bytes, as far as they are known; 0 where nobody said.
        named: True if the user named this very file: it must then be a state.
        tags: Path of the file with the tags of the stack, in the same store; "" if there is none.
    """

    name: str
    location: str
    store: Store | None = None
    size: int = 0
    named: bool = True
    tags: str = ""


@dataclass(frozen=True)
class Entry:
    """A file below a place.

    Attributes:
        parts: Its path below the place.
        size: Bytes.
        changed: When it was written last, in seconds; only files of one store are compared.
    """

    parts: tuple[str, ...]
    size: int = 0
    changed: float = 0.0


@dataclass(frozen=True)
class Listing:
    """What is in a place.

    Attributes:
        entries: Its files.
        passed_over: What was not looked at, by reason, to how many there are.
        trouble: What could not be looked into.
    """

    entries: tuple[Entry, ...] = ()
    passed_over: Mapping[str, int] = field(default_factory=dict)
    trouble: tuple[InputError, ...] = ()


@dataclass(frozen=True)
class Found:
    """Everything to judge.

    Attributes:
        files: Files, in the order of the places, and by name within each. Every file is there once.
        passed_over: What was not looked at, by reason, to how many there are.
        trouble: Places, and folders in them, that could not be looked into.
        many: True if a place is a folder or a pattern, so that nobody said beforehand how many files there are.
    """

    files: tuple[StateFile, ...]
    passed_over: Mapping[str, int] = field(default_factory=dict)
    trouble: tuple[InputError, ...] = ()
    many: bool = False
