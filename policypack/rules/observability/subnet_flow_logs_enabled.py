"""Subnets with machines, whose connections nobody sees."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from policypack.gcp.types import SUBNETWORK
from policypack.rules.contract import NotApplicable, Severity, rule

if TYPE_CHECKING:
    from collections.abc import Mapping

    from policypack.model.values import Value
    from policypack.rules.contract import Findings, Resource

FOR_MACHINES: Final = (None, "PRIVATE", "PRIVATE_RFC_1918")
"""Purposes of subnets that machines have addresses in; the others are Google's own, and most of them refuse the log."""

SETTINGS: Final[Mapping[str, Value]] = {
    "aggregationInterval": "INTERVAL_5_SEC",
    "flowSampling": 0.5,
    "metadata": "INCLUDE_ALL_METADATA",
}
"""What Google takes where flow logs are on and nothing else is said."""


@rule(
    severity=Severity.MEDIUM,
    subjects=(SUBNETWORK,),
    fix="Set log_config: flow_sampling 0.5, with INTERVAL_5_SEC, is what Google takes where you say nothing else.",
    remedy={"logConfig": SETTINGS, "logConfig.flowSampling": SETTINGS["flowSampling"]},
    controls={
        "CIS GCP 4.0": ["3.8"],
        "CIS GCP 5.0": ["3.10"],
        "NIST 800-53 r5": ["AU-2", "SI-4"],
        "ISO 27001:2022": ["A.8.15", "A.8.16"],
        "PCI DSS 4.0": ["10.2.1"],
    },
)
def subnet_flow_logs_enabled(subnet: Resource) -> Findings:
    """Subnets that machines have addresses in log who talks to whom."""
    purpose = subnet.text("purpose") if subnet.is_set("purpose") else None
    if purpose not in FOR_MACHINES:
        raise NotApplicable(f"no machine has an address in it: its purpose is {purpose}")
    if not subnet.is_set("logConfig"):
        yield subnet.finding("logConfig", expected="flow logs", found="unset: nothing is logged")
    elif subnet.is_set("logConfig.flowSampling") and subnet.number("logConfig.flowSampling") == 0:
        yield subnet.finding("logConfig.flowSampling", expected="above 0", found="0: nothing is logged")
