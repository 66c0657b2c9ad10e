"""Machines that a denial of outgoing connections cuts off from Google's own APIs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from policypack.gcp import types as t
from policypack.gcp.netranges import PUBLIC_IPV4, RangeSet, parse_range
from policypack.model.logic import any_of
from policypack.model.values import Unknown
from policypack.rules.contract import Findings, NotApplicable, Severity, Undecided, rule
from policypack.topology.populated import PopulatedNetwork

if TYPE_CHECKING:
    from collections.abc import Iterator

    from policypack.gcp.netranges import Network
    from policypack.model.graph import Graph
    from policypack.topology.compute import Machine

RESTRICTED: Final = RangeSet.of("199.36.153.4/30")
"""What restricted.googleapis.com stands for."""
PRIVATE: Final = RangeSet.of("199.36.153.8/30")
"""What private.googleapis.com stands for."""

_PRIVATE_IPV4: Final = RangeSet.of("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16")
_FEW: Final = 29
"""Prefix from which on a range is that of single things, and not of a network."""

_HTTPS: Final = 443
_PROXIES: Final = (_HTTPS, 80, 3128, 8080, 8443, 8888)
"""Ports on which an endpoint or a proxy may listen."""

NEIGHBOURS: Final = (
    t.NETWORK_PEERING,
    t.CONNECTIVITY_SPOKE,
    t.VPN_TUNNEL,
    t.INTERCONNECT_ATTACHMENT,
    t.ROUTE,
)
"""What leads out of a network into others, where a proxy may be."""


@rule(
    severity=Severity.MEDIUM,
    subjects=(PopulatedNetwork,),
    follows=(t.GLOBAL_ADDRESS, t.GLOBAL_FORWARDING_RULE, *NEIGHBOURS),
    fix="Add an egress rule, before the one that denies, that allows TCP 443 to 199.36.153.4/30 (restricted) or "
    "199.36.153.8/30 (private), or to your Private Service Connect endpoint for Google APIs.",
    controls={"NIST 800-53 r5": ["SC-7"], "ISO 27001:2022": ["A.8.20"]},
)
def egress_baseline_allows_google_apis(network: PopulatedNetwork) -> Findings:
    """Where outgoing connections are denied, those to Google's own APIs are allowed."""
    if not network.machines:
        raise NotApplicable("no machine of this stack runs in it")
    endpoints, unknown = network.plane.graph.once(_endpoints)
    cut_off: dict[str, None] = {}
    for machine in network.machines:
        try:
            if _is_cut_off(network, machine, endpoints, unknown):
                cut_off[machine.group.name] = None
        except Undecided as why:
            yield why
    if cut_off:
        yield network.resource.finding(
            "",
            expected="a way out on TCP 443 to 199.36.153.4/30, 199.36.153.8/30, or an endpoint for Google APIs",
            found=f"machines of {', '.join(sorted(cut_off))} connect to no Google API: keys, secrets, images and logs "
            "are out of reach",
        )


def _is_cut_off(
    network: PopulatedNetwork, machine: Machine, endpoints: RangeSet, unknown: tuple[Undecided, ...]
) -> bool:
    def reaches(ranges: RangeSet) -> bool:
        found = network.plane.reached(machine, ranges, _HTTPS)
        if found.why is not None and not found.missing:
            raise found.why
        return not found.missing

    if any_of((RESTRICTED, PRIVATE, *_each(endpoints)), reaches):
        return False
    everything = network.plane.reached(machine, PUBLIC_IPV4 | endpoints, _HTTPS)
    if everything.missing.covers(PUBLIC_IPV4 | endpoints) and not unknown:
        hosts = _hosts(network, machine)
        if hosts:
            reason = f"whether {hosts[0]}, which the firewall lets out to, leads to Google's APIs is not known"
            raise Undecided(network.resource.urn, "", reason)
        return True
    # Google's other addresses change, so what is let out may be some of them.
    reason = "whether what the firewall lets out are addresses of Google's APIs is not known"
    raise everything.why or (unknown[0] if unknown else Undecided(network.resource.urn, "", reason))


def _hosts(network: PopulatedNetwork, machine: Machine) -> list[Network]:
    """Give the private addresses that are let out to, where a proxy or an endpoint of another stack may be.

    Those are few, or in the networks that this one is tied to.
    """
    tied = bool(network.plane.graph.of_type(*NEIGHBOURS))
    reached = RangeSet()
    for port in _PROXIES:
        found = network.plane.reached(machine, _PRIVATE_IPV4, port)
        reached |= _PRIVATE_IPV4 - found.missing - found.unsure
    return [one for one in reached.networks() if tied or one.prefixlen >= _FEW]


def _each(ranges: RangeSet) -> Iterator[RangeSet]:
    return (RangeSet.of(one) for one in ranges.networks())


def _endpoints(graph: Graph) -> tuple[RangeSet, tuple[Undecided, ...]]:
    """Give the addresses of endpoints for Google APIs, and what would have to be known of others."""
    found, unknown = RangeSet(), []
    for address in graph.of_type(t.GLOBAL_ADDRESS):
        purpose, literal = address.peek("purpose"), address.peek("address")
        if purpose != "PRIVATE_SERVICE_CONNECT" and not isinstance(purpose, Unknown):
            continue
        read = parse_range(literal) if isinstance(literal, str) else None
        if read is None:
            reason = "the address of an endpoint for Google APIs is known only after deployment"
            unknown.append(Undecided(address.urn, "address", reason))
        else:
            found |= RangeSet.of(read)
    return found, tuple(unknown)
