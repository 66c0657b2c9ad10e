"""What a stack serves, for rules on whether somebody watches it."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from policypack.gcp import types as t
from policypack.model.records import dataclass, field

if TYPE_CHECKING:
    from collections.abc import Sequence

    from policypack.rules.contract import Resource
    from policypack.topology import Deployment
    from policypack.topology.load_balancing import Frontend


@dataclass(eq=False)
class Watched:
    """What a stack serves, and the alerts that the stack has.

    Attributes:
        resource: The first of its front ends, which stands for them all.
        deployment: The deployment it is part of.
    """

    types: ClassVar[tuple[str, ...]] = t.FORWARDING_RULES
    follows: ClassVar[tuple[str, ...]] = (*t.LOAD_BALANCING, t.ALERT_POLICY, t.ROUTER_NAT, t.SLO)

    resource: Resource
    deployment: Deployment = field(repr=False)

    @classmethod
    def subjects(cls, deployment: Deployment) -> Sequence[Watched]:
        """Give the one view of a deployment that has a front end with backends; else none."""
        serving = [one for one in deployment.load_balancing.frontends if one.services.certain]
        return [cls(serving[0].resource, deployment)] if serving else []

    @property
    def frontends(self) -> tuple[Frontend, ...]:
        """Every front end."""
        return self.deployment.load_balancing.frontends

    @property
    def alerts(self) -> tuple[Resource, ...]:
        """Every alert policy of the stack."""
        return self.deployment.graph.of_type(t.ALERT_POLICY)
