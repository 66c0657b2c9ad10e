"""Cloud Armor before everything that the internet reaches."""

from __future__ import annotations

from typing import Annotated, Final

from policypack.rules.contract import Findings, NotApplicable, Param, Severity, rule
from policypack.rules.edge._policies import CONTROLS, SLOT, has_policy
from policypack.topology.exposure import exposed
from policypack.topology.load_balancing import BackendService

_NONE: Final[list[str]] = []


@rule(
    severity=Severity.HIGH,
    subjects=(BackendService,),
    fix="Name a SecurityPolicy in security_policy; in a regional service a RegionSecurityPolicy of the same region.",
    controls=CONTROLS,
    yields_to=("armor-parity-across-routes",),
)
def armor_policy_attached(
    service: BackendService,
    *,
    exempt: Annotated[list[str], Param("Backend services that need none, by their names in the program.")] = _NONE,
) -> Findings:
    """Backend services that the internet reaches through a proxy have a Cloud Armor policy."""
    if service.resource.name in exempt:
        raise NotApplicable("the configuration exempts it")
    if has_policy(service):
        return
    if not exposed(service):
        raise NotApplicable("no proxy that the internet reaches leads to it")
    yield service.resource.finding(
        SLOT,
        expected="a Cloud Armor policy",
        found="unset: no rule denies or limits what the internet sends",
    )
