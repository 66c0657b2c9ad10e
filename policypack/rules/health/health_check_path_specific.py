"""Paths that health checks ask for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from policypack.gcp.types import HEALTH_CHECKS
from policypack.rules.contract import NotApplicable, Severity, rule

if TYPE_CHECKING:
    from policypack.rules.contract import Findings, Resource

BLOCKS: Final = ("httpHealthCheck", "httpsHealthCheck", "http2HealthCheck")


@rule(
    severity=Severity.MEDIUM,
    subjects=HEALTH_CHECKS,
    fix="Set request_path to a path that answers 200 only while the application can serve: /readyz, say.",
    controls={"NIST 800-53 r5": ["CP-10", "SI-13"], "ISO 27001:2022": ["A.8.14"]},
    opt_in=True,
)
def health_check_path_specific(check: Resource) -> Findings:
    """Health checks over HTTP ask for a path of their own."""
    block = next((block for block in BLOCKS if check.is_set(block)), None)
    if block is None:
        raise NotApplicable("it asks for no path")
    path = f"{block}.requestPath"
    # Left out, it is "/".
    if (check.text(path) or "/") == "/":
        yield check.finding(path, expected="a path of its own, such as /readyz", found="/: any start page will do")
