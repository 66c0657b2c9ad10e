"""DNS records with a routing policy, and the regional front ends that they give as answers."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Final

from policypack.gcp.types import DNS_RECORD_SET, FORWARDING_RULE

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from policypack.model.graph import Graph
    from policypack.rules.contract import Reader, Resource

POLICY: Final = "routingPolicy"
PLAIN: Final = "rrdatas"
_LISTS: Final = ("routingPolicy.geos", "routingPolicy.wrrs")
_PRIMARY: Final = "routingPolicy.primaryBackup"


def records_by_front_end(graph: Graph, path: str = POLICY) -> Mapping[str, list[Resource]]:
    """Give for each regional forwarding rule of the stack, by URN, the records that point at its address.

    Args:
        graph: The stack.
        path: The property with the answers of a record: the routing policy, or the plain list.
    """
    names: dict[str, set[str]] = defaultdict(set)
    for one in graph.of_type(FORWARDING_RULE):
        literal = None if one.blank else one.peek("ipAddress")
        addresses = (address.urn for address in graph.references(one, "ipAddress").resources().certain)
        for name in (one.urn, *addresses, *((literal,) if isinstance(literal, str) else ())):
            names[name].add(one.urn)
    found: dict[str, list[Resource]] = defaultdict(list)
    for record in graph.of_type(DNS_RECORD_SET) if names else ():
        if record.blank or record.peek(path) is None:
            continue
        said = {*record.property_dependencies.get(path, ()), *_texts(record.peek(path))}
        for urn in sorted({urn for name in said & names.keys() for urn in names[name]}):
            found[urn].append(record)
    return found


def joins(record: Resource) -> bool:
    """Tell whether a record has answers for several regions, and clients may get one of another region than theirs.

    Raises:
        Undecided: That is not known.
    """
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
