"""Health checks that a backend service cannot use."""

from __future__ import annotations

from typing import TYPE_CHECKING

from policypack.gcp.locations import GLOBAL, is_global
from policypack.gcp.ports import PROBE_BLOCKS
from policypack.gcp.types import HEALTH_CHECK, HEALTH_CHECKS, LEGACY_HEALTH_CHECKS
from policypack.model.logic import all_hold
from policypack.model.resource import Resource
from policypack.rules.contract import Findings, NotApplicable, Severity, Undecided, rule
from policypack.topology.load_balancing import BackendService
from policypack.topology.scopes import own_place_in_words, place_in_words, same_scope

if TYPE_CHECKING:
    from policypack.model.graph import References, Target

PATH = "healthChecks"
CLASSIC = frozenset({"EXTERNAL", "EXTERNAL_MANAGED"})
"""Schemes of global services that still take legacy checks."""


@rule(
    severity=Severity.CRITICAL,
    subjects=(BackendService,),
    fix="Use a HealthCheck for a global backend service, and a RegionHealthCheck of its own region for a regional one; "
    "HttpHealthCheck and HttpsHealthCheck are for target pools, and USE_SERVING_PORT is for services behind a proxy.",
    follows=HEALTH_CHECKS,
    controls={"NIST 800-53 r5": ["CM-6"], "ISO 27001:2022": ["A.8.9"]},
)
def health_check_scope_matches_backend(service: BackendService) -> Findings:
    """Backend services use a health check of a kind and a place that they can use."""
    checks = service.health_checks
    if checks.empty:
        raise NotApplicable("it has no health check")
    if checks.dangling:
        raise NotApplicable("its health check is named by a text that is no reference")
    if not checks.agree(lambda target: _usable(service, target)):
        yield service.resource.finding(PATH, expected=_expected(service), found=_found(checks))
    elif all_hold(service.passthrough, lambda: checks.agree(_asks_for_serving_port)):
        yield service.resource.finding(
            PATH,
            expected="a check of a fixed port",
            found="a check of the serving port (USE_SERVING_PORT), which only services behind a proxy have",
        )


def _asks_for_serving_port(target: Target) -> bool:
    """Tell whether a check goes by the port that a service gives its backends; of one elsewhere that is not asked."""
    if not isinstance(target, Resource) or target.type not in HEALTH_CHECKS:
        return False
    return any(
        target.text(f"{block}.portSpecification") == "USE_SERVING_PORT"
        for block in PROBE_BLOCKS
        if target.is_set(block)
    )


def _usable(service: BackendService, target: Target) -> bool:
    if target.type in LEGACY_HEALTH_CHECKS:
        return service.is_global and service.scheme() in CLASSIC
    location = None if isinstance(target, Resource) or target.address is None else target.address.location
    if service.is_global or not (location == GLOBAL or (target.type is not None and is_global(target.type))):
        return same_scope(service.resource, target, PATH)
    # Regional services take global checks, all but those of external pass-through load balancers.
    if target.type is None:
        raise Undecided(service.resource.urn, PATH, "it refers to something outside this stack")
    return service.scheme() != "EXTERNAL"


def _expected(service: BackendService) -> str:
    if service.is_global:
        return "a HealthCheck, which is global as the service is"
    return f"a RegionHealthCheck {own_place_in_words(service.resource)}"


def _found(checks: References) -> str:
    targets = checks.known or checks.candidates
    if targets and all(target.type in LEGACY_HEALTH_CHECKS for target in targets):
        return "a legacy health check, which only target pools and global external services take"
    if targets and all(target.type == HEALTH_CHECK for target in targets):
        return f"{place_in_words(checks)}: an external pass-through load balancer takes regional checks only"
    return f"{place_in_words(checks)}: the API refuses it here"
