"""DNS records with a routing policy, and the regional front ends that they give as answers."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Final

from policypack.gcp.types import ADDRESS, DNS_RECORD_SET, FORWARDING_RULE
from policypack.model.resource import KNOWN_AFTER_DEPLOYMENT, PROPERTIES_MISSING
from policypack.model.values import Unknown
from policypack.rules.contract import Undecided

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from policypack.model.graph import Graph
    from policypack.rules.contract import Reader, Resource

POLICY: Final = "routingPolicy"
PLAIN: Final = "rrdatas"
_ANSWERS: Final = (ADDRESS, FORWARDING_RULE)
"""Types of what an answer is made from, where it is known only after deployment."""
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


def front_ends_in_doubt(graph: Graph) -> Mapping[str, Undecided]:
    """Say, for regional forwarding rules by URN, why a record with a routing policy may point at one unseen."""
    records = [one for one in graph.of_type(DNS_RECORD_SET) if one.blank or one.is_set(POLICY)]
    if not records:
        return {}
    anywhere = next(filter(None, (_may_point_anywhere(graph, record) for record in records)), None)
    found: dict[str, Undecided] = {}
    for front_end in graph.of_type(FORWARDING_RULE):
        address = graph.references(front_end, "ipAddress")
        own = address.unresolved[0] if address.unknown and not address.candidates else None
        if (why := anywhere or own) is not None:
            found[front_end.urn] = why
    return found


def _may_point_anywhere(graph: Graph, record: Resource) -> Undecided | None:
    """Say why the answers of a record cannot be told; None if they can, or if they keep clients in their region."""
    if record.blank:
        return Undecided(record.urn, POLICY, PROPERTIES_MISSING)
    if not _holds_unknown(record.peek(POLICY)) or record.peek(f"{POLICY}.enableGeoFencing") is True:
        return None
    made_from = (graph.by_urn.get(urn) for urn in record.property_dependencies.get(POLICY, ()))
    if any(one and one.type in _ANSWERS for one in made_from):
        return None
    return Undecided(record.urn, POLICY, KNOWN_AFTER_DEPLOYMENT)


def _holds_unknown(value: object) -> bool:
    if isinstance(value, dict):
        return any(map(_holds_unknown, value.values()))
    return any(map(_holds_unknown, value)) if isinstance(value, (list, tuple)) else isinstance(value, Unknown)


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
