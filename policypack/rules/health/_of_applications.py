"""The health checks of application load balancers, for rules on what such a check asks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from policypack.gcp.types import HEALTH_CHECKS
from policypack.rules.contract import NotApplicable

if TYPE_CHECKING:
    from policypack.rules.contract import Resource
    from policypack.topology.load_balancing import BackendService


def checks_of_application(service: BackendService) -> list[Resource]:
    """Give the health checks of the stack that a service behind an application load balancer uses, sorted by URN.

    Raises:
        NotApplicable: It has none, is part of no application load balancer, or uses legacy checks alone.
        Undecided: It is not known which it uses.
    """
    if service.health_checks.empty:
        raise NotApplicable("it has no health check")
    if not service.application():
        raise NotApplicable("it is no part of an application load balancer")
    checks = service.health_checks.resources()
    ours = [check for check in checks.certain if check.type in HEALTH_CHECKS]
    if not ours:
        if checks.unresolved:
            raise checks.unresolved[0]
        raise NotApplicable("its health check is of the legacy kind")
    return sorted(ours, key=lambda one: one.urn)
