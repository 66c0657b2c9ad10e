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
    from policypack.topology.compute import Machine
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

    def is_for_clients(self, machine: Machine | None = None) -> bool:
        """Tell whether it opens machines behind an external passthrough load balancer, which keeps clients' addresses.

        Args:
            machine: Machines of one kind, where only they are asked about.

        Raises:
            Undecided: It may.
        """
        services, older = self.deployment.load_balancing.services, (t.TARGET_POOL, t.TARGET_INSTANCE)
        behind: tuple[BackendService | Resource, ...] = (*services, *self.deployment.graph.of_type(*older))
        return any_of(behind, lambda one: self._opens(one, machine))

    def _opens(self, behind: BackendService | Resource, wanted: Machine | None) -> bool:
        if isinstance(behind, BackendService):
            return self._opens_service(behind, wanted)
        return self._opens_group(behind, wanted)

    def _opens_one(self, machine: Machine, wanted: Machine | None) -> bool:
        asked = wanted is None or machine.resource is wanted.resource
        return asked and self.deployment.network.applies(self.entry.firewall, machine)

    def _opens_group(self, target: Resource, wanted: Machine | None) -> bool:
        """Tell whether it opens machines of a target pool or a target instance, which front ends name directly."""
        members = members_of(self.deployment.graph, target)
        if any_of(members.machines, lambda machine: self._opens_one(machine, wanted)):
            return True
        if members.unknown:
            raise members.unknown[0]
        return False

    def _opens_service(self, service: BackendService, wanted: Machine | None) -> bool:
        if not (service.passthrough() and service.scheme() == "EXTERNAL"):
            return False
        groups = service.groups.resources()
        unsure = service.groups.open or groups.possible != groups.certain
        unknown = list(service.groups.unresolved) if unsure else []
        for group in sorted(groups.certain, key=lambda one: one.urn):
            members = members_of(self.deployment.graph, group)
            if any_of(members.machines, lambda machine: self._opens_one(machine, wanted)):
                return True
            unknown += members.unknown
        if unknown:
            raise unknown[0]
        return False
