"""The networks of a stack, with the machines that run in them."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, ClassVar

from policypack.gcp import types as t
from policypack.model.records import dataclass
from policypack.model.resource import Resource
from policypack.topology.compute import machine_of, members_of
from policypack.topology.firewall_scope import only

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from policypack.model.graph import Graph, Target
    from policypack.model.logic import Undecided
    from policypack.topology.compute import Machine
    from policypack.topology.deployment import Deployment
    from policypack.topology.network import NetworkPlane


@dataclass(eq=False)
class PopulatedNetwork:
    """A network that the stack manages.

    Attributes:
        resource: The network.
        machines: The machines of the stack whose first interface is in it for sure.
        unknown: What would have to be known of others, which may be in it.
        plane: The firewall rules of the stack.
    """

    types: ClassVar[tuple[str, ...]] = (t.NETWORK,)
    follows: ClassVar[tuple[str, ...]] = (*t.FIREWALLING, *t.MACHINES)

    resource: Resource
    machines: tuple[Machine, ...]
    unknown: tuple[Undecided, ...]
    plane: NetworkPlane

    @classmethod
    def subjects(cls, deployment: Deployment) -> Sequence[PopulatedNetwork]:
        """List every network of a stack, sorted by URN."""
        return tuple(deployment.populated.values())


def populated_networks(deployment: Deployment) -> Mapping[Resource, PopulatedNetwork]:
    """Give every network that a stack manages, sorted by URN, with the machines in it."""
    graph, plane = deployment.graph, deployment.network
    within: dict[Target, list[Machine]] = defaultdict(list)
    unknown: list[Undecided] = []
    for machine in _described(graph, unknown):
        network = only(machine.network)
        if network is not None:
            within[network].append(machine)
        if not machine.network.exact:
            unknown.append(machine.network.why())
    others = tuple({why.key: why for why in unknown}.values())
    return {
        network: PopulatedNetwork(network, tuple(within.get(network, ())), others, plane)
        for network in graph.of_type(t.NETWORK)
    }


def _described(graph: Graph, unknown: list[Undecided]) -> Iterator[Machine]:
    for group in graph.of_type(*t.INSTANCE_GROUP_MANAGERS):
        members = members_of(graph, group)
        unknown += members.unknown
        yield from members.machines
    for instance in graph.of_type(t.INSTANCE):
        if not instance.external:
            yield machine_of(graph, instance)
