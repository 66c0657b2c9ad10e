"""Networks that choose their subnets."""

from __future__ import annotations

from typing import TYPE_CHECKING

from policypack.gcp.types import NETWORK
from policypack.rules.contract import Severity, rule

if TYPE_CHECKING:
    from policypack.rules.contract import Findings, Resource


@rule(
    severity=Severity.MEDIUM,
    subjects=(NETWORK,),
    fix="Set auto_create_subnetworks=False, and add a Subnetwork in each region that serves.",
    controls={
        "CIS GCP 4.0": ["3.2"],
        "CIS GCP 5.0": ["3.2"],
        "NIST 800-53 r5": ["CM-7"],
        "ISO 27001:2022": ["A.8.20"],
    },
)
def network_no_legacy_or_auto_mode(network: Resource) -> Findings:
    """Networks are in custom mode: they have the subnets that the program makes, and no others."""
    if network.flag("autoCreateSubnetworks") is not False:
        found = "true" if network.is_set("autoCreateSubnetworks") else "unset, which means true"
        yield network.finding(
            "autoCreateSubnetworks",
            expected="false",
            found=f"{found}: a subnet in every region of Google Cloud, with ranges that are the same in every such "
            "network",
        )
