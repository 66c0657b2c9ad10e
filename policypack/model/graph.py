"""All resources of a stack, and what refers to what."""

from __future__ import annotations

import functools
import operator
from collections import defaultdict
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar

from policypack.model.logic import note_inference, recording_inferences
from policypack.model.records import cached_property, dataclass, field, replace
from policypack.model.references import Address, Catalogue, External, References, Slot, Target
from policypack.model.resource import KNOWN_AFTER_DEPLOYMENT, PROPERTIES_MISSING, Resource
from policypack.model.values import Unknown, WrongType, expand, kind, lookup, reveal, secret_texts, steps

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from policypack.model.values import Step, Value

__all__ = ["Address", "Catalogue", "External", "Graph", "References", "Slot", "Target", "urn_name", "urn_type"]

T = TypeVar("T")

_PathGroup: TypeAlias = "tuple[frozenset[str], tuple[str, ...]]"
"""The types that some reference properties of a type can name, and the properties."""


@dataclass(frozen=True, eq=False)
class _Plan:
    """What some reference properties of a type are, whichever resource has them.

    Attributes:
        paths: The properties, each with the top-level property that it stands in.
        fitting: The types that one of them can name.
        repeats: Whether each of them may name the same thing twice.
    """

    paths: tuple[tuple[str, str], ...]
    fitting: frozenset[str]
    repeats: bool


# What these two give depends on the types alone, and every stack has the same ones.


@functools.lru_cache(maxsize=4096)
def _groups(catalogue: Catalogue, type_token: str) -> Sequence[_PathGroup]:
    groups: dict[tuple[Step, frozenset[str]], list[str]] = defaultdict(list)
    for path in catalogue.references(type_token):
        groups[steps(path)[0], catalogue.fitting(type_token, path)].append(path)
    return tuple((key[1], tuple(paths)) for key, paths in groups.items())


@functools.lru_cache(maxsize=4096)
def _plan(catalogue: Catalogue, type_token: str, paths: tuple[str, ...]) -> _Plan:
    fitting = frozenset[str]().union(*(catalogue.fitting(type_token, path) for path in paths))
    repeats = all(catalogue.repeats(type_token, path) for path in paths)
    return _Plan(tuple((path, str(steps(path)[0])) for path in paths), fitting, repeats)


STACK_REFERENCE = "pulumi:pulumi:StackReference"


