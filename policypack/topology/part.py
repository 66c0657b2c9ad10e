"""What the views over the parts of a load balancer have in common."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from policypack.gcp import types as t
from policypack.gcp.locations import is_global, region_of
from policypack.model.records import dataclass, field

if TYPE_CHECKING:
    from policypack.model.resource import Resource
    from policypack.model.values import Unknown
    from policypack.topology.load_balancing import LoadBalancing


@dataclass(eq=False)
class Part:
    """A part of a load balancer: one resource, seen together with the others of its deployment.

    Attributes:
        types: Type tokens of the resources it is a view over.
        follows: Type tokens of the resources that its answers can depend on.
        resource: The resource.
        plane: The load balancers of the deployment.
    """

    types: ClassVar[tuple[str, ...]] = ()
    follows: ClassVar[tuple[str, ...]] = t.LOAD_BALANCING

    resource: Resource
    plane: LoadBalancing = field(repr=False)

    @property
    def is_global(self) -> bool:
        """True if it belongs to no region."""
        return is_global(self.resource.type)

    @property
    def region(self) -> str | None | Unknown:
        """Its region; None if it is global, `UNKNOWN` if that cannot be known."""
        return region_of(self.resource)
