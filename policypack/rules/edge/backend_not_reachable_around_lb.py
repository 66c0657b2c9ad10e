"""Machines behind a load balancer that the internet reaches without it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Final

from policypack.gcp import types as t
from policypack.gcp.netranges import NOWHERE, PUBLIC_IPV4, PUBLIC_IPV6, RangeSet, parse_range, whole_internet
from policypack.gcp.probes import EXTERNAL_PASSTHROUGH, PROXY
from policypack.model.logic import all_hold
from policypack.model.records import dataclass
from policypack.model.resource import KNOWN_AFTER_DEPLOYMENT
from policypack.model.values import Unknown
from policypack.rules.contract import Finding, Findings, NotApplicable, Param, Resource, Severity, Undecided, rule
from policypack.rules.firewall._public import ALL_PORTS
from policypack.rules.firewall._way_in import WayIn
from policypack.rules.firewall.firewall_no_public_port import PORTS
from policypack.topology.compute import Members, members_of
from policypack.topology.exposure import reached
from policypack.topology.firewall import Action
from policypack.topology.kinds import BackendKind, backend_kind_of
from policypack.topology.probing import serving_ports

if TYPE_CHECKING:
    from policypack.topology.compute import Machine
    from policypack.topology.load_balancing import BackendService
    from policypack.topology.probing import Port

_NONE: Final[list[str]] = []
_IAP: Final = "35.235.240.0/20"
_PROXIES_V6: Final = "2600:2d00:1:1::/64"
"""Where requests of global load balancers come from, besides the ranges of probes."""
_GOOGLE: Final = RangeSet.of(
    *PROXY.ipv4, *PROXY.ipv6, *EXTERNAL_PASSTHROUGH.ipv4, *EXTERNAL_PASSTHROUGH.ipv6, _IAP, _PROXIES_V6
)
_NAMED: Final = 4
"""How many ranges a finding names."""
_IPV4: Final = RangeSet.of("0.0.0.0/0")
_IPV6: Final = RangeSet.of("::/0")
_BEHIND_FIREWALLS: Final = frozenset({BackendKind.INSTANCE_GROUP, BackendKind.ZONAL_NEG})
_GROUPS: Final = (*t.INSTANCE_GROUPS, t.NETWORK_ENDPOINT_GROUP)
_GRAVE: Final = tuple(row.rule for row in PORTS if row.severity in {Severity.CRITICAL, Severity.HIGH})
"""Services whose openings stop a deployment. An advice on plain HTTP must not hide that machines answer strangers."""


@dataclass(frozen=True, eq=False)
class _Target:
    """Machines that are all alike, and a port that a load balancer sends requests to.

    Attributes:
        service: The backend service.
        machine: The machines.
        port: The port.
        doubt: Why they may be no backend of it; None if they are.
    """

    service: BackendService
    machine: Machine
    port: Port
    doubt: Undecided | None


@rule(
    severity=Severity.CRITICAL,
    subjects=(WayIn,),
    controls={"NIST 800-53 r5": ["SC-7"], "ISO 27001:2022": ["A.8.20"], "PCI DSS 4.0": ["1.4.2"]},
    fix="Let in the load balancer's probes and proxies alone, and give the machines no addresses of their own: leave "
    "access_configs out, and reach the internet through Cloud NAT.",
    yields_to=(ALL_PORTS, *_GRAVE),
    follows=t.HEALTH_CHECKS,
)
def backend_not_reachable_around_lb(
    way: WayIn,
    *,
    callers: Annotated[list[str], Param("Public ranges that may reach backends past the load balancer.")] = _NONE,
) -> Findings:
    """Machines behind a load balancer answer the internet through the load balancer only."""
    strangers = _strangers(way, callers)
    doubts: list[Undecided] = []
    for target in _targets(way):
        try:
            admitted = _admitted(way, target, strangers)
            meant = bool(admitted) and way.is_for_clients(target.machine)
        except Undecided as why:
            doubts.append(why)
            continue
        if admitted and not meant and target.doubt is None:
            yield _finding(way, target, admitted)
            return
        if admitted and not meant and target.doubt is not None:
            doubts.append(target.doubt)
    doubts += _untold(way)
    yield from {why.key: why for why in doubts}.values()


def _strangers(way: WayIn, callers: list[str]) -> RangeSet:
    """Give the addresses on the internet that a firewall rule lets in, as far as they are known.

    Raises:
        NotApplicable: It lets in nobody from the internet but Google's load balancers.
        Undecided: Whether it lets anybody in is not known.
    """
    firewall = way.entry.firewall
    lets_in = all_hold(
        firewall.enabled, firewall.ingress, lambda: firewall.action() is Action.ALLOW, firewall.guards_machines
    )
    if not lets_in:
        raise NotApplicable("it lets nothing in to machines")
    sources = firewall.internet_sources()
    meant = RangeSet.of(*(text for text in callers if parse_range(text) is not None))
    strangers = (sources.known & (PUBLIC_IPV4 | PUBLIC_IPV6)) - _GOOGLE - meant
    if not strangers and not sources.unknown:
        raise NotApplicable("it lets in nobody from the internet but Google's load balancers")
    return strangers


def _targets(way: WayIn) -> Iterator[_Target]:
    """Give the machines of this stack that a load balancer with a proxy sends requests to, and at which ports."""
    for service in way.deployment.load_balancing.services:
        unsure: Undecided | None = None
        try:
            if not _has_clients(service):
                continue
        except Undecided as why:
            unsure = why
        groups = service.groups.resources()
        anywhere = way.deployment.graph.of_type(*_GROUPS) if service.groups.open else ()
        for group in sorted({*groups.possible, *anywhere}, key=lambda one: one.urn):
            doubt = unsure if group in groups.certain else groups.why()
            if _is_behind_firewalls(group):
                for machine in members_of(way.deployment.graph, group).machines:
                    for port in serving_ports(group, service):
                        yield _Target(service, machine, port, doubt)


def _untold(way: WayIn) -> Iterator[Undecided]:
    """Tell what would have to be known of groups behind load balancers of whose machines nothing is known at all."""
    for service in way.deployment.load_balancing.services:
        for group in sorted(service.groups.resources().certain, key=lambda one: one.urn):
            members = members_of(way.deployment.graph, group) if _is_behind_firewalls(group) else Members()
            if not members.machines:
                yield from members.unknown


def _has_clients(service: BackendService) -> bool:
    """Tell whether a front end with a proxy leads to a service."""
    return all_hold(
        lambda: not service.passthrough(),
        lambda: service.scheme() != "INTERNAL_SELF_MANAGED",
        lambda: reached(service),
    )


def _is_behind_firewalls(group: Resource) -> bool:
    try:
        return backend_kind_of(group) in _BEHIND_FIREWALLS
    except Undecided:
        return False


def _admitted(way: WayIn, target: _Target, strangers: RangeSet) -> RangeSet:
    """Give the strangers that reach a machine, and do so by this firewall rule.

    Raises:
        Undecided: Some may.
    """
    plane, firewall = way.deployment.network, way.entry.firewall
    mine = all_hold(lambda: firewall.reaches("tcp", target.port), lambda: plane.applies(firewall, target.machine))
    if not mine:
        return NOWHERE
    unknown = firewall.internet_sources().unknown
    addressed = _addressed(target.machine)
    if not addressed:
        return NOWHERE
    if unknown:
        raise unknown[0]
    admission = plane.admission(target.machine, strangers & addressed, target.port)
    admitted = (strangers & addressed) - admission.missing - admission.unsure
    if not admitted and admission.why is not None:
        raise admission.why
    return admitted


def _addressed(machine: Machine) -> RangeSet:
    """Give all addresses of the protocols by which the internet can reach a machine at an address of its own.

    Raises:
        Undecided: It may have one.
    """
    if machine.resource is machine.group:
        raise Undecided(machine.group.urn, "", "which addresses its machines have is not known")
    found = NOWHERE
    for name, every in (("accessConfigs", _IPV4), ("ipv6AccessConfigs", _IPV6)):
        path = f"networkInterfaces[0].{name}"
        value = machine.resource.peek(path)
        if isinstance(value, Unknown) and machine.resource.is_set(path):
            raise Undecided(machine.resource.urn, path, KNOWN_AFTER_DEPLOYMENT)
        if value is not None and not isinstance(value, Unknown):
            found |= every
    return found


def _finding(way: WayIn, target: _Target, admitted: RangeSet) -> Finding:
    firewall = way.entry.firewall
    port = f"TCP port {target.port}" if isinstance(target.port, int) else "the serving port"
    who = _who(admitted, firewall.internet_sources().known)
    return firewall.place.finding(
        firewall.sources_path,
        expected="the load balancer's probes and proxies, and nobody from the internet",
        found=f"{who} reaches {port} of {target.machine.group.name} at addresses of its own, past the front ends "
        f"of {target.service.resource.name}",
    )


def _who(admitted: RangeSet, written: RangeSet) -> str:
    """Name who gets in, in few words: the ranges, or what is public of those that the rule gives."""
    if whole_internet(written):
        return "the whole internet"
    ranges, of = admitted.networks(), ""
    if len(ranges) > _NAMED:
        ranges, of = written.networks(), "what is public of "
    more = f" and {len(ranges) - _NAMED} more" if len(ranges) > _NAMED else ""
    return f"{of}{', '.join(map(str, ranges[:_NAMED]))}{more}"
