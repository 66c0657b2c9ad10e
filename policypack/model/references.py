"""References: how the cloud names things, and what a property refers to as far as that is known."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol, TypeAlias, TypeVar

from policypack.model.logic import INFERRED, Bounds, Undecided, note_inference
from policypack.model.records import cached_property, dataclass, field, replace
from policypack.model.resource import KNOWN_AFTER_DEPLOYMENT, Resource, why_unknown
from policypack.model.values import steps

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

T = TypeVar("T")


@dataclass(frozen=True)
class Address:
    """How the cloud names a thing, as far as it is known; None stands for "any".

    Attributes:
        collection: The kind of thing, as it stands in URLs: `backendServices`.
        name: Its name there.
        location: `global`, a region or a zone.
        project: Project id.
    """

    collection: str
    name: str
    location: str | None = None
    project: str | None = None

    def fits(self, other: Address) -> bool:
        """Tell whether two addresses can mean the same thing."""
        return (
            (self.collection, self.name) == (other.collection, other.name)
            and (self.location is None or other.location is None or self.location == other.location)
            and (self.project is None or other.project is None or self.project == other.project)
        )


@dataclass(frozen=True)
class External:
    """Something outside the stack that a property refers to.

    Attributes:
        text: What the program wrote, or the URN of what it read.
        type: Its type token, where the text or the URN tells; else None.
        address: Its name in the cloud, where the text tells.
    """

    text: str
    type: str | None = None
    address: Address | None = None


Target: TypeAlias = "Resource | External"


class Catalogue(Protocol):
    """What the graph must be told about a cloud to resolve references; it never changes, and can be a key."""

    def __hash__(self) -> int:
        """Tell it from others."""

    def fitting(self, type_token: str, path: str) -> frozenset[str]:
        """Give the types a reference property can point at; empty if the property is no reference."""

    def references(self, type_token: str) -> Sequence[str]:
        """List the reference properties of a type, as patterns: `backends[].group`."""

    def repeats(self, type_token: str, path: str) -> bool:
        """Tell whether several places of a reference property may well name the same thing."""

    def addresses(self, resource: Resource) -> Iterable[Address]:
        """Give every address by which a resource can be referred to, as far as they are known."""

    def parse(self, text: str, type_token: str, path: str, resource: Resource) -> Address | External | None:
        """Read a reference: an address, something that is never of the stack, or None if the API cannot take it."""

    def type_at(self, address: Address) -> str | None:
        """Give the type that things at an address have; None if that cannot be told."""


@dataclass(frozen=True)
class Slot:
    """One place where a reference stands.

    Attributes:
        path: The place, with indexes: `backends[1].group`.
        target: What it refers to; None if that is unknown, or if it dangles.
        text: The text that stands there, if it is known.
        dangling: True if the API cannot take the text as a reference.
        problem: For a value of a wrong type, what is wrong with it.
    """

    path: str
    target: Target | None = None
    text: str | None = None
    dangling: bool = False
    problem: str | None = None

    @property
    def unknown(self) -> bool:
        """True if it is not known what the slot refers to."""
        return self.target is None and not self.dangling


_REASONS_SHARED = 8
"""How many reasons behind candidates are kept for each of many slots that may be any of them."""


@dataclass(frozen=True)
class References:
    """What one property of one resource refers to, as far as it is known.

    Attributes:
        owner: The resource.
        path: The property, as a pattern: `backends[].group`.
        slots: Every place of the property where a reference stands.
        candidates: Resources that the unknown slots may refer to: those that the property was made from, that fit,
            and that no known slot names.
        externals: Things outside the stack that the property was made from.
        repeatable: Where a property may name the same thing twice, and was made from nothing that does not fit: what
            known slots name, and unknown slots may name again. None where that does not hold.
        whole: True if a list on the way is unknown, so that there may be more slots than these.
        problem: Why the whole is not known, as a clause.
        alike: For one unknown slot among several: what was worked out for all of them; see `shared`.
    """

    owner: Resource
    path: str
    slots: tuple[Slot, ...] = ()
    candidates: tuple[Resource, ...] = ()
    externals: tuple[External, ...] = ()
    repeatable: tuple[Resource, ...] | None = None
    whole: bool = False
    problem: str = KNOWN_AFTER_DEPLOYMENT
    alike: dict[str, Bounds[Any]] | None = field(default=None, repr=False, compare=False)

    @property
    def empty(self) -> bool:
        """True if nothing is referred to, for sure."""
        return not self.slots and not self.whole

    @cached_property
    def known(self) -> tuple[Target, ...]:
        """What known slots refer to."""
        return tuple(slot.target for slot in self.slots if slot.target is not None)

    @cached_property
    def dangling(self) -> tuple[Slot, ...]:
        """Slots whose text no API can take as a reference."""
        return tuple(slot for slot in self.slots if slot.dangling)

    @cached_property
    def unknown(self) -> int:
        """How many slots are not known."""
        return len([slot for slot in self.slots if slot.unknown])

    @cached_property
    def unresolved(self) -> tuple[Undecided, ...]:
        """What would have to be known."""
        lists = (Undecided(self.owner.urn, self.path.split("[")[0], self.problem),) if self.whole else ()
        return lists + tuple(
            Undecided(self.owner.urn, slot.path, slot.problem or why_unknown(self.owner.properties, steps(slot.path)))
            for slot in self.slots
            if slot.unknown
        )

    @cached_property
    def all_inferred(self) -> bool:
        """True if there is a slot for every candidate: then each of them is referred to."""
        return not self.whole and 0 < len(self.candidates) + len(self.externals) <= self.unknown

    @cached_property
    def open(self) -> bool:
        """True if anything may be behind an unknown slot."""
        if self.whole or (self.unknown and self.externals):
            return True
        return self.unknown > len(self.candidates) and not self._repeated

    @property
    def _repeated(self) -> bool:
        """True if unknown slots beyond the candidates name something twice, rather than something of no name."""
        return bool(self.repeatable is not None and (*self.repeatable, *self.candidates))

    def targets(self) -> Bounds[Target]:
        """Give the set of what is referred to."""
        return self._targets

    @cached_property
    def _targets(self) -> Bounds[Target]:
        only = self._only
        if only is None:
            return self.shared("targets", Bounds.exactly)
        whole = frozenset((only,))
        return Bounds(whole, whole, at_most=1, known=frozenset() if self.unknown else whole)

    def resources(self) -> Bounds[Resource]:
        """Give the set of resources of the stack that are referred to; what is outside leaves it open."""
        return self._resources

    @cached_property
    def _resources(self) -> Bounds[Resource]:
        # Mostly, nothing outside the stack is named: the targets are the resources then.
        if not any(isinstance(target, External) for target in self.known):
            targets: Bounds[Any] = self._targets
            return targets
        return self.shared(
            "resources",
            lambda target: Bounds.exactly(target) if isinstance(target, Resource) else self._outside(target),
        )

    def _outside(self, target: External) -> Bounds[Resource]:
        return Bounds.anything(
            Undecided(self.owner.urn, self.path, f"it refers to something outside this stack ({target.text})")
        )

    def bounds(self, fact: Callable[[Target], Bounds[T]]) -> Bounds[T]:
        """Give the set of what is true of any target: each target's own set, united.

        With k unknown slots and C candidates: if k ≥ |C|, every candidate is in; if k < |C|, only what all of them
        have in common is sure, and k of them at most count. The set is open if there are more unknown slots than
        candidates (unless slots may name one thing twice, and nothing else is there to name), if nothing is known of
        the list, or if something outside the stack is among the candidates.
        """
        if not self.slots and not self.whole:
            return Bounds()
        only = self._only
        if only is not None:
            return self._bounds_of_only(fact(only))
        known = [fact(target) for target in self.known]
        certain = frozenset[T]().union(*(part.certain for part in known))
        possible = frozenset[T]().union(*(part.possible for part in known))
        sure = frozenset[T]().union(*(part.known for part in known))
        is_open = self.open or any(part.open for part in known)
        most = sum(part.at_most or 0 for part in known)
        unresolved = [why for part in known for why in part.unresolved]
        if (self.unknown or self.whole) and self.candidates:
            guesses = [fact(candidate) for candidate in self.candidates]
            if self.all_inferred:
                certain |= frozenset[T]().union(*(part.certain for part in guesses))
            elif not self.externals and not self.whole:
                certain |= frozenset.intersection(*(part.certain for part in guesses))
            possible |= frozenset[T]().union(*(part.possible for part in guesses))
            is_open = is_open or any(part.open for part in guesses)
            most += sum(sorted((part.at_most or 0 for part in guesses), reverse=True)[: self.unknown])
            unresolved += [why for part in guesses for why in part.unresolved]
        if self.repeatable and self.unknown > len(self.candidates):
            again = [fact(target) for target in self.repeatable]
            possible |= frozenset[T]().union(*(part.possible for part in again))
            is_open = is_open or any(part.open for part in again)
            most += sum(part.at_most or 0 for part in again)
        if is_open or certain != possible:
            # Where every slot has its candidate, what is not known lies further on, and is the better reason.
            settled = self.all_inferred and not self.open
            unresolved = [*unresolved, *self.unresolved] if settled else [*self.unresolved, *unresolved]
        return Bounds(
            certain=certain,
            possible=possible,
            open=is_open,
            at_most=None if is_open else min(most, len(possible)),
            known=sure,
            unresolved=tuple({why.key: why for why in unresolved}.values()),
        )

    @cached_property
    def _only(self) -> Target | None:
        """The one thing that one slot names, or must name, since the property was made from nothing else.

        Most properties are so, and their bounds need no sets to be united.
        """
        if self.whole or len(self.slots) != 1 or self.externals:
            return None
        if not self.unknown:
            return self.slots[0].target
        return self.candidates[0] if len(self.candidates) == 1 else None

    def _bounds_of_only(self, part: Bounds[T]) -> Bounds[T]:
        """Give what `bounds` gives where one thing is all there is: its own set, known as well as the slot is."""
        if not self.unknown and part.at_most is not None and part.at_most <= len(part.possible):
            return part
        unresolved = part.unresolved
        if not part.exact and self.unknown:
            unresolved = (*unresolved, *self.unresolved)
        if len(unresolved) > 1:
            unresolved = tuple({why.key: why for why in unresolved}.values())
        most = None if part.open else min(part.at_most or 0, len(part.possible))
        known = frozenset[T]() if self.unknown else part.known
        return Bounds(part.certain, part.possible, part.open, most, known, unresolved)

    def of(self, slot: Slot) -> References:
        """Give the references of one slot alone: what it may refer to."""
        if not slot.unknown:
            return References(self.owner, slot.path, (slot,))
        candidates, externals, alike = self._alone
        return References(self.owner, slot.path, (slot,), candidates, externals, problem=self.problem, alike=alike)

    @cached_property
    def _alone(self) -> tuple[tuple[Resource, ...], tuple[External, ...], dict[str, Bounds[Any]] | None]:
        """What any unknown slot may refer to, and where to keep what such slots have in common."""
        candidates, externals = self.candidates, self.externals
        if self.unknown > len(candidates) and self._repeated:
            candidates = (*candidates, *(self.repeatable or ()))
        elif self.unknown > len(candidates) and not externals:
            # More slots than candidates: this one may hold a thing that nothing is known of.
            externals = (External("something that this stack does not name"),)
        return candidates, externals, {} if self.unknown > 1 and len(candidates) > 1 else None

    def shared(self, name: str, fact: Callable[[Target], Bounds[T]]) -> Bounds[T]:
        """Give `bounds(fact)`, worked out once for all unknown slots of a property: each may be any of the candidates.

        Args:
            name: Names the fact.
            fact: The set of what is true of a target.
        """
        if self.alike is None:
            return self.bounds(fact)
        found = self.alike.get(name)
        if found is None:
            found = self.bounds(fact)
            self.alike[name] = replace(found, unresolved=found.unresolved[: 1 + _REASONS_SHARED])
        # The first reason is the slot itself; the others lie behind the candidates, and are the same for all slots.
        return replace(found, unresolved=(*self.unresolved, *found.unresolved[1:])) if found.unresolved else found

    def agree(self, question: Callable[[Target], bool]) -> bool:
        """Answer a question that every possible target must answer alike.

        Raises:
            Undecided: The targets differ, one could not answer, or anything may be behind the property.
        """
        targets: list[Target] = [*self.known, *(self.candidates if self.unknown else ())]
        answers = {question(target) for target in targets}
        if self.open or len(answers) != 1:
            raise (
                self.unresolved[0] if self.unresolved else Undecided(self.owner.urn, self.path, KNOWN_AFTER_DEPLOYMENT)
            )
        if self.unknown:
            note_inference(INFERRED)
        return answers.pop()
