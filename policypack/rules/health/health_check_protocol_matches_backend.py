"""Health checks that no backend passes, since they speak another protocol."""

from __future__ import annotations

from typing import Final

from policypack.gcp.types import HEALTH_CHECKS
from policypack.rules.contract import Findings, Resource, Severity, rule
from policypack.rules.health._of_applications import checks_of_application
from policypack.topology.load_balancing import BackendService

CLEAR: Final = {"httpHealthCheck": "HTTP"}
WITH_TLS: Final = {"httpsHealthCheck": "HTTPS", "http2HealthCheck": "HTTP/2"}
TLS_OF: Final = {"HTTPS": True, "HTTP2": True, "HTTP": False, "H2C": False}
"""Protocol of a backend service, to whether it has TLS."""


@rule(
    severity=Severity.HIGH,
    subjects=(BackendService,),
    fix="Check with the protocol that the backends speak: https_health_check for HTTPS, http2_health_check for HTTP/2, "
    "http_health_check for HTTP.",
    controls={"NIST 800-53 r5": ["CP-10", "SI-13"], "ISO 27001:2022": ["A.8.14"]},
    yields_to=("backend-protocol-encrypted", "health-check-not-on-serverless-neg"),
    follows=HEALTH_CHECKS,
)
def health_check_protocol_matches_backend(service: BackendService) -> Findings:
    """Health checks of application load balancers speak the protocol of the backends."""
    for check in checks_of_application(service):
        if (found := _misfit(check, service.protocol())) is not None:
            yield service.resource.finding(
                "healthChecks", expected=_expected(service), found=f"`{check.name}`, {found}"
            )


def _misfit(check: Resource, protocol: str) -> str | None:
    """Say what does not fit; None if it fits."""
    tls = TLS_OF.get(protocol)
    wrong = CLEAR if tls else WITH_TLS
    used = next((one for one in wrong if check.is_set(one)), None)
    if tls is None or used is None or not _on_serving_port(check, used):
        return None
    return f"an {wrong[used]} check on a port that serves {'with' if tls else 'without'} TLS: it fails always"


def _on_serving_port(check: Resource, block: str) -> bool:
    """Tell whether it probes the port that takes the requests; a fixed port may well be another one."""
    return check.text(f"{block}.portSpecification") == "USE_SERVING_PORT"


def _expected(service: BackendService) -> str:
    return {"HTTPS": "an HTTPS check", "HTTP2": "an HTTP/2 check", "GRPC": "a gRPC check"}.get(
        service.protocol(), "an HTTP check"
    )
