"""Policies that forbid a backend service to leave a region that is lost."""

from __future__ import annotations

from typing import TYPE_CHECKING

from policypack.gcp.types import SERVICE_LB_POLICY
from policypack.rules.contract import Severity, rule

if TYPE_CHECKING:
    from policypack.rules.contract import Findings, Resource


@rule(
    severity=Severity.CRITICAL,
    subjects=(SERVICE_LB_POLICY,),
    fix="Set isolation_mode to NEAREST, or leave isolation_config out.",
    remedy={"isolationConfig.isolationMode": "NEAREST"},
    controls={"NIST 800-53 r5": ["CP-7", "CP-10"], "ISO 27001:2022": ["A.8.14"]},
)
def service_lb_policy_allows_failover(policy: Resource) -> Findings:
    """Service load balancing policies let requests leave a region that is lost."""
    # Asked one by one: if one of them rules it out, the other may be unknown.
    granularity, mode = (
        policy.peek("isolationConfig.isolationGranularity"),
        policy.peek("isolationConfig.isolationMode"),
    )
    if granularity in (None, "ISOLATION_GRANULARITY_UNSPECIFIED") or mode in (None, "NEAREST"):
        return
    if policy.text("isolationConfig.isolationGranularity") == "REGION" and (
        policy.text("isolationConfig.isolationMode") == "STRICT"
    ):
        yield policy.finding(
            "isolationConfig.isolationMode",
            expected="NEAREST: requests go elsewhere if the nearest region cannot take them",
            found="STRICT: requests are dropped while their region is down",
        )
