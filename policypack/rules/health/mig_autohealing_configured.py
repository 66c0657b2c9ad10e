"""Repair of instances whose application has failed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from policypack.gcp.types import INSTANCE_GROUP_MANAGERS
from policypack.rules.contract import Severity, rule

if TYPE_CHECKING:
    from policypack.rules.contract import Findings, Resource

LIFECYCLE = "instanceLifecyclePolicy"


@rule(
    severity=Severity.HIGH,
    subjects=INSTANCE_GROUP_MANAGERS,
    fix="Set auto_healing_policies with a health_check of its own, more patient than the load balancer's, "
    "and an initial_delay_sec that covers the start of the application.",
    controls={"NIST 800-53 r5": ["CP-10", "SI-13"], "ISO 27001:2022": ["A.8.14"]},
)
def mig_autohealing_configured(group: Resource) -> Findings:
    """Managed instance groups repair instances whose application fails its health check."""
    if not group.is_set("autoHealingPolicies"):
        yield group.finding(
            "autoHealingPolicies",
            expected="a health check for autohealing",
            found="unset: an instance whose application hangs stays as it is",
        )
    elif not group.is_set("autoHealingPolicies.healthCheck"):
        yield group.finding("autoHealingPolicies.healthCheck", expected="a health check", found="unset")
    if (on_failure := _what_stops_repair(group)) is not None:
        yield group.finding(
            f"{LIFECYCLE}.{on_failure}",
            expected="REPAIR",
            found="DO_NOTHING: an instance that fails its health check stays as it is",
        )


def _what_stops_repair(group: Resource) -> str | None:
    """Name the setting that turns repair off; None if nothing does."""
    failed_check = group.text(f"{LIFECYCLE}.onFailedHealthCheck") or "DEFAULT_ACTION"
    if failed_check == "DO_NOTHING":
        return "onFailedHealthCheck"
    if failed_check == "DEFAULT_ACTION" and group.text(f"{LIFECYCLE}.defaultActionOnFailure") == "DO_NOTHING":
        return "defaultActionOnFailure"
    return None
