"""Proxy-only subnets with room for the proxies."""

from __future__ import annotations

from typing import Annotated, Final

from policypack.gcp.netranges import parse_range
from policypack.gcp.types import SUBNETWORK
from policypack.rules.contract import Findings, NotApplicable, Param, Resource, Severity, Undecided, rule
from policypack.topology.proxy_subnets import CROSS_REGION, REGIONAL

_PURPOSES: Final = CROSS_REGION | REGIONAL


@rule(
    severity=Severity.HIGH,
    subjects=(SUBNETWORK,),
    fix="Give the proxy-only subnet a /23, or 64 addresses at the least; a second one with role BACKUP, made ACTIVE "
    "later, replaces one that is too small.",
    controls={"NIST 800-53 r5": ["SC-5"], "ISO 27001:2022": ["A.8.6"]},
)
def proxy_only_subnet_size(
    subnet: Resource,
    *,
    longest_prefix: Annotated[int, Param("Longest prefix of a proxy-only subnet.", minimum=8, maximum=26)] = 26,
) -> Findings:
    """Proxy-only subnets have 64 addresses or more."""
    purpose = subnet.text("purpose") if subnet.is_set("purpose") else None
    if purpose not in _PURPOSES:
        raise NotApplicable("it is no proxy-only subnet")
    written = subnet.text("ipCidrRange") if subnet.is_set("ipCidrRange") else None
    if written is None:
        raise NotApplicable("it has no range of its own")
    network = parse_range(written)
    if network is None:
        raise Undecided(subnet.urn, "ipCidrRange", f"{written!r} is no range of addresses")
    if network.prefixlen > longest_prefix:
        refused = "Google Cloud refuses it" if network.prefixlen > 26 else "that is less than was set as the least"
        yield subnet.finding(
            "ipCidrRange",
            expected=f"/{longest_prefix} or more addresses; Google recommends /23",
            found=f"{written}: room for {network.num_addresses} addresses, {refused}",
        )
