"""Where tunnels of Identity-Aware Proxy may lead."""

from __future__ import annotations

from typing import Annotated

from policypack.gcp.netranges import parse_range
from policypack.gcp.types import IAP_TUNNEL_GROUP
from policypack.rules.contract import Element, Findings, Param, Severity, Undecided, each, rule


@rule(
    severity=Severity.MEDIUM,
    subjects=(each("cidrs[]", of=(IAP_TUNNEL_GROUP,)),),
    fix="List the ranges of the machines that people of this group need, one group for each kind of people.",
    controls={"NIST 800-53 r5": ["AC-17", "SC-7"], "ISO 27001:2022": ["A.8.20", "A.8.22"]},
)
def iap_tunnel_dest_group_scoped(
    cidr: Element,
    *,
    ipv4_prefix: Annotated[int, Param("The shortest IPv4 prefix that is narrow enough.", minimum=1, maximum=32)] = 8,
    ipv6_prefix: Annotated[int, Param("The shortest IPv6 prefix that is narrow enough.", minimum=1, maximum=128)] = 32,
) -> Findings:
    """Destination groups of Identity-Aware Proxy's tunnels name the networks that are meant, and not all there are."""
    text = cidr.text("") or ""
    network = parse_range(text)
    if network is None:
        raise Undecided(cidr.resource.urn, cidr.prefix, f"{text!r} is no range of addresses")
    shortest = ipv4_prefix if network.version == 4 else ipv6_prefix
    if network.prefixlen < shortest:
        yield cidr.finding("", expected=f"a prefix of /{shortest} or longer", found=text)
