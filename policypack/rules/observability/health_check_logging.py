"""Health checks that keep no record of what they saw."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Final

from policypack.gcp import types as t
from policypack.model.records import dataclass, field
from policypack.rules.contract import NotApplicable, Severity, Undecided, rule

if TYPE_CHECKING:
    from collections.abc import Sequence

    from policypack.rules.contract import Findings, Resource
    from policypack.topology import Deployment

PATH: Final = "logConfig.enable"


@dataclass(eq=False)
class HealthCheck:
    """A health check, with the load balancers that it decides for.

    Attributes:
        resource: The health check.
        deployment: The deployment it is part of.
    """

    types: ClassVar[tuple[str, ...]] = t.HEALTH_CHECKS
    follows: ClassVar[tuple[str, ...]] = (*t.LOAD_BALANCING, *t.LEGACY_HEALTH_CHECKS)

    resource: Resource
    deployment: Deployment = field(repr=False)

    @classmethod
    def subjects(cls, deployment: Deployment) -> Sequence[HealthCheck]:
        """List every health check of a deployment, sorted by URN."""
        return [cls(resource, deployment) for resource in deployment.graph.of_type(*t.HEALTH_CHECKS)]

    @property
    def serves(self) -> Undecided | bool:
        """Whether the requests of a front end go by it, or what would have to be known."""
        services = self.deployment.load_balancing.services_by(self.resource)
        if any(service.frontends.possible for service in services.certain):
            return True
        others = sorted(services.possible - services.certain, key=lambda service: service.resource.urn)
        doubts = (other.health_checks.resources().why() for other in others if other.frontends.possible)
        return next(doubts, False)


@rule(
    severity=Severity.LOW,
    subjects=(HealthCheck,),
    fix='Set log_config to {"enable": True}.',
    remedy={PATH: True},
    controls={"NIST 800-53 r5": ["SI-4"], "ISO 27001:2022": ["A.8.16"]},
)
def health_check_logging(check: HealthCheck) -> Findings:
    """Health checks of load balancers log every change of health."""
    serves = check.serves
    if not serves:
        raise NotApplicable("no load balancer goes by it")
    resource = check.resource
    if resource.is_set("logConfig") and resource.flag(PATH) is True:
        return
    if isinstance(serves, Undecided):
        raise serves
    found = "false" if resource.is_set("logConfig") and resource.is_set(PATH) else "unset: nothing is logged"
    yield resource.finding(PATH, expected="true", found=found)
