"""Probes must get through the firewall, or every backend counts as down."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from policypack.gcp import types as t
from policypack.gcp.probes import AUTOHEALING, ProbeSource, probe_source
from policypack.model.graph import External
from policypack.model.logic import Bounds
from policypack.model.records import dataclass, replace
from policypack.rules.contract import Findings, NotApplicable, Resource, Severity, Undecided, rule
from policypack.rules.firewall._groups import groups_of
from policypack.topology.compute import Machine, members_of
from policypack.topology.kinds import BackendKind
from policypack.topology.network import Admission, NetworkPlane, network_plane
from policypack.topology.probing import Port, probed_over_ipv6, probed_ports
from policypack.topology.services import BackendService

if TYPE_CHECKING:
    from policypack.model.graph import Target

_PROBED: Final = frozenset({BackendKind.INSTANCE_GROUP, BackendKind.ZONAL_NEG, BackendKind.PASSTHROUGH_NEG})


@dataclass(frozen=True)
class _Probe:
    """Probes of one kind to one port of machines that are all alike."""

    machine: Machine
    source: ProbeSource
    port: Port
    ipv6: bool
    admission: Admission

    @property
    def fault(self) -> tuple[str, str, str]:
        """What is shut out: network, sources and port, in words."""
        network = next(iter(self.machine.network.certain))
        name = network.text if isinstance(network, External) else network.name
        port = f"TCP port {self.port}" if isinstance(self.port, int) else "the TCP port that is probed"
        purpose = " for autohealing" if self.source is AUTOHEALING else ""
        return name, str(self.admission.missing), f"{port}{purpose}"


@rule(
    severity=Severity.CRITICAL,
    subjects=(BackendService,),
    follows=(*t.FIREWALLING, *t.MACHINES, *t.HEALTH_CHECKS, *t.LEGACY_HEALTH_CHECKS, t.ADDRESS),
    fix="Add an ingress rule to the network of the instances that allows Google's probe ranges to the port of the "
    "health check, aimed at the instances' service account or tag, and before any rule that denies them.",
    aliases=("health-check-firewall-ipv6", "health-check-firewall-not-shadowed"),
)
def health_check_firewall_open(service: BackendService) -> Findings:
    """Firewalls let health check probes reach the instances behind every backend service."""
    checks = _checks(service)
    groups = groups_of(service, _PROBED)
    plane = network_plane(service.plane.graph)
    shut_out: dict[tuple[str, str, str], set[str]] = defaultdict(set)
    unknown: list[Undecided] = list(service.groups.unresolved) if service.groups.open else []
    expected: dict[str, None] = {}
    for group, sure in groups.items():
        members = members_of(plane.graph, group)
        unknown += members.unknown
        for machine in members.machines:
            for probe in _probes(service, checks, machine, plane):
                if probe.admission.missing and sure:
                    shut_out[probe.fault].add(group.name)
                    expected[str(probe.source.ranges(ipv6=probe.ipv6))] = None
                elif probe.admission.missing:
                    unknown += service.groups.unresolved
                elif probe.admission.why is not None:
                    unknown.append(probe.admission.why)
    if shut_out:
        yield service.resource.finding(
            "healthChecks",
            expected=f"probes from all of {' and of '.join(expected)} get through to the instances",
            found="; ".join(_said(fault, names) for fault, names in sorted(shut_out.items())),
        )
    yield from {why.key: why for why in unknown}.values()


def _said(fault: tuple[str, str, str], groups: set[str]) -> str:
    network, ranges, port = fault
    return f"network {network} shuts out probes from {ranges} to {port} of {', '.join(sorted(groups))}"


def _checks(service: BackendService) -> Bounds[Target]:
    references = service.health_checks
    if references.empty:
        raise NotApplicable("it has no health check")
    if references.dangling:
        raise NotApplicable("what it names is no health check")
    return references.targets()


def _probes(service: BackendService, checks: Bounds[Target], machine: Machine, plane: NetworkPlane) -> Iterator[_Probe]:
    """Give every probe that reaches out for a machine: the load balancer's, and those of autohealing."""
    source = probe_source(service.scheme(), is_global=service.is_global)
    ports = _ports(checks, machine.group, service.resource, service)
    versions = probed_over_ipv6(service)
    reached = _on_its_interface(machine, service, plane)
    for port in ports:
        for ipv6 in versions:
            admission = plane.admission(reached, source.ranges(ipv6=ipv6), port)
            yield _Probe(reached, source, port, ipv6, admission)
    if machine.group.type not in t.INSTANCE_GROUP_MANAGERS:
        return
    healing = plane.graph.references(machine.group, "autoHealingPolicies.healthCheck")
    if healing.empty or healing.dangling:
        return
    for port in _ports(healing.targets(), machine.group, machine.group, None):
        if port in ports and source.ranges() == AUTOHEALING.ranges():
            continue
        ipv6 = False not in versions
        yield _Probe(machine, AUTOHEALING, port, ipv6, plane.admission(machine, AUTOHEALING.ranges(ipv6=ipv6), port))


def _on_its_interface(machine: Machine, service: BackendService, plane: NetworkPlane) -> Machine:
    """Give a machine as a load balancer reaches it: on the first interface, or on that in the network it names."""
    named = plane.graph.references(service.resource, "network") if service.passthrough() else None
    return machine if named is None or named.empty or named.dangling else replace(machine, network=named.targets())


def _ports(
    checks: Bounds[Target], group: Resource, owner: Resource, service: BackendService | None
) -> tuple[Port, ...]:
    if not checks.exact or not checks.certain:
        return (checks.why(),)
    return tuple(port for check in checks.certain for port in probed_ports(check, group, owner, service))
