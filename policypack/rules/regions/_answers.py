"""DNS records with a routing policy, and the regional front ends that they give as answers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from policypack.gcp.types import FORWARDING_RULE
from policypack.model.values import Unknown

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from policypack.model.graph import Graph
    from policypack.rules.contract import Reader, Resource

POLICY: Final = "routingPolicy"
PLAIN: Final = "rrdatas"
_LISTS: Final = ("routingPolicy.geos", "routingPolicy.wrrs")
_PRIMARY: Final = "routingPolicy.primaryBackup"


def front_ends(graph: Graph, record: Resource, path: str = POLICY) -> Iterator[Resource]:
    """Give the regional forwarding rules of the stack at whose addresses a record points.

    Args:
        graph: The stack.
        record: The record.
        path: The property with its answers: the routing policy, or the plain list.
    """
    if record.blank or record.peek(path) is None:
        return
    made_from = set(record.property_dependencies.get(path, ()))
    texts = set(_texts(record.peek(path)))
    for one in graph.of_type(FORWARDING_RULE):
        addresses = {address.urn for address in graph.references(one, "ipAddress").resources().certain}
        if made_from & {one.urn, *addresses} or (not one.blank and one.peek("ipAddress") in texts):
            yield one


def joins(record: Resource) -> bool:
    """Tell whether a record has answers for several regions, and clients may get one of another region than theirs.

    Raises:
        Undecided: That is not known.
    """
    if isinstance(record.peek(POLICY), Unknown):
        record.text(POLICY)  # which says why it is not known
    if record.flag(f"{POLICY}.enableGeoFencing") is True:
        return False
    return record.is_set(_PRIMARY) or any(len(_elements(record, path)) > 1 for path in _LISTS)


def _elements(record: Resource, path: str) -> Sequence[Reader]:
    return record.elements(path) if record.is_set(path) else ()


def _texts(value: object) -> Iterator[str]:
    """Give every text inside a value."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for part in value.values():
            yield from _texts(part)
    elif isinstance(value, (list, tuple)):
        for part in value:
            yield from _texts(part)
