"""Three-valued logic: yes, no, and undecided.

A rule asks questions in plain Python. A question that cannot be answered raises `Undecided`; the quantifiers here
look at every element before they do so, so that a certain answer is never lost to an unknown neighbour.
"""

from __future__ import annotations

import contextvars
from collections.abc import Callable, Iterable
from typing import Generic, TypeVar

from policypack.model.records import dataclass, field

T = TypeVar("T")
U = TypeVar("U")


class Undecided(Exception):
    """The question has no answer yet.

    Attributes:
        urn: The resource whose property decides.
        path: The property.
        reason: Why it is not known, as a clause: "its value is known only after deployment".
    """

    def __init__(self, urn: str, path: str, reason: str) -> None:
        super().__init__(urn, path, reason)
        self.urn = urn
        self.path = path
        self.reason = reason

    def __str__(self) -> str:
        return f"{self.urn}: {self.path}: {self.reason}"

    @property
    def key(self) -> tuple[str, str, str]:
        """What makes two of them the same."""
        return (self.urn, self.path, self.reason)


class NotApplicable(Exception):
    """The rule has nothing to say about this subject; the message says why, as a clause."""


INFERRED = "unknown references were matched with the resources they were made from"
"""What an answer rests on where a reference is not known itself."""

_inferences: contextvars.ContextVar[list[str] | None] = contextvars.ContextVar("inferences", default=None)


class Recording:
    """Notes what an answer rests on, from `with` to its end; written out, since it stands around every verdict."""

    __slots__ = ("_notes", "_token")

    def __enter__(self) -> list[str]:
        self._notes: list[str] = []
        self._token = _inferences.set(self._notes)
        return self._notes

    def __exit__(self, *error: object) -> None:
        _inferences.reset(self._token)


def recording_inferences() -> Recording:
    """Collect, while a rule runs, what its answer rests on besides known values."""
    return Recording()


def note_inference(what: str) -> None:
    """Say that an answer rests on matching unknown values with the resources they were made from."""
    notes = _inferences.get()
    if notes is not None and what not in notes:
        notes.append(what)


def any_of(items: Iterable[T], predicate: Callable[[T], bool]) -> bool:
    """Tell whether the predicate holds for one element at least: yes wins over undecided, undecided over no.

    Raises:
        Undecided: No element says yes, and one could not answer.
    """
    undecided: Undecided | None = None
    for item in items:
        try:
            if predicate(item):
                return True
        except Undecided as unknown:
            undecided = undecided or unknown
    if undecided is not None:
        raise undecided
    return False


def all_of(items: Iterable[T], predicate: Callable[[T], bool]) -> bool:
    """Tell whether the predicate holds for every element: no wins over undecided, undecided over yes.

    Raises:
        Undecided: No element says no, and one could not answer.
    """
    # Written out, not as the denial of `any_of`: rules ask this more often than anything else.
    undecided: Undecided | None = None
    for item in items:
        try:
            if not predicate(item):
                return False
        except Undecided as unknown:
            undecided = undecided or unknown
    if undecided is not None:
        raise undecided
    return True


def all_hold(*questions: Callable[[], bool]) -> bool:
    """Tell whether every question is answered with yes; all are asked, as by `all_of`.

    Raises:
        Undecided: None is answered with no, and one cannot be answered.
    """
    return all_of(questions, _ask)


def any_holds(*questions: Callable[[], bool]) -> bool:
    """Tell whether one question at least is answered with yes; all are asked, as by `any_of`.

    Raises:
        Undecided: None is answered with yes, and one cannot be answered.
    """
    return any_of(questions, _ask)


def _ask(question: Callable[[], bool]) -> bool:
    return question()


def at_least(count: int, items: Iterable[T], predicate: Callable[[T], bool]) -> bool:
    """Tell whether the predicate holds for `count` elements or more.

    Raises:
        Undecided: Those that could not answer would decide.
    """
    yes = 0
    undecided: list[Undecided] = []
    for item in items:
        try:
            yes += predicate(item)
        except Undecided as unknown:
            undecided.append(unknown)
    if yes >= count:
        return True
    if yes + len(undecided) >= count:
        raise undecided[0]
    return False


@dataclass(frozen=True)
class Bounds(Generic[T]):
    """A set that is known only in part.

    Attributes:
        certain: What is in the set for sure (inferred members included).
        possible: What may be in it: a superset of `certain`. More may be in it if `open`.
        open: Anything may be in the set.
        at_most: How many members it has at the most; None if `open`.
        known: The part of `certain` that rests on known values alone.
        unresolved: What would have to be known to close the gap between `certain` and `possible`.
    """

    certain: frozenset[T] = frozenset()
    possible: frozenset[T] = frozenset()
    open: bool = False
    at_most: int | None = 0
    known: frozenset[T] = frozenset()
    unresolved: tuple[Undecided, ...] = field(default=(), compare=False)

    @classmethod
    def exactly(cls, *members: T) -> Bounds[T]:
        """Make a set that is known whole."""
        whole = frozenset(members)
        return cls(whole, whole, at_most=len(whole), known=whole)

    @classmethod
    def anything(cls, why: Undecided) -> Bounds[T]:
        """Make a set of which nothing is known."""
        return cls(open=True, at_most=None, unresolved=(why,))

    @property
    def exact(self) -> bool:
        """True if nothing about the set is left open."""
        return not self.open and self.certain == self.possible

    def union(self, *others: Bounds[T]) -> Bounds[T]:
        """Give the set of what is in any of them."""
        return unite((self, *others))

    def map(self, change: Callable[[T], U]) -> Bounds[U]:
        """Give the set of what each member becomes."""
        possible = frozenset(map(change, self.possible))
        return Bounds(
            certain=frozenset(map(change, self.certain)),
            possible=possible,
            open=self.open,
            at_most=None if self.at_most is None else min(self.at_most, len(possible)),
            known=frozenset(map(change, self.known)),
            unresolved=self.unresolved,
        )

    def at_least(self, count: int) -> bool:
        """Tell whether the set has `count` members or more.

        Raises:
            Undecided: The certain members do not suffice, and the possible ones would.
        """
        if len(self.certain) >= count:
            if len(self.known) < count:
                note_inference(INFERRED)
            return True
        if self.at_most is not None and self.at_most < count:
            return False
        raise self.why()

    def why(self) -> Undecided:
        """Give the first thing that would have to be known."""
        return self.unresolved[0] if self.unresolved else Undecided("", "", "it cannot be known yet")


def unite(sets: Iterable[Bounds[T]]) -> Bounds[T]:
    """Give the union of sets, each known in part."""
    parts = list(sets)
    if len(parts) == 1:
        return parts[0]
    possible = frozenset[T]().union(*(part.possible for part in parts))
    is_open = any(part.open for part in parts)
    most = None if is_open else min(len(possible), sum(part.at_most or 0 for part in parts))
    return Bounds(
        certain=frozenset[T]().union(*(part.certain for part in parts)),
        possible=possible,
        open=is_open,
        at_most=most,
        known=frozenset[T]().union(*(part.known for part in parts)),
        unresolved=tuple({why.key: why for part in parts for why in part.unresolved}.values()),
    )
