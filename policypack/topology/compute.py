"""The machines behind a group: what firewalls look at in them. Network, tags, service account."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from policypack.gcp import types as t
from policypack.gcp.locations import region_of
from policypack.model.graph import Address, External
from policypack.model.logic import Bounds, Undecided, note_inference
from policypack.model.records import dataclass, replace
from policypack.model.resource import KNOWN_AFTER_DEPLOYMENT, PROPERTIES_MISSING, Resource
from policypack.model.values import Unknown, Value, is_list, reveal, steps
from policypack.topology.endpoints import endpoints_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from policypack.model.graph import Graph, References, Target

TAG_VALUE: Final = "gcp:tags/tagValue:TagValue"

DEFAULT_NETWORK: Final = "default"
"""The network of a machine that names neither network nor subnetwork."""

_FIRST: Final = "networkInterfaces[0]"
"""Load balancers and their probes reach a machine on its first interface."""


@dataclass(frozen=True)
class Names:
    """A set of names that is known in part.

    Attributes:
        known: Names that are in it for sure.
        unknown: Set if there may be others: what would have to be known.
    """

    known: frozenset[str] = frozenset()
    unknown: Undecided | None = None


@dataclass(frozen=True, eq=False)
class Machine:
    """Machines that are all alike: those of one template in one group, one instance, the endpoints of one group.

    Attributes:
        resource: What describes them: a template, an instance, or the group itself where nothing else is known.
        group: The group they are in.
        region: Where they run.
        network: The network of their first interface: exactly one.
        tags: Network tags.
        secure_tags: Values of resource manager tags (or the URNs of those that will be).
        accounts: The service account they run as: one or none.
    """

    resource: Resource
    group: Resource
    region: str | None | Unknown
    network: Bounds[Target]
    tags: Names
    secure_tags: Names
    accounts: Bounds[Target]


@dataclass(frozen=True)
class Members:
    """The machines of a group.

    Attributes:
        machines: Those that are described in the stack.
        unknown: What would have to be known of the rest; empty if there is no rest.
    """

    machines: tuple[Machine, ...] = ()
    unknown: tuple[Undecided, ...] = ()


def members_of(graph: Graph, group: Resource) -> Members:
    """Find the machines behind an instance group of any kind, a zonal network endpoint group, or what came before them.

    The latter are target pools and target instances, which forwarding rules name directly.

    Args:
        graph: The stack.
        group: A resource of one of those types.
    """
    return graph.once(_members_of, group)


def _members_of(graph: Graph, group: Resource) -> Members:
    if group.type == t.NETWORK_ENDPOINT_GROUP:
        return _on_endpoints(graph, group)
    if group.type == t.TARGET_POOL:
        return _in_pool(graph, group)
    if group.type == t.TARGET_INSTANCE:
        return _described(graph, group, graph.references(group, "instance"))
    if group.type == t.INSTANCE_GROUP:
        if not group.blank and not group.is_set("instances"):
            return Members((_undescribed(graph, group, "it does not name its members", "instances"),))
        return _described(graph, group, graph.references(group, "instances[]"))
    return _described(graph, group, graph.references(group, "versions[].instanceTemplate"))


def machine_of(graph: Graph, instance: Resource) -> Machine:
    """Give an instance as a machine, in whichever group it is."""
    return _machine(graph, instance, instance)


def _on_endpoints(graph: Graph, group: Resource) -> Members:
    endpoints = endpoints_of(graph, group)
    if not endpoints.places:
        reason = "its endpoints are not of this stack"
        return Members((_undescribed(graph, group, reason),), endpoints.unknown)
    found = [_described(graph, group, references) for references in endpoints.instances]
    # A machine may have several interfaces: its endpoints are addresses in the network of the group.
    network = network_at(graph, group)
    alike = {machine.resource.urn: replace(machine, network=network) for each in found for machine in each.machines}
    unknown = (*endpoints.unknown, *(why for each in found for why in each.unknown))
    return Members(tuple(alike.values()), tuple({why.key: why for why in unknown}.values()))


def _in_pool(graph: Graph, pool: Resource) -> Members:
    instances = graph.references(pool, "instances[]")
    managers = sorted(
        {owner for owner, path in graph.referrers(pool) if path == "targetPools[]"},
        key=lambda owner: owner.urn,
    )
    found = [members_of(graph, manager) for manager in managers]
    if not instances.empty:
        found.append(_described(graph, pool, instances))
    return Members(
        tuple(machine for each in found for machine in each.machines),
        tuple(why for each in found for why in each.unknown),
    )


def _described(graph: Graph, group: Resource, references: References) -> Members:
    found = references.resources()
    unknown = [] if found.exact else list(found.unresolved)
    unknown += [
        Undecided(group.urn, slot.path, f"{slot.text!r} is no reference the API takes") for slot in references.dangling
    ]
    if references.empty:
        unknown.append(Undecided(group.urn, references.path.split("[")[0], "it is missing"))
    if found.certain - found.known:
        note_inference("unknown references were matched with the resources they were made from")
    described = sorted(found.certain, key=lambda resource: resource.urn)
    return Members(tuple(_machine(graph, group, resource) for resource in described), tuple(unknown))


def _machine(graph: Graph, group: Resource, resource: Resource) -> Machine:
    return Machine(
        resource=resource,
        group=group,
        region=region_of(group),
        network=_network(graph, resource),
        tags=names_at(resource, "tags"),
        secure_tags=_secure_tags(resource),
        accounts=_account(graph, resource),
    )


def _undescribed(graph: Graph, group: Resource, reason: str, path: str = "") -> Machine:
    unknown = Undecided(group.urn, path, reason)
    return Machine(
        resource=group,
        group=group,
        region=region_of(group),
        network=network_at(graph, group),
        tags=Names(unknown=unknown),
        secure_tags=Names(unknown=unknown),
        accounts=Bounds.anything(unknown),
    )


def _network(graph: Graph, resource: Resource) -> Bounds[Target]:
    interfaces = resource.peek("networkInterfaces")
    if resource.blank:
        return Bounds.anything(Undecided(resource.urn, "networkInterfaces", PROPERTIES_MISSING))
    if isinstance(interfaces, Unknown):
        return Bounds.anything(Undecided(resource.urn, "networkInterfaces", KNOWN_AFTER_DEPLOYMENT))
    if interfaces is None:
        return Bounds.anything(Undecided(resource.urn, "networkInterfaces", "it has no network interface"))
    return network_at(graph, resource, f"{_FIRST}.")


def network_at(graph: Graph, resource: Resource, prefix: str = "") -> Bounds[Target]:
    """Give the network that is named below a place, itself or by one of its subnetworks."""
    pattern = prefix.replace("[0]", "[]")
    network = _at(graph.references(resource, f"{pattern}network"), f"{prefix}network")
    subnetwork = _at(graph.references(resource, f"{pattern}subnetwork"), f"{prefix}subnetwork")
    found = [] if network is None else [network.targets()]
    if subnetwork is not None:
        found.append(subnetwork.bounds(lambda target: _network_of_subnetwork(graph, resource, target)))
    if found:
        # Where the program names only the subnetwork, the provider fills in the network, and says so only later.
        return next((bounds for bounds in found if bounds.exact), found[0])
    if not prefix:
        return Bounds.anything(Undecided(resource.urn, "network", "it is missing"))
    address = Address("networks", DEFAULT_NETWORK, "global")
    managed = graph.find(address, frozenset({t.NETWORK}))
    return Bounds.exactly(managed or External(DEFAULT_NETWORK, t.NETWORK, address))


def _network_of_subnetwork(graph: Graph, resource: Resource, subnetwork: Target) -> Bounds[Target]:
    if isinstance(subnetwork, Resource):
        return graph.references(subnetwork, "network").targets()
    reason = f"the network of its subnetwork is outside this stack ({subnetwork.text})"
    return Bounds.anything(Undecided(resource.urn, _FIRST, reason))


def _at(references: References, path: str) -> References | None:
    """Give what stands at one exact place of a property; None if nothing does."""
    if references.whole:
        return references
    slot = next((slot for slot in references.slots if slot.path == path), None)
    return None if slot is None else references.of(slot)


def _account(graph: Graph, resource: Resource) -> Bounds[Target]:
    block = resource.peek("serviceAccount")
    if block is None:
        return Bounds.exactly()
    references = graph.references(resource, "serviceAccount.email")
    if references.empty:
        reason = "it is left out, so the project's default account is used, whose address is not known here"
        return Bounds.anything(Undecided(resource.urn, "serviceAccount.email", reason))
    return references.targets()


def names_at(resource: Resource, path: str, item: str = "") -> Names:
    """Read a list of names.

    Args:
        resource: The resource.
        path: The list.
        item: Where the name stands in an element: "" if the element is the name.
    """
    try:
        elements = resource.elements(path)
    except Undecided as whole:
        return Names(unknown=whole)
    values = [element.peek(item) for element in elements]
    return _names(resource, path, values)


def _secure_tags(resource: Resource) -> Names:
    path = "params.resourceManagerTags" if resource.type == t.INSTANCE else "resourceManagerTags"
    value = resource.peek(path)
    if value is None:
        return Names()
    if not isinstance(value, Mapping):
        return Names(unknown=Undecided(resource.urn, path, KNOWN_AFTER_DEPLOYMENT))
    return _names(resource, path, [reveal(each) for each in value.values()])


def _names(resource: Resource, path: str, values: Iterable[Value]) -> Names:
    values = list(values)
    known = frozenset(str(value) for value in values if isinstance(value, (str, int)))
    missing = sum(isinstance(value, (Unknown, Mapping)) or is_list(value) for value in values)
    if not missing:
        return Names(known)
    made_from = resource.property_dependencies.get(str(steps(path)[0]), ())
    tag_values = frozenset(urn for urn in made_from if TAG_VALUE in urn)
    if len(tag_values) == missing:
        note_inference("unknown tag values were matched with the resources they were made from")
        return Names(known | tag_values)
    return Names(known, Undecided(resource.urn, path, KNOWN_AFTER_DEPLOYMENT))
