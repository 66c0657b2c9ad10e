"""Which keys of Cloud KMS encrypt what, and where both lie."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from policypack.gcp import types as t
from policypack.gcp.keys import KEY_PLACES, Fit, KeyPlace
from policypack.gcp.locations import GLOBAL, location_of, region_of
from policypack.model.graph import External
from policypack.model.logic import Undecided
from policypack.model.records import dataclass, field
from policypack.model.resource import KNOWN_AFTER_DEPLOYMENT, Resource
from policypack.topology.serving import outside

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from policypack.model.graph import Graph, References, Target
    from policypack.topology.deployment import Deployment


@dataclass(eq=False)
class KeyUse:
    """One place where something that stores data names the key it is encrypted with.

    Attributes:
        resource: What is encrypted.
        path: The property that names the key.
        key: The key.
        place: How the service compares locations.
        graph: The stack.
    """

    types: ClassVar[tuple[str, ...]] = tuple(KEY_PLACES)
    follows: ClassVar[tuple[str, ...]] = (t.CRYPTO_KEY, t.KEY_RING, *t.INSTANCE_GROUP_MANAGERS)

    resource: Resource
    path: str
    key: References
    place: KeyPlace
    graph: Graph = field(repr=False)

    @classmethod
    def subjects(cls, deployment: Deployment) -> Sequence[KeyUse]:
        """Give every place where a key is named, by URN and path."""
        graph = deployment.graph
        return [
            use
            for one in graph.of_type(*KEY_PLACES)
            for place in KEY_PLACES[one.type]
            for use in _uses(graph, one, place)
        ]

    def key_location(self, key: Target) -> str:
        """Give the location of a key, in lower case: that of its ring.

        Raises:
            Undecided: It is not known.
        """
        if isinstance(key, External):
            location = key.address.location if key.address is not None else None
            if location is None:
                raise outside(self.resource, self.path, key)
            return location.lower()
        ring = self.graph.references(key, "keyRing")
        places = {self._ring_location(target) for target in (*ring.known, *ring.candidates)}
        if ring.open or len(places) != 1:
            raise ring.unresolved[0] if ring.unresolved else Undecided(key.urn, "keyRing", KNOWN_AFTER_DEPLOYMENT)
        return places.pop()

    def _ring_location(self, ring: Target) -> str:
        if isinstance(ring, External):
            location = ring.address.location if ring.address is not None else None
            if location is None:
                raise outside(self.resource, self.path, ring)
            return location.lower()
        location = location_of(ring)
        if location is None:
            raise Undecided(ring.urn, "location", KNOWN_AFTER_DEPLOYMENT)
        return location.lower()

    def data_locations(self) -> Iterator[tuple[str, str]]:
        """Give each location of what is encrypted, in lower case, and who lies there: "" for the resource itself.

        A global instance template lies where its groups do.

        Raises:
            Undecided: One is not known.
        """
        if self.place.fit is Fit.GLOBAL:
            yield GLOBAL, ""
        elif self.resource.type == t.INSTANCE_TEMPLATE:
            yield from self._group_locations()
        elif self.place.location:
            path = self._location_path()
            location = self.resource.text(path)
            if location is not None:
                yield location.lower(), ""
        else:
            yield _region(self.resource), ""

    def _location_path(self) -> str:
        """Give the property that says where the data is: for an element of a list, in the same element."""
        before, bracket, _ = self.place.location.partition("[]")
        if not bracket:
            return before
        # Where the whole list is unknown, so are the places in it.
        return (
            self.place.location.replace("[]", self.path[len(before) :].split(".")[0], 1) if "[" in self.path else before
        )

    def _group_locations(self) -> Iterator[tuple[str, str]]:
        """Give what is known first: a doubt about one group hides no other."""
        doubts: list[Undecided] = []
        for owner in self.graph.of_type(*t.INSTANCE_GROUP_MANAGERS):
            references = self.graph.references(owner, "versions[].instanceTemplate")
            templates = references.resources()
            if self.resource in templates.certain:
                try:
                    yield _region(owner), owner.name
                except Undecided as why:
                    doubts.append(why)
            elif self.resource in templates.possible or (references.open and not references.externals):
                doubts.append(templates.why())
        if doubts:
            raise doubts[0]


def _region(resource: Resource) -> str:
    region = region_of(resource)
    if not isinstance(region, str):
        raise Undecided(resource.urn, "region", "its region is not given here, nor by its provider")
    return region


def _uses(graph: Graph, resource: Resource, place: KeyPlace) -> Iterator[KeyUse]:
    references = graph.references(resource, place.path)
    for slot in references.slots:
        if not slot.dangling:
            yield KeyUse(resource, slot.path, references.of(slot), place, graph)
    if references.whole:
        yield KeyUse(resource, references.path.split("[")[0], references, place, graph)
