"""How soon a load balancer notices that a backend is down."""

from __future__ import annotations

from typing import Annotated, Final

from policypack.gcp.types import HEALTH_CHECKS
from policypack.rules.contract import Findings, NotApplicable, Param, Resource, Severity, rule
from policypack.topology.load_balancing import BackendService

INTERVAL_DEFAULT: Final = 5
FAILURES_DEFAULT: Final = 2


@rule(
    severity=Severity.MEDIUM,
    subjects=(BackendService,),
    fix="Shorten check_interval_sec or lower unhealthy_threshold of the check that the load balancer uses; autohealing "
    "takes a slower one of its own.",
    controls={"NIST 800-53 r5": ["CP-10", "SI-13"], "ISO 27001:2022": ["A.8.14"]},
    yields_to=("health-check-not-on-serverless-neg", "health-check-source-regions-misused"),
    follows=HEALTH_CHECKS,
)
def health_check_detects_in_time(
    service: BackendService,
    *,
    seconds: Annotated[int, Param("How long a failed backend may stay in service, in seconds.", minimum=1)] = 30,
) -> Findings:
    """Load balancers notice within 30 seconds that a backend is down."""
    checks = service.health_checks.resources()
    ours = [check for check in checks.certain if check.type in HEALTH_CHECKS]
    for check in sorted(ours, key=lambda one: one.urn):
        needed = _needed(check)
        if needed > seconds:
            yield service.resource.finding(
                "healthChecks",
                expected=f"a check that takes {seconds} seconds at the most",
                found=f"`{check.name}`, which takes {needed:g} seconds: the interval, times the failures it waits for",
            )
    if not ours:
        if checks.unresolved:
            raise checks.unresolved[0]
        raise NotApplicable("it has no health check of this stack")


def _needed(check: Resource) -> float:
    interval = check.number("checkIntervalSec") or INTERVAL_DEFAULT
    return interval * (check.number("unhealthyThreshold") or FAILURES_DEFAULT)
