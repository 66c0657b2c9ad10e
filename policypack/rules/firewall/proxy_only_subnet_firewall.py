"""Requests reach the machines from the proxy-only subnet, so the firewall must know it."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Final

from policypack.gcp import types as t
from policypack.gcp.netranges import RangeSet
from policypack.model.graph import External
from policypack.model.records import dataclass, field
from policypack.rules.contract import Findings, NotApplicable, Severity, Undecided, rule
from policypack.rules.firewall._groups import groups_of
from policypack.topology.compute import Machine, members_of
from policypack.topology.firewall_scope import only
from policypack.topology.kinds import BackendKind
from policypack.topology.network import NetworkPlane, network_plane
from policypack.topology.probing import Port, serving_ports
from policypack.topology.proxy_subnets import ProxyOnly, proxy_only
from policypack.topology.services import BackendService

if TYPE_CHECKING:
    from policypack.model.graph import Target
    from policypack.model.resource import Resource

_BEHIND_FIREWALLS: Final = frozenset({BackendKind.INSTANCE_GROUP, BackendKind.ZONAL_NEG})
_ANY_IPV4: Final = RangeSet.of("0.0.0.0/0")


@dataclass
class _Answer:
    """What was found out about one backend service.

    Attributes:
        shut_out: Network, sources and port in words, to the groups they are shut out of.
        subnets: The subnets that shut-out proxies are in.
        unknown: What would have to be known of the rest.
    """

    shut_out: dict[tuple[str, str, str], set[str]] = field(default_factory=lambda: defaultdict(set))
    subnets: dict[str, None] = field(default_factory=dict)
    unknown: list[Undecided] = field(default_factory=list)


@rule(
    severity=Severity.HIGH,
    subjects=(BackendService,),
    follows=(*t.FIREWALLING, *t.MACHINES),
    controls={"NIST 800-53 r5": ["SC-7"], "ISO 27001:2022": ["A.8.20"]},
    fix="Add an ingress rule to the network of the instances that allows the range of the proxy-only subnet to the "
    "serving port, aimed at the instances' service account or tag.",
)
def proxy_only_subnet_firewall(service: BackendService) -> Findings:
    """Firewalls let the proxies of Envoy-based load balancers reach the instances behind them."""
    if service.scheme() not in (
        {"INTERNAL_MANAGED"} if service.is_global else {"INTERNAL_MANAGED", "EXTERNAL_MANAGED"}
    ):
        raise NotApplicable("no proxies in a subnet of the network stand before it")
    groups = groups_of(service, _BEHIND_FIREWALLS)
    plane = network_plane(service.plane.graph)
    answer = _Answer(unknown=list(service.groups.unresolved) if service.groups.open else [])
    for group, sure in groups.items():
        members = members_of(plane.graph, group)
        answer.unknown += members.unknown
        for machine in members.machines:
            _ask(service, machine, plane, answer, () if sure else service.groups.unresolved)
    if answer.shut_out:
        yield service.resource.finding(
            "backends",
            expected=f"requests from {_words(answer)} get through to the instances",
            found="; ".join(_said(fault, names) for fault, names in sorted(answer.shut_out.items())),
        )
    yield from {why.key: why for why in answer.unknown}.values()


def _ask(
    service: BackendService, machine: Machine, plane: NetworkPlane, answer: _Answer, doubts: tuple[Undecided, ...]
) -> None:
    """Find out whether proxies reach a machine. With doubts, it may be no backend at all."""
    network = only(machine.network)
    if network is None:
        answer.unknown.append(machine.network.why())
        return
    proxies = proxy_only(plane.graph, network, service.region, service.resource)
    for port in serving_ports(machine.group, service):
        missing, unknown = _shut_out(service.resource, machine, plane, proxies, port)
        answer.unknown += (*unknown, *doubts) if missing else unknown
        if missing and not doubts:
            answer.shut_out[_name(network), missing, _port(port)].add(machine.group.name)
            answer.subnets.update(dict.fromkeys(map(_subnet, proxies.subnets)))


def _shut_out(
    service: Resource, machine: Machine, plane: NetworkPlane, proxies: ProxyOnly, port: Port
) -> tuple[str, list[Undecided]]:
    """Give the proxies that are shut out, in words ("" if none is for sure), and what would have to be known."""
    known = plane.admission(machine, proxies.ranges, port, proxies=True)
    unknown = [] if known.why is None else [known.why]
    if known.missing:
        return f"proxies from {known.missing}", unknown
    if proxies.subnets and not proxies.unknown:
        return "", unknown
    # Some proxies have addresses that are not known: it does not matter which, if all or none get through.
    any_address = plane.admission(machine, _ANY_IPV4, port, proxies=True)
    if any_address.missing.covers(_ANY_IPV4):
        return "proxies, like everybody else,", unknown
    if any_address.missing or any_address.why is not None:
        reason = "no proxy-only subnet for it is in this stack, so the addresses of its proxies are not known"
        unknown += proxies.unknown or (Undecided(service.urn, "", reason),)
    return "", unknown


def _subnet(subnet: Resource) -> str:
    written = subnet.peek("ipCidrRange")
    return f"{subnet.name} ({written})" if isinstance(written, str) else subnet.name


def _words(answer: _Answer) -> str:
    return f"proxy-only subnet {' and '.join(answer.subnets)}" if answer.subnets else "the proxy-only subnet"


def _said(fault: tuple[str, str, str], groups: set[str]) -> str:
    network, proxies, port = fault
    return f"network {network} shuts out {proxies} to {port} of {', '.join(sorted(groups))}"


def _name(network: Target) -> str:
    return network.text if isinstance(network, External) else network.name


def _port(port: Port) -> str:
    return f"TCP port {port}" if isinstance(port, int) else "the TCP port that is served"
