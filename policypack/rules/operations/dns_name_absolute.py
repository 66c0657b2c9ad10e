"""DNS zones whose name is not written to its end."""

from __future__ import annotations

from typing import TYPE_CHECKING

from policypack.gcp.types import MANAGED_ZONE
from policypack.rules.contract import Severity, rule

if TYPE_CHECKING:
    from policypack.rules.contract import Findings, Resource


@rule(
    severity=Severity.HIGH,
    subjects=(MANAGED_ZONE,),
    fix='Write the dot at the end of dns_name: "example.com.".',
    controls={"NIST 800-53 r5": ["CM-6"], "ISO 27001:2022": ["A.8.9"]},
)
def dns_name_absolute(zone: Resource) -> Findings:
    """Names of DNS zones end with a dot."""
    name = zone.text("dnsName")
    if name and not name.endswith("."):
        yield zone.finding("dnsName", expected=f"`{name}.`", found=f"`{name}`, without the dot at its end")
