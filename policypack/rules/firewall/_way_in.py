"""A firewall rule within its stack, and the one kind of load balancer whose machines meet the internet themselves."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from policypack.gcp import types as t
from policypack.model.logic import Undecided, all_of, any_of
from policypack.rules.firewall._public import Entry, Place, entry
from policypack.topology.compute import members_of
from policypack.topology.services import BackendService

if TYPE_CHECKING:
    from policypack.model.resource import Resource
    from policypack.topology import Deployment
    from policypack.topology.firewall_ports import Opening


@dataclass(frozen=True, eq=False)
class WayIn:
    """A firewall rule of a stack.

    Attributes:
        place: Where it is written.
        deployment: The stack.
    """

    place: Place
    deployment: Deployment

    @classmethod
    def subjects(cls, deployment: Deployment) -> Sequence[WayIn]:
        """List every firewall rule of a stack, sorted by URN and place."""
        return tuple(cls(rule.place, deployment) for rule in deployment.network.rules)

    @property
    def resource(self) -> Resource:
        """The resource that holds the rule."""
        return self.place.resource

    @property
    def prefix(self) -> str:
        """Where it stands in the resource; "" for a resource of its own."""
        return "" if self.place is self.resource else self.place.full("")

    @property
    def entry(self) -> Entry:
        """What it lets in."""
        return entry(self.place)

    def is_open(self, opens: Callable[[Opening], bool]) -> bool:
        """Tell whether everybody gets in by an opening of some kind, to machines that are not there for everybody.

        Args:
            opens: Whether an opening is of that kind.

        Raises:
            NotApplicable: The rule lets nothing in.
            Undecided: A value that decides is unknown.
        """
        questions: tuple[Callable[[], bool], ...] = (
            lambda: self.entry.lets_in(lambda: any_of(self.entry.openings, opens)),
            lambda: not self.is_for_clients(),
        )
        return all_of(questions, lambda question: question())

    def is_for_clients(self) -> bool:
        """Tell whether it opens machines behind an external passthrough load balancer, which keeps clients' addresses.

        Raises:
            Undecided: It may; also where there is a target pool or target instance, whose machines are not looked into.
        """
        graph = self.deployment.graph
        if any_of(self.deployment.load_balancing.services, self._opens):
            return True
        for target in graph.of_type(t.TARGET_POOL, t.TARGET_INSTANCE):
            raise Undecided(target.urn, "", "the machines that it passes connections on to are not looked into")
        return False

    def _opens(self, service: BackendService) -> bool:
        if not (service.passthrough() and service.scheme() == "EXTERNAL"):
            return False
        groups = service.groups.resources()
        unknown = list(service.groups.unresolved)
        for group in sorted(groups.certain, key=lambda one: one.urn):
            members = members_of(self.deployment.graph, group)
            if any_of(members.machines, lambda machine: self.deployment.network.applies(self.entry.firewall, machine)):
                return True
            unknown += members.unknown
        if unknown:
            raise unknown[0]
        return False
