"""Health checks of backend services."""

from __future__ import annotations

from typing import Final

from policypack.rules.contract import Findings, NotApplicable, Severity, Undecided, any_of, rule
from policypack.topology.forwarding import WHY, forwards_dynamically
from policypack.topology.load_balancing import Backend, BackendKind, BackendService

UNCHECKED: Final = (
    BackendKind.SERVERLESS_NEG,
    BackendKind.PSC_NEG,
    BackendKind.INTERNET_NEG,
    BackendKind.PORT_MAPPING_NEG,
)
"""Kinds of backends that Google Cloud does not probe."""


@rule(
    severity=Severity.CRITICAL,
    subjects=(BackendService,),
    fix="Set health_checks to a health check of the protocol that the backends speak: a HealthCheck for a global "
    "service, a RegionHealthCheck for a regional one.",
    controls={"NIST 800-53 r5": ["CP-10", "SI-13"], "ISO 27001:2022": ["A.8.14"]},
)
def backend_service_has_health_check(service: BackendService) -> Findings:
    """Backend services have a health check, unless their backends cannot be probed."""
    checks = service.health_checks
    if checks.dangling:
        raise NotApplicable("its health check is named by a text that is no reference")
    if checks.whole:
        raise checks.unresolved[0]
    if not checks.empty:
        return
    if not service.is_global and service.resource.is_set("haPolicy"):
        raise NotApplicable("its members elect their leader by themselves (haPolicy), which excludes health checks")
    if not service.backends and forwards_dynamically(service.resource):
        raise NotApplicable(WHY)
    if service.backends_unknown is not None:
        raise service.backends_unknown
    if service.backends and not any_of(service.backends, _needs_check):
        raise NotApplicable("Google Cloud does not probe backends of this kind")
    if not service.backends and service.left_to_others:
        raise Undecided(service.resource.urn, "backends", "they are left to something outside the stack")
    yield service.resource.finding("healthChecks", expected="a health check", found="no health check")


def _needs_check(backend: Backend) -> bool:
    kinds = backend.kinds
    probed = {kind not in UNCHECKED for kind in kinds.possible}
    if len(probed) == 1 and not kinds.open:
        # Of a group outside the stack its URL may tell enough: a zonal one is probed, a regional one is not.
        return probed.pop()
    return backend.kind() not in UNCHECKED
