"""A deployment: the graph of one stack, with every view over it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from policypack.model.records import cached_property, dataclass
from policypack.model.resource import Resource

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from policypack.model.graph import Graph
    from policypack.topology.load_balancing import LoadBalancing
    from policypack.topology.network import NetworkPlane
    from policypack.topology.populated import PopulatedNetwork

ROOT_STACK = "pulumi:pulumi:Stack"


@dataclass(eq=False)
class Deployment:
    """The graph of one stack, and the views over it, each built once and only when asked for.

    Attributes:
        graph: All resources of the stack.
    """

    graph: Graph

    @cached_property
    def resource(self) -> Resource:
        """The root stack, for findings about the deployment as a whole."""
        roots = [resource for resource in self.graph.resources if resource.type == ROOT_STACK]
        project, stack = self.graph.project, self.graph.stack
        urn = f"urn:pulumi:{stack}::{project}::{ROOT_STACK}::{project}-{stack}"
        return roots[0] if roots else Resource(urn=urn, type=ROOT_STACK, name=f"{project}-{stack}", custom=False)

    @cached_property
    def load_balancing(self) -> LoadBalancing:
        """The load balancers: from forwarding rules to serving regions."""
        from policypack.topology.load_balancing import LoadBalancing

        return LoadBalancing(self.graph)

    @cached_property
    def network(self) -> NetworkPlane:
        """The networks and the firewall rules that apply in them."""
        from policypack.topology.network import network_plane

        return network_plane(self.graph)

    @cached_property
    def populated(self) -> Mapping[Resource, PopulatedNetwork]:
        """The networks that the stack manages, each with the machines in it."""
        from policypack.topology.populated import populated_networks

        return populated_networks(self)

    @classmethod
    def subjects(cls, deployment: Deployment) -> Sequence[Deployment]:
        """A deployment has one deployment: itself."""
        return (deployment,)

    @cached_property
    def judged(self) -> tuple[Resource, ...]:
        """The resources that the stack manages, without components, providers and the stack itself."""
        return tuple(
            resource
            for resource in self.graph.resources
            if resource.custom and not resource.external and not resource.type.startswith("pulumi:")
        )
