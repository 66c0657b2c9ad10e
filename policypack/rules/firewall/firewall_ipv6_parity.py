"""Denials of outgoing connections that were written for IPv4 alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from policypack.gcp.netranges import PUBLIC_IPV4, PUBLIC_IPV6
from policypack.rules.contract import Findings, NotApplicable, Severity, Undecided, rule
from policypack.topology.populated import PopulatedNetwork

if TYPE_CHECKING:
    from policypack.model.resource import Resource
    from policypack.topology.compute import Machine

_PORT: Final = 443
_ACCESS: Final = "networkInterfaces[0].ipv6AccessConfigs"
"""What gives machines a way to the internet over IPv6, and nothing else does."""


@rule(
    severity=Severity.MEDIUM,
    subjects=(PopulatedNetwork,),
    fix="Write ::/0 beside 0.0.0.0/0 in the rule that denies, or into a rule of its own.",
    controls={"NIST 800-53 r5": ["SC-7"], "ISO 27001:2022": ["A.8.20"]},
)
def firewall_ipv6_parity(network: PopulatedNetwork) -> Findings:
    """What is denied on the way out over IPv4 is denied over IPv6 as well, where machines have both."""
    open_groups: dict[str, None] = {}
    judged = False
    for machine in network.machines:
        try:
            if not _has_public_ipv6(network, machine):
                continue
            judged = True
            if _denied_over_ipv4_alone(network, machine):
                open_groups[machine.group.name] = None
        except Undecided as why:
            judged = True
            yield why
    if not judged:
        raise NotApplicable("no machine of this stack has a public IPv6 address in it")
    if open_groups:
        yield network.resource.finding(
            "",
            expected="a rule that denies ::/0 on the way out, as there is one for IPv4",
            found=f"machines of {', '.join(sorted(open_groups))} reach no address on the internet over IPv4, and all "
            "of them over IPv6",
        )


def _denied_over_ipv4_alone(network: PopulatedNetwork, machine: Machine) -> bool:
    v4 = network.plane.reached(machine, PUBLIC_IPV4, _PORT)
    v6 = network.plane.reached(machine, PUBLIC_IPV6, _PORT)
    if v6.missing or (not v4.missing and v4.why is None):
        return False
    # What is allowed over IPv4 are exceptions, unless it is nearly everything.
    if v6.why is not None or not v4.missing:
        raise v6.why or v4.why or Undecided(network.resource.urn, "", "it is not known")
    return _share(v4.missing.v4) > 0.9


def _share(intervals: tuple[tuple[int, int], ...]) -> float:
    """Tell how much of the IPv4 internet a set holds."""
    return _size(intervals) / _size(PUBLIC_IPV4.v4)


def _size(intervals: tuple[tuple[int, int], ...]) -> int:
    return sum(high - low + 1 for low, high in intervals)


def _has_public_ipv6(network: PopulatedNetwork, machine: Machine) -> bool:
    """Tell whether machines have IPv6 addresses of the internet, on their first interface."""
    described = machine.resource
    if described is machine.group and not described.is_set("networkInterfaces[0]"):
        return False
    if not described.is_set("networkInterfaces[0].stackType"):
        return False
    if described.text("networkInterfaces[0].stackType") not in {"IPV4_IPV6", "IPV6_ONLY"}:
        return False
    if not described.is_set(_ACCESS) or not described.elements(_ACCESS):
        return False
    subnets = network.plane.graph.references(described, "networkInterfaces[].subnetwork").resources()
    known: list[Resource] = sorted(subnets.certain, key=lambda one: one.urn)
    if not known:
        raise subnets.why()
    return any(subnet.text("ipv6AccessType") == "EXTERNAL" for subnet in known)
