"""Cloud Armor on every route of one front end, or attackers take the other."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Final

from policypack.rules.contract import Findings, NotApplicable, Param, Severity, rule
from policypack.rules.edge._policies import CONTROLS, SLOT, has_policy
from policypack.topology.exposure import any_in, exposed
from policypack.topology.load_balancing import BackendService

if TYPE_CHECKING:
    from policypack.topology.load_balancing import Frontend

_NONE: Final[list[str]] = []


@rule(
    severity=Severity.HIGH,
    subjects=(BackendService,),
    fix="Name a policy in every backend service of the URL map. Routes may have different policies, but none without.",
    controls=CONTROLS,
)
def armor_parity_across_routes(
    service: BackendService,
    *,
    exempt: Annotated[list[str], Param("Backend services that need none, by their names in the program.")] = _NONE,
) -> Findings:
    """Where one route of a front end has a Cloud Armor policy, every other route has one, too."""
    if service.resource.name in exempt:
        raise NotApplicable("the configuration exempts it")
    if has_policy(service):
        return
    if not exposed(service):
        raise NotApplicable("no proxy that the internet reaches leads to it")
    if any_in(service.frontends, lambda frontend: _guarded_elsewhere(frontend, service)):
        others = sorted(
            other.resource.name
            for frontend in service.frontends.certain
            for other in frontend.services.certain
            if other is not service and not _without(other)
        )
        said = " and ".join(dict.fromkeys(others))
        yield service.resource.finding(
            SLOT,
            expected="a Cloud Armor policy, as on the other routes of the front end",
            found=f"unset, while {said} behind the same front end has one: attackers ask for a path of this one",
        )


def _guarded_elsewhere(frontend: Frontend, service: BackendService) -> bool:
    return any_in(frontend.services, lambda other: other is not service and has_policy(other))


def _without(service: BackendService) -> bool:
    """Tell whether a service names no policy for sure."""
    return service.plane.graph.references(service.resource, SLOT).empty
