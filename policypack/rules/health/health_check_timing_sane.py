"""Intervals, timeouts and thresholds of health checks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from policypack.gcp.types import HEALTH_CHECKS
from policypack.rules.contract import Severity, Undecided, rule

if TYPE_CHECKING:
    from policypack.rules.contract import Findings, Resource

INTERVAL_DEFAULT: Final = 5
TIMEOUT_DEFAULT: Final = 5


@rule(
    severity=Severity.HIGH,
    subjects=HEALTH_CHECKS,
    fix="Keep timeout_sec at or below check_interval_sec, and let unhealthy_threshold be 2 or more.",
    controls={"NIST 800-53 r5": ["CP-10", "SI-13"], "ISO 27001:2022": ["A.8.14"]},
)
def health_check_timing_sane(check: Resource) -> Findings:
    """Health checks wait no longer than their interval, and one lost probe takes nothing out of service."""
    try:
        yield from _timeout(check)
    except Undecided as unknown:
        yield unknown
    # Left out, it is 2.
    if check.is_set("unhealthyThreshold") and check.number("unhealthyThreshold") == 1:
        yield check.finding(
            "unhealthyThreshold",
            expected="2 or more",
            found="1: one lost probe takes a machine out of service",
        )


def _timeout(check: Resource) -> Findings:
    interval = check.number("checkIntervalSec") or INTERVAL_DEFAULT
    timeout = check.number("timeoutSec") or TIMEOUT_DEFAULT
    if timeout <= interval:
        return
    # The finding is where the program wrote something: an interval of 2 exceeds nothing but the usual timeout.
    path = "timeoutSec" if timeout != TIMEOUT_DEFAULT or interval == INTERVAL_DEFAULT else "checkIntervalSec"
    if path == "timeoutSec":
        expected, found = f"{interval:g} seconds, the interval, or less", f"{timeout:g}: the API refuses it"
    else:
        expected, found = "at least the timeout, or a shorter timeout", f"{interval:g}, with a timeout of {timeout:g}"
    yield check.finding(path, expected=expected, found=found)
