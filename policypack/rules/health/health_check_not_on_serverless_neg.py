"""Health checks on backends that Google Cloud does not probe."""

from __future__ import annotations

from typing import Final

from policypack.rules.contract import Findings, NotApplicable, Severity, rule
from policypack.topology.load_balancing import BackendKind, BackendService

REFUSED: Final = (BackendKind.SERVERLESS_NEG, BackendKind.PSC_NEG)
"""Kinds of backends with which a backend service must not have a health check."""


@rule(
    severity=Severity.HIGH,
    subjects=(BackendService,),
    fix="Leave health_checks out; failing regions are taken out by outlier_detection, or by the producer's composite "
    "health check.",
    controls={"NIST 800-53 r5": ["CM-6"], "ISO 27001:2022": ["A.8.9"]},
)
def health_check_not_on_serverless_neg(service: BackendService) -> Findings:
    """Backend services of serverless or Private Service Connect NEGs have no health check."""
    if service.health_checks.empty:
        raise NotApplicable("it has no health check")
    kinds = service.kinds
    refused = sorted(kind.value for kind in REFUSED if kind in kinds.certain)
    if refused:
        yield service.resource.finding(
            "healthChecks",
            expected="no health check",
            found=f"a health check on a {refused[0]}, which the API refuses",
        )
    elif kinds.open or any(kind in kinds.possible for kind in REFUSED):
        raise kinds.why()
