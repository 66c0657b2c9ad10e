"""Instance groups, the check that repairs their machines, and the load balancers before them."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Final

from policypack.gcp.types import HEALTH_CHECKS, INSTANCE_GROUP_MANAGERS, LOAD_BALANCING
from policypack.model.records import dataclass, field

if TYPE_CHECKING:
    from collections.abc import Sequence

    from policypack.model.graph import References
    from policypack.rules.contract import Resource
    from policypack.topology import Deployment
    from policypack.topology.load_balancing import BackendService

PATH: Final = "autoHealingPolicies.healthCheck"
INTERVAL_DEFAULT: Final = 5
FAILURES_DEFAULT: Final = 2


@dataclass(eq=False)
class Healed:
    """A managed instance group with a check for autohealing.

    Attributes:
        resource: The group.
        checks: What its autohealing names.
        services: Backend services that the group is behind for sure.
        may_serve: Backend services that it may be behind.
    """

    types: ClassVar[tuple[str, ...]] = INSTANCE_GROUP_MANAGERS
    follows: ClassVar[tuple[str, ...]] = (*LOAD_BALANCING, *HEALTH_CHECKS)

    resource: Resource
    checks: References
    services: list[BackendService] = field(default_factory=list)
    may_serve: list[BackendService] = field(default_factory=list)

    @classmethod
    def subjects(cls, deployment: Deployment) -> Sequence[Healed]:
        """List every managed instance group of a deployment that names a check, sorted by URN."""
        graph = deployment.graph
        groups = {
            group.urn: cls(group, checks)
            for group in graph.of_type(*INSTANCE_GROUP_MANAGERS)
            if not (checks := graph.references(group, PATH)).empty
        }
        for service in deployment.load_balancing.services:
            behind = service.groups.resources()
            for resource in behind.possible:
                healed = groups.get(resource.urn)
                if healed is not None:
                    (healed.services if resource in behind.certain else healed.may_serve).append(service)
        return tuple(groups[urn] for urn in sorted(groups))

    def check(self) -> Resource | None:
        """Give the check of this stack that repairs it; None if it is not of this stack.

        Raises:
            Undecided: It is not known which one it is.
        """
        resources = self.checks.resources()
        for check in resources.certain:
            return check
        if resources.possible:
            raise resources.why()
        return None


def seconds_to_fail(check: Resource) -> float:
    """Tell how long a health check takes to find that a machine has failed, in seconds.

    Raises:
        Undecided: Its interval or its threshold is unknown.
    """
    interval = check.number("checkIntervalSec") or INTERVAL_DEFAULT
    return interval * (check.number("unhealthyThreshold") or FAILURES_DEFAULT)
