"""Autoscalers, and the groups they scale."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from policypack.gcp import types as t
from policypack.model.records import cached_property, dataclass, field

if TYPE_CHECKING:
    from collections.abc import Sequence

    from policypack.model.graph import Target
    from policypack.rules.contract import Bounds, Resource, Undecided
    from policypack.topology import Deployment


@dataclass(eq=False)
class Scaler:
    """An autoscaler, with the group that it scales.

    Attributes:
        resource: The autoscaler.
        deployment: The deployment it is part of.
    """

    types: ClassVar[tuple[str, ...]] = t.AUTOSCALERS
    follows: ClassVar[tuple[str, ...]] = (*t.INSTANCE_GROUP_MANAGERS, *t.LOAD_BALANCING)

    resource: Resource
    deployment: Deployment = field(repr=False)

    @classmethod
    def subjects(cls, deployment: Deployment) -> Sequence[Scaler]:
        """List every autoscaler of a deployment, sorted by URN."""
        return [cls(resource, deployment) for resource in deployment.graph.of_type(*t.AUTOSCALERS)]

    @cached_property
    def targets(self) -> Bounds[Target]:
        """The groups that it may scale: one at the most."""
        return self.deployment.graph.references(self.resource, "target").targets()


@dataclass(eq=False)
class ScaledGroup:
    """A managed instance group, with the autoscalers that may set its size.

    Attributes:
        resource: The group.
        deployment: The deployment it is part of.
    """

    types: ClassVar[tuple[str, ...]] = t.INSTANCE_GROUP_MANAGERS
    follows: ClassVar[tuple[str, ...]] = (*t.AUTOSCALERS, *t.LOAD_BALANCING)

    resource: Resource
    deployment: Deployment = field(repr=False)

    @classmethod
    def subjects(cls, deployment: Deployment) -> Sequence[ScaledGroup]:
        """List every managed instance group of a deployment, sorted by URN."""
        return [cls(resource, deployment) for resource in deployment.graph.of_type(*t.INSTANCE_GROUP_MANAGERS)]

    @cached_property
    def scalers(self) -> tuple[tuple[Resource, Undecided | None], ...]:
        """The autoscalers that may scale it, each with what would have to be known if that is not sure."""
        found: list[tuple[Resource, Undecided | None]] = []
        for scaler in self.deployment.graph.of_type(*t.AUTOSCALERS):
            groups = self.deployment.graph.references(scaler, "target").targets()
            if self.resource in groups.certain:
                found.append((scaler, None))
            elif self.resource in groups.possible or groups.open:
                found.append((scaler, groups.why()))
        return tuple(found)

    @property
    def serves(self) -> bool:
        """True if a backend service may send requests to it."""
        services = self.deployment.load_balancing.services_over(self.resource).possible
        return any(self.resource in service.groups.resources().possible for service in services)
