"""The classic generation of load balancers, and the way to the one that came after it. Two rules, off by default."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from policypack.gcp.types import BACKEND_SERVICE, GLOBAL_FORWARDING_RULE
from policypack.rules.contract import NotApplicable, Severity, rule
from policypack.topology.load_balancing import Frontend, FrontendKind

if TYPE_CHECKING:
    from policypack.rules.contract import Findings, Resource

SCHEME: Final = "loadBalancingScheme"
UNDER_WAY: Final = ("PREPARE", "TEST_BY_PERCENTAGE")
_HTTP: Final = (FrontendKind.HTTPS, FrontendKind.HTTP)
_STATES: Final = {
    BACKEND_SERVICE: "externalManagedMigrationState",
    GLOBAL_FORWARDING_RULE: "externalManagedBackendBucketMigrationState",
}
_CONTROLS: Final = {"NIST 800-53 r5": ["CM-6"], "ISO 27001:2022": ["A.8.9"]}


@rule(
    name="lb-external-managed-scheme",
    description="Global external application load balancers are of the newer generation.",
    severity=Severity.MEDIUM,
    subjects=(Frontend,),
    fix="Move to EXTERNAL_MANAGED: backend services first, by way of external_managed_migration_state, then the "
    "forwarding rule.",
    controls={"ISO 27001:2022": ["A.8.14"]},
    opt_in=True,
)
def newer(frontend: Frontend) -> Findings:
    """Judge a front end: the scheme of its services follows from it."""
    if not frontend.is_global:
        raise NotApplicable("a regional front end has one generation only")
    if frontend.kind() not in _HTTP:
        raise NotApplicable("it is not of an application load balancer")
    if frontend.scheme() == "EXTERNAL":
        yield frontend.resource.finding(
            SCHEME,
            expected="EXTERNAL_MANAGED",
            found="EXTERNAL: the classic generation, without outlier detection, retries and weights",
        )


@rule(
    name="lb-migration-state-not-stuck",
    description="The move to the newer generation of load balancers is not left half-way.",
    severity=Severity.MEDIUM,
    subjects=tuple(_STATES),
    fix="Go on to TEST_ALL_TRAFFIC, then to the scheme EXTERNAL_MANAGED; or back, by taking the state out.",
    controls=_CONTROLS,
    opt_in=True,
)
def not_stuck(resource: Resource) -> Findings:
    """Judge the state that a program holds."""
    path = _STATES[resource.type]
    state = resource.text(path) if resource.is_set(path) else None
    if state in UNDER_WAY:
        found = f"{state}: part of the requests, or none, take the new way"
        yield resource.finding(path, expected="TEST_ALL_TRAFFIC, or nothing", found=found)


RULES: Final = (newer, not_stuck)
