"""A firewall rule within its stack, and the one kind of load balancer whose machines meet the internet themselves."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, ClassVar

from policypack.gcp import types as t
from policypack.model.logic import all_of, any_of
from policypack.model.records import dataclass
from policypack.rules.firewall._public import Entry, Place, entry
from policypack.topology.compute import members_of
from policypack.topology.firewall import OWN_RULE_TIERS, RULE_LIST_TIERS
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

    types: ClassVar[tuple[str, ...]] = (*OWN_RULE_TIERS, *RULE_LIST_TIERS)
    follows: ClassVar[tuple[str, ...]] = (*t.LOAD_BALANCING, *t.FIREWALLING, *t.MACHINES)

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
            Undecided: It may.
        """
        services, older = self.deployment.load_balancing.services, (t.TARGET_POOL, t.TARGET_INSTANCE)
        behind: tuple[BackendService | Resource, ...] = (*services, *self.deployment.graph.of_type(*older))
        return any_of(behind, self._opens)

    def _opens(self, behind: BackendService | Resource) -> bool:
        return self._opens_service(behind) if isinstance(behind, BackendService) else self._opens_group(behind)

    def _opens_group(self, target: Resource) -> bool:
        """Tell whether it opens machines of a target pool or a target instance, which front ends name directly."""
        members = members_of(self.deployment.graph, target)
        if any_of(members.machines, lambda machine: self.deployment.network.applies(self.entry.firewall, machine)):
            return True
        if members.unknown:
            raise members.unknown[0]
        return False

    def _opens_service(self, service: BackendService) -> bool:
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
