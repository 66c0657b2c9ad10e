"""The endpoints of zonal network endpoint groups, as far as the stack holds them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypeAlias

from policypack.gcp import types as t
from policypack.model.logic import Undecided
from policypack.model.records import dataclass
from policypack.model.resource import Element, Resource

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from policypack.model.graph import Graph, References

Endpoint: TypeAlias = "Resource | Element"
"""Where an endpoint is written: a resource of its own, or an element of a list of endpoints."""

_GROUP: Final = "networkEndpointGroup"
_LIST: Final = "networkEndpoints"


@dataclass(frozen=True)
class Endpoints:
    """The endpoints of one group.

    Attributes:
        places: Where each of them is written.
        instances: The machines that they are on, as each resource refers to them.
        unknown: What would have to be known, where there may be others.
    """

    places: tuple[Endpoint, ...] = ()
    instances: tuple[References, ...] = ()
    unknown: tuple[Undecided, ...] = ()


def endpoints_of(graph: Graph, group: Resource) -> Endpoints:
    """Find the endpoints of a zonal group.

    A group without any in the stack is filled by something else, a controller in a cluster say.
    """
    owners = sorted(set(_owners(graph, group)), key=lambda owner: owner.urn)
    places: list[Endpoint] = []
    instances: list[References] = []
    unknown: list[Undecided] = []
    for owner in owners:
        groups = graph.references(owner, _GROUP).resources()
        if group not in groups.certain:
            unknown.append(groups.why())
            continue
        if owner.type == t.NETWORK_ENDPOINT:
            places.append(owner)
            instances.append(graph.references(owner, "instance"))
            continue
        try:
            places += owner.elements(_LIST)
        except Undecided as whole:
            unknown.append(whole)
        else:
            instances.append(graph.references(owner, f"{_LIST}[].instance"))
    return Endpoints(tuple(places), tuple(instances), tuple(unknown))


def ports_of(endpoints: Iterable[Endpoint], default: int | None, group: Resource) -> tuple[int | Undecided, ...]:
    """Tell which ports endpoints listen on.

    Args:
        endpoints: The endpoints.
        default: The default port of their group.
        group: The group, for the reason where an endpoint names no port and the group neither.
    """
    found: dict[int | Undecided, None] = {}
    for endpoint in endpoints:
        try:
            number = endpoint.number("port")
        except Undecided as unknown:
            found[unknown] = None
            continue
        port = int(number) if number is not None else default
        found[port if port is not None else Undecided(group.urn, "defaultPort", "it is missing")] = None
    return tuple(found)


def _owners(graph: Graph, group: Resource) -> Iterator[Resource]:
    for owner, path in graph.referrers(group):
        if path == _GROUP and owner.type in (t.NETWORK_ENDPOINT, t.NETWORK_ENDPOINT_LIST):
            yield owner
