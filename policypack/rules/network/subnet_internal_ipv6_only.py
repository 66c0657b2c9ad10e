"""IPv6 addresses of machines."""

from __future__ import annotations

from typing import TYPE_CHECKING

from policypack.gcp.types import SUBNETWORK
from policypack.rules.contract import NotApplicable, Severity, rule

if TYPE_CHECKING:
    from policypack.rules.contract import Findings, Resource


@rule(
    severity=Severity.LOW,
    subjects=(SUBNETWORK,),
    fix='Set ipv6_access_type="INTERNAL", and enable_ula_internal_ipv6=True on the network.',
    controls={"NIST 800-53 r5": ["AC-3", "SC-7"], "ISO 27001:2022": ["A.8.20"]},
    opt_in=True,
)
def subnet_internal_ipv6_only(subnet: Resource) -> Findings:
    """Subnets with IPv6 give machines internal addresses."""
    access = subnet.text("ipv6AccessType")
    if access is None:
        raise NotApplicable("it has no IPv6")
    if access == "EXTERNAL":
        yield subnet.finding("ipv6AccessType", expected="INTERNAL", found="EXTERNAL: addresses of the internet")
