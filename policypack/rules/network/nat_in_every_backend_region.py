"""Regions whose machines have no way out to the internet, beside regions whose machines have one."""

from __future__ import annotations

import functools
from collections import defaultdict
from typing import TYPE_CHECKING, Final

from policypack.gcp import types as t
from policypack.gcp.locations import region_of
from policypack.rules.contract import Findings, NotApplicable, Severity, Undecided, all_of, any_of, rule
from policypack.topology.identity import names, overlap
from policypack.topology.populated import PopulatedNetwork

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from policypack.rules.contract import Element, Resource
    from policypack.topology.compute import Machine

_LISTED: Final = "LIST_OF_SUBNETWORKS"
_OF_MACHINES: Final = frozenset({"ALL_IP_RANGES", "PRIMARY_IP_RANGE"})
_EVERYWHERE: Final = frozenset({"0.0.0.0/0", "0.0.0.0/1", "128.0.0.0/1"})


@rule(
    severity=Severity.MEDIUM,
    subjects=(PopulatedNetwork,),
    follows=(t.ROUTE, t.ROUTER, t.ROUTER_NAT, *t.BACKEND_SERVICES),
    fix="Add a Router and a RouterNat to the network in every region where such machines run.",
    controls={"NIST 800-53 r5": ["CP-7", "CP-10"], "ISO 27001:2022": ["A.8.14"]},
)
def nat_in_every_backend_region(network: PopulatedNetwork) -> Findings:
    """Where machines of one region go out through Cloud NAT, their siblings in other regions do too."""
    nats = [nat for nat in network.plane.graph.of_type(t.ROUTER_NAT) if nat.text("type") != "PRIVATE"]
    if not nats:
        raise NotApplicable("this stack makes no Cloud NAT")
    served: list[Machine] = []
    unserved: dict[str, list[Machine]] = defaultdict(list)
    for machine in network.machines:
        try:
            if _has_own_address(machine) or _is_misplaced(network, machine):
                continue
            if any_of(nats, functools.partial(_serves, network, machine)):
                served.append(machine)
            else:
                unserved[_region(machine.group)].append(machine)
        except Undecided as why:
            yield why
    another = _another_way_out(network)
    for region, machines in sorted(unserved.items()):
        alike, unsure = _alike(network, machines, served)
        if not alike:
            yield from unsure
        elif another is not None:
            yield another
        else:
            yield network.resource.finding(
                "",
                expected=f"Cloud NAT in {region}, as in {', '.join(sorted({_region(one.group) for one in served}))}",
                found=f"machines of {_groups(alike)} have neither public addresses nor NAT; their siblings of "
                f"{_groups(served)} go out through NAT",
            )
    # Machines that may be in the network may be siblings, too.
    yield from network.unknown


def _alike(
    network: PopulatedNetwork, machines: Iterable[Machine], served: Iterable[Machine]
) -> tuple[list[Machine], list[Undecided]]:
    """Give the machines that have siblings among those that are served, and what would have to be known of others."""
    alike, unsure = [], []
    for one in machines:
        try:
            if any_of(served, functools.partial(_siblings, network, one)):
                alike.append(one)
        except Undecided as why:
            unsure.append(why)
    return alike, unsure


def _serves(network: PopulatedNetwork, machine: Machine, nat: Resource) -> bool:
    """Tell whether a Cloud NAT is for a machine: in its region and network, and for its subnet."""
    questions: tuple[Callable[[], bool], ...] = (
        lambda: _region(nat) == _region(machine.group),
        lambda: _stands_in(network, nat),
        lambda: nat.text("sourceSubnetworkIpRangesToNat") != _LISTED or _lists(network, machine, nat),
    )
    return all_of(questions, lambda question: question())


def _stands_in(network: PopulatedNetwork, nat: Resource) -> bool:
    graph = network.plane.graph
    routers = graph.references(nat, "router").resources()
    if not routers.exact:
        raise routers.why()
    return any_of(
        sorted(routers.certain, key=lambda one: one.urn),
        lambda router: names(graph.references(router, "network").targets(), network.resource),
    )


def _lists(network: PopulatedNetwork, machine: Machine, nat: Resource) -> bool:
    graph = network.plane.graph
    if not any_of(nat.elements("subnetworks"), _takes_machines):
        return False
    listed = graph.references(nat, "subnetworks[].name").targets()
    return overlap(listed, graph.references(machine.resource, "networkInterfaces[].subnetwork").targets())


def _takes_machines(listed: Element) -> bool:
    """Tell whether a subnet that a NAT lists is there with the addresses of machines, and not only those of pods."""
    ranges = listed.texts("sourceIpRangesToNats")
    return not ranges or not _OF_MACHINES.isdisjoint(ranges)


def _has_own_address(machine: Machine) -> bool:
    described = machine.resource
    if not described.is_set("networkInterfaces"):
        return False
    return any(
        interface.is_set("accessConfigs")
        or interface.is_set("ipv6AccessConfigs")
        or interface.text("stackType") == "IPV6_ONLY"
        for interface in described.elements("networkInterfaces")
    )


def _another_way_out(network: PopulatedNetwork) -> Undecided | None:
    """Give a route by which everything may leave the network, to an appliance or a VPN, if the stack makes one."""
    graph = network.plane.graph
    for route in graph.of_type(t.ROUTE):
        whole = route.peek("destRange")
        if route.is_set("nextHopGateway") or (isinstance(whole, str) and whole not in _EVERYWHERE):
            continue
        networks = graph.references(route, "network").targets()
        if networks.open or network.resource in networks.possible:
            return Undecided(route.urn, "destRange", "whether machines get out where it leads is not known here")
    return None


def _is_misplaced(network: PopulatedNetwork, machine: Machine) -> bool:
    """Tell whether its subnet lies in another region: then there is no machine, and another rule says so."""
    subnets = network.plane.graph.references(machine.resource, "networkInterfaces[].subnetwork").resources()
    return any(_region(subnet) != _region(machine.group) for subnet in subnets.certain)


def _siblings(network: PopulatedNetwork, one: Machine, other: Machine) -> bool:
    """Tell whether machines do the same work, for all that the program says.

    Raises:
        Undecided: They may.
    """
    graph = network.plane.graph

    def serve_together(service: Resource) -> bool:
        return {one.group, other.group} <= graph.references(service, "backends[].group").resources().certain

    questions: tuple[Callable[[], bool], ...] = (
        lambda: bool(one.accounts.certain & other.accounts.certain),
        lambda: any(serve_together(service) for service in graph.of_type(*t.BACKEND_SERVICES)),
        lambda: _same_tags(one, other),
    )
    return any_of(questions, lambda question: question())


def _same_tags(one: Machine, other: Machine) -> bool:
    for machine in (one, other):
        if machine.tags.unknown is not None:
            raise machine.tags.unknown
    return bool(one.tags.known) and one.tags.known == other.tags.known


def _region(resource: Resource) -> str:
    region = region_of(resource)
    if not isinstance(region, str):
        raise Undecided(resource.urn, "region", "its region is not given here, nor by its provider")
    return region


def _groups(machines: Iterable[Machine]) -> str:
    return ", ".join(sorted({machine.group.name for machine in machines}))
