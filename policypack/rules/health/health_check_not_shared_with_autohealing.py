"""One health check for two purposes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from policypack.model.resource import Resource
from policypack.rules.contract import Findings, NotApplicable, Severity, rule
from policypack.rules.health._healing import PATH, Healed

if TYPE_CHECKING:
    from policypack.model.graph import Target
    from policypack.topology.load_balancing import BackendService


@rule(
    severity=Severity.HIGH,
    subjects=(Healed,),
    fix="Give autohealing a health check of its own, on a path that answers while the process is worth keeping, with a "
    "longer interval and more failures.",
    controls={"NIST 800-53 r5": ["CP-10", "SI-13"], "ISO 27001:2022": ["A.8.14"]},
)
def health_check_not_shared_with_autohealing(group: Healed) -> Findings:
    """Autohealing and the load balancer have health checks of their own."""
    services = [*group.services, *group.may_serve]
    if not services:
        raise NotApplicable("no backend service of this stack sends requests to it")
    check = group.check() or next(iter(group.checks.known), None)
    sharing = [service for service in group.services if check is not None and _goes_by(service, check)]
    if sharing:
        name = check.name if isinstance(check, Resource) else group.resource.text(PATH)
        names = ", ".join(f"`{service.resource.name}`" for service in sharing)
        yield group.resource.finding(
            PATH,
            expected="a health check for autohealing alone",
            found=f"`{name}`, which {names} uses too: what is overloaded is then deleted",
        )
        return
    if not isinstance(check, Resource):
        raise NotApplicable("its health check for autohealing is not of this stack")
    for service in services:
        checks = service.health_checks.resources()
        if check in checks.possible or (checks.open and checks.unresolved):
            # Where the check is known, it is the group that may be behind the service, or not.
            raise (checks if checks.unresolved else service.groups.resources()).why()


def _goes_by(service: BackendService, check: Target) -> bool:
    """Tell whether a service certainly uses a check: one of the stack, or one outside of the same name."""
    used = service.health_checks.targets().certain
    if isinstance(check, Resource):
        return check in used
    return any(
        not isinstance(other, Resource) and other.address is not None and other.address == check.address
        for other in used
    )
