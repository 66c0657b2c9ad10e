"""Health checks that an application passes which has hung."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from policypack.gcp.types import HEALTH_CHECKS
from policypack.rules.contract import Findings, NotApplicable, Severity, rule
from policypack.rules.health._of_applications import checks_of_application
from policypack.topology.load_balancing import BackendService

if TYPE_CHECKING:
    from policypack.rules.contract import Resource

CONNECTS: Final = {"tcpHealthCheck": "a TCP", "sslHealthCheck": "an SSL"}
"""Checks that are content with a connection, unless they are told what to expect."""

_CLIENT_CERTIFICATE: Final = "tlsSettings.authenticationConfig"


@rule(
    severity=Severity.MEDIUM,
    subjects=(BackendService,),
    fix="Check with a request: https_health_check for HTTPS, http2_health_check for HTTP/2, grpc_health_check or "
    "grpc_tls_health_check for gRPC, http_health_check for HTTP; or give the check a request and a response.",
    controls={"NIST 800-53 r5": ["CP-10", "SI-13"], "ISO 27001:2022": ["A.8.14"]},
    yields_to=("backend-protocol-encrypted", "health-check-not-on-serverless-neg"),
    follows=HEALTH_CHECKS,
)
def health_check_asks_application(service: BackendService) -> Findings:
    """Health checks of application load balancers ask the application, and not for a connection alone."""
    for check in checks_of_application(service):
        kind = _connects_only(check)
        if kind is not None:
            if service.resource.is_set(_CLIENT_CERTIFICATE):
                raise NotApplicable("its backends may ask for a client certificate, which no probe has")
            yield service.resource.finding(
                "healthChecks",
                expected="a check that sends a request",
                found=f"`{check.name}`, {kind} check: an application that hangs still takes connections",
            )


def _connects_only(check: Resource) -> str | None:
    """Say what kind of check it is if it sends and expects nothing; None if it does."""
    for block, kind in CONNECTS.items():
        if check.is_set(block):
            asks = check.is_set(f"{block}.request") or check.is_set(f"{block}.response")
            return None if asks else kind
    return None