@dataclass(eq=False)
class Graph:
    """All resources of one stack.

    Attributes:
        resources: Everything the program registered or read, sorted by URN.
        catalogue: What is known of the cloud.
        project: Name of the Pulumi project.
        stack: Name of the stack.
    """

    resources: tuple[Resource, ...]
    catalogue: Catalogue
    project: str = ""
    stack: str = ""
    _of_types: dict[tuple[str, ...], tuple[Resource, ...]] = field(default_factory=dict, repr=False)
    _references: dict[Resource, dict[tuple[str, ...], References]] = field(default_factory=dict, repr=False)
    _all_references: dict[Resource, tuple[References, ...]] = field(default_factory=dict, repr=False)
    _referrers: dict[str, Mapping[Resource, tuple[tuple[Resource, str], ...]]] = field(default_factory=dict, repr=False)
    _once: dict[tuple[object, ...], tuple[Any, tuple[str, ...]]] = field(default_factory=dict, repr=False)

    def __post_init__(self) -> None:
        """Sort, so that no answer depends on the order of arrival."""
        self.resources = tuple(sorted(self.resources, key=_urn))

    @cached_property
    def by_urn(self) -> Mapping[str, Resource]:
        """Every resource by its URN."""
        return {resource.urn: resource for resource in self.resources}

    @cached_property
    def _with_external(self) -> Mapping[str, list[Resource]]:
        index: dict[str, list[Resource]] = defaultdict(list)
        for resource in self.resources:
            index[resource.type].append(resource)
        return index

    @cached_property
    def _by_type(self) -> Mapping[str, tuple[Resource, ...]]:
        managed = ((token, [one for one in all_ if not one.external]) for token, all_ in self._with_external.items())
        return {token: tuple(found) for token, found in managed if found}

    def of_type(self, *tokens: str) -> tuple[Resource, ...]:
        """Give the managed resources of these types, sorted by URN."""
        if len(tokens) == 1:
            return self._by_type.get(tokens[0], ())
        found = self._of_types.get(tokens)
        if found is None:
            several = [resource for token in tokens for resource in self._by_type.get(token, ())]
            found = self._of_types[tokens] = tuple(sorted(several, key=_urn))
        return found

    @property
    def types(self) -> frozenset[str]:
        """The types that the managed resources have."""
        return frozenset(self._by_type)

    @cached_property
    def secrets(self) -> frozenset[str]:
        """Every text inside secrets of the stack; no report may show one."""
        # A stack has few providers and many resources: each provider is read once.
        providers = {id(resource.provider): resource.provider.inputs for resource in self.resources}
        of_resources = (values for one in self.resources for values in (one.inputs, one.outputs))
        return frozenset(secret_texts(*providers.values(), *of_resources))

    @cached_property
    def _by_address(self) -> Mapping[tuple[str, str], list[tuple[Address, Resource]]]:
        index: dict[tuple[str, str], list[tuple[Address, Resource]]] = defaultdict(list)
        for resource in self.resources:
            for address in self.catalogue.addresses(resource):
                index[address.collection, address.name].append((address, resource))
        return index

    def once(self, work: Callable[..., T], *asked: Any) -> T:
        """Give what a function of this graph gives, and work it out once for whoever asks the same again.

        Args:
            work: The function. It takes the graph first.
            asked: What else it takes; only values that can be keys.

        Raises:
            Undecided: It has no answer; that is not kept.
        """
        key = (work, *asked)
        kept = self._once.get(key)
        if kept is None:
            with recording_inferences() as notes:
                found = work(self, *asked)
            kept = self._once[key] = (found, tuple(notes))
        for note in kept[1]:
            note_inference(note)
        answer: T = kept[0]
        return answer

    def references(self, owner: Resource, *paths: str) -> References:
        """Resolve a reference property.

        What a value was made from is kept per top-level property only. Patterns below the same one can be given
        together, so that their unknown places are counted together.

        Args:
            owner: The resource that has the property.
            paths: The property, as a pattern of the catalogue: `urlMap`, `backends[].group`.
        """
        of_owner = self._references.get(owner)
        if of_owner is None:
            of_owner = self._references[owner] = {}
        found = of_owner.get(paths)
        if found is None:
            found = of_owner[paths] = self._resolve(owner, paths)
        return found

    def references_of(self, owner: Resource, to: frozenset[str] | None = None) -> tuple[References, ...]:
        """Resolve everything a resource refers to.

        All places below one top-level property that can hold the same kinds of things give one answer, since what
        they were made from is known for all of them together.

        Args:
            owner: The resource.
            to: Leave out properties that can name nothing of these types; None for all properties.
        """
        groups = _groups(self.catalogue, owner.type)
        if to is None:
            found = self._all_references.get(owner)
            if found is None:
                found = tuple([self.references(owner, *paths) for _, paths in groups])
                self._all_references[owner] = found
            return found
        return tuple(self.references(owner, *paths) for fitting, paths in groups if not fitting.isdisjoint(to))

    def _resolve(self, owner: Resource, paths: tuple[str, ...]) -> References:
        first = paths[0]
        if owner.blank:
            return References(owner, first, whole=True, problem=PROPERTIES_MISSING)
        plan = _plan(self.catalogue, owner.type, paths)
        present = [path for path, top in plan.paths if not _absent(owner, top)]
        if not present:
            return References(owner, first)
        if len(present) < len(paths):
            plan = _plan(self.catalogue, owner.type, tuple(present))
        slots: list[Slot] = []
        whole, problem = False, KNOWN_AFTER_DEPLOYMENT
        for path in present:
            value = owner.properties.get(path)
            if isinstance(value, (str, Unknown)):  # a property of its own: there is no pattern to follow
                slots.append(self._slot(owner, path, path, value))
                continue
            try:
                places, complete = expand(owner.properties, path)
            except WrongType as wrong:
                whole, problem = True, f"there is {wrong}"
                continue
            whole = whole or not complete
            slots += [self._slot(owner, path, *place) for place in places if not _computed(owner, *place)]
        if not whole and not any(slot.unknown for slot in slots):
            return References(owner, first, tuple(slots))
        claimed = {slot.target.urn: slot.target for slot in slots if isinstance(slot.target, Resource)}
        made_from = self._made_from(owner, first)
        candidates = self._candidates(made_from, plan.fitting, claimed)
        externals = self._externals(made_from, plan.fitting)
        may_repeat = plan.repeats and self._only_fitting(made_from, plan.fitting)
        repeatable = tuple(claimed.values()) if may_repeat else None
        if not candidates and not externals and (strange := self._strangers(made_from)):
            slots = [replace(slot, problem=strange) if slot.unknown and not slot.problem else slot for slot in slots]
        return References(owner, first, tuple(slots), candidates, externals, repeatable, whole, problem)

    def _only_fitting(self, made_from: Iterable[str], fitting: frozenset[str]) -> bool:
        """Tell whether a property was made from nothing but what it can name, so that nothing else is in it."""
        found = map(self.by_urn.get, made_from)
        return all(one is not None and one.type in fitting and not one.external for one in found)

    def _slot(self, owner: Resource, path: str, where: str, value: Value) -> Slot:
        value = reveal(value)
        if isinstance(value, Unknown):
            return Slot(where)
        if not isinstance(value, str):
            return Slot(where, problem=f"it is {kind(value)} where a reference belongs")
        parsed = self.catalogue.parse(value, owner.type, path, owner)
        if parsed is None:
            return Slot(where, text=value, dangling=True)
        if isinstance(parsed, External):
            return Slot(where, target=parsed, text=value)
        found = self._matches(parsed, self.catalogue.fitting(owner.type, path))
        if len(found) > 1:
            return Slot(where, text=value, problem="its text fits several resources of this stack")
        return Slot(where, target=found[0] if found else self._foreign(parsed, value), text=value)

    def find(self, address: Address, types: frozenset[str] = frozenset()) -> Resource | None:
        """Find the managed resource that an address names; None if it names none of this stack, or several."""
        found = self._matches(address, types)
        return found[0] if len(found) == 1 else None

    def _matches(self, address: Address, types: frozenset[str]) -> list[Resource]:
        found = {
            resource.urn: resource
            for other, resource in self._by_address.get((address.collection, address.name), ())
            if other.fits(address) and not resource.external
        }
        return [resource for resource in found.values() if resource.type in types] or list(found.values())

    def _foreign(self, address: Address, text: str) -> External:
        read = [
            resource
            for other, resource in self._by_address.get((address.collection, address.name), ())
            if other.fits(address) and resource.external
        ]
        return External(text, read[0].type if read else self.catalogue.type_at(address), address)

    def _made_from(self, owner: Resource, path: str) -> tuple[str, ...]:
        """Give the URNs of what a property was made from, each once."""
        return tuple(dict.fromkeys(owner.property_dependencies.get(str(steps(path)[0]), ())))

    def _candidates(
        self, made_from: Iterable[str], fitting: frozenset[str], claimed: Mapping[str, Resource]
    ) -> tuple[Resource, ...]:
        unclaimed = (self.by_urn.get(urn) for urn in made_from if urn not in claimed)
        found = [one for one in unclaimed if one and one.type in fitting and not one.external]
        return tuple(sorted(found, key=_urn)) if len(found) > 1 else tuple(found)

    def _strangers(self, made_from: Iterable[str]) -> str:
        """Say that a property is made from resources none of which it can name; "" if it is made from nothing.

        That is mostly a mistake (a front end that targets a backend service), but not for sure: a program can build
        the id of one thing from the name of another.
        """
        found = [one for urn in made_from if (one := self.by_urn.get(urn))]
        names = ", ".join(f"{one.name} ({one.type.rsplit(':', 1)[-1]})" for one in found)
        return f"it is made from {names}, which is not what belongs here" if names else ""

    def _externals(self, made_from: Iterable[str], fitting: frozenset[str]) -> tuple[External, ...]:
        found = []
        for urn in made_from:
            resource = self.by_urn.get(urn)
            token = resource.type if resource else urn_type(urn)
            outside = token == STACK_REFERENCE or ((resource is None or resource.external) and token in fitting)
            # A component made in another process may return anything.
            remote = resource is not None and not resource.custom
            if outside or remote:
                found.append(External(urn, None if token == STACK_REFERENCE or remote else token))
        return tuple(found)

    def referrers(self, target: Resource) -> tuple[tuple[Resource, str], ...]:
        """Give the resources that refer to one, for sure or possibly, and by which property; sorted by URN.

        Properties that can name nothing of its type are not looked at.
        """
        index = self._referrers.get(target.type)
        if index is None:
            index = self._referrers[target.type] = self._referring_to(target.type)
        return index.get(target, ())

    def _referring_to(self, type_token: str) -> Mapping[Resource, tuple[tuple[Resource, str], ...]]:
        found: dict[Resource, list[tuple[Resource, str]]] = defaultdict(list)
        for token, owners in self._with_external.items():
            groups = [
                (paths, steps(paths[0])[0])
                for fitting, paths in _groups(self.catalogue, token)
                if type_token in fitting
            ]
            for owner in owners if groups else ():
                for paths, top in groups:
                    # What is not there refers to nothing; most reference properties of most resources are not there.
                    if top in owner.properties:
                        references = self.references(owner, *paths)
                        for target in references.targets().possible:
                            if isinstance(target, Resource):
                                found[target].append((owner, references.path))
        return {target: tuple(sorted(some, key=_owner_urn)) for target, some in found.items()}


def _owner_urn(referrer: tuple[Resource, str]) -> str:
    return referrer[0].urn


_urn = operator.attrgetter("urn")


def _absent(owner: Resource, name: str) -> bool:
    """Tell whether a top-level property was left out."""
    value = owner.properties.get(name)
    return value is None or _computed(owner, name, value)


def _computed(owner: Resource, where: str, value: Value) -> bool:
    """Tell whether a value is unknown only because the provider computes what the program left out."""
    # A known text is by far the commonest: no call for it.
    if type(value) is str or owner.inputs is None or owner.outputs is None or not isinstance(reveal(value), Unknown):
        return False
    try:
        return lookup(owner.inputs, steps(where)) is None
    except WrongType:
        return False


def urn_type(urn: str) -> str:
    """Read the type token out of a URN."""
    parts = urn.split("::")
    return parts[2].rsplit("$", 1)[-1] if len(parts) > 3 else ""


def urn_name(urn: str) -> str:
    """Read the name out of a URN."""
    return urn.split("::", 3)[-1]
