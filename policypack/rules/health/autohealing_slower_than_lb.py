"""Autohealing that acts before the load balancer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from policypack.gcp.types import HEALTH_CHECKS
from policypack.rules.contract import Findings, NotApplicable, Severity, Undecided, rule
from policypack.rules.health._healing import PATH, Healed, seconds_to_fail

if TYPE_CHECKING:
    from policypack.rules.contract import Resource


@rule(
    severity=Severity.MEDIUM,
    subjects=(Healed,),
    fix="Make the check of autohealing the slower one: a longer check_interval_sec, or a higher unhealthy_threshold.",
    controls={"NIST 800-53 r5": ["CP-10", "SI-13"], "ISO 27001:2022": ["A.8.14"]},
    yields_to=("health-check-not-shared-with-autohealing",),
)
def autohealing_slower_than_lb(group: Healed) -> Findings:
    """Autohealing waits longer than the load balancer before it gives a machine up."""
    check = group.check()
    if check is None or check.type not in HEALTH_CHECKS:
        raise NotApplicable("its health check for autohealing is not of this stack")
    served = _checks(group)
    if not served:
        if group.may_serve:
            raise group.may_serve[0].groups.resources().why()
        raise NotApplicable("no health check of this stack takes it out of service before")
    healing = seconds_to_fail(check)
    undecided: Undecided | None = None
    for other in served:
        try:
            serving = seconds_to_fail(other)
        except Undecided as unknown:
            undecided = undecided or unknown
            continue
        if other is not check and healing <= serving:
            yield group.resource.finding(
                PATH,
                expected=f"a check that takes longer than the {serving:g} seconds of `{other.name}`",
                found=f"`{check.name}`, which takes {healing:g} seconds: machines are deleted while they get requests",
            )
            return
    if undecided is not None:
        raise undecided


def _checks(group: Healed) -> list[Resource]:
    """List the health checks of load balancers that are certainly before the group."""
    found = {
        check.urn: check
        for service in group.services
        for check in service.health_checks.resources().certain
        if check.type in HEALTH_CHECKS
    }
    return [found[urn] for urn in sorted(found)]
