"""Health checks that are made for DNS, where they cannot be used."""

from __future__ import annotations

from policypack.gcp.types import HEALTH_CHECK, HEALTH_CHECKS
from policypack.rules.contract import Findings, NotApplicable, Severity, rule
from policypack.rules.health._healing import PATH, Healed
from policypack.topology.load_balancing import BackendService


@rule(
    severity=Severity.HIGH,
    subjects=(BackendService, Healed),
    fix="Use a health check without source_regions here; one with source_regions is for routing policies of DNS.",
    controls={"NIST 800-53 r5": ["CM-6"], "ISO 27001:2022": ["A.8.9"]},
    follows=HEALTH_CHECKS,
)
def health_check_source_regions_misused(subject: BackendService | Healed) -> Findings:
    """Backend services and autohealing use no health check that probes from chosen regions."""
    references, path = (
        (subject.health_checks, "healthChecks") if isinstance(subject, BackendService) else (subject.checks, PATH)
    )
    checks = references.resources()
    ours = sorted((check for check in checks.certain if check.type in HEALTH_CHECKS), key=lambda one: one.urn)
    for check in ours:
        if check.type == HEALTH_CHECK and check.elements("sourceRegions"):
            yield subject.resource.finding(
                path,
                expected="a health check without source regions",
                found=f"`{check.name}`, which probes from regions of its own, as only DNS can use it",
            )
    if not ours:
        if any(check.type == HEALTH_CHECK and check.is_set("sourceRegions") for check in checks.possible):
            raise checks.why()
        raise NotApplicable("it has no health check of this stack")
