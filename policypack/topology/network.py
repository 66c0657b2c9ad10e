"""The network plane: which firewall rules stand between a source and a machine, and what they let through."""

from __future__ import annotations

import enum
import functools
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Final, TypeVar

from policypack.gcp.netranges import EVERYWHERE, NOWHERE, RangeSet
from policypack.model.graph import External
from policypack.model.logic import Undecided, all_hold, note_inference, recording_inferences
from policypack.model.records import cached_property, dataclass, field
from policypack.topology.firewall import (
    OWN_RULE_TIERS,
    RULE_LIST_TIERS,
    Action,
    FirewallRule,
    Sources,
    Tier,
    firewall_rules,
)
from policypack.topology.firewall_order import ANY_ACTION, Admitted, Effect, actions_of, evaluate
from policypack.topology.firewall_scope import FirewallScope, only

if TYPE_CHECKING:
    from policypack.model.graph import Graph, Target
    from policypack.model.logic import Bounds
    from policypack.topology.compute import Machine
    from policypack.topology.firewall_scope import Aim, Index

_T = TypeVar("_T")

_AFTER_CLASSIC: Final = (Tier.HIERARCHICAL, Tier.CLASSIC, Tier.GLOBAL_POLICY, Tier.REGIONAL_POLICY)
_BEFORE_CLASSIC: Final = (Tier.HIERARCHICAL, Tier.GLOBAL_POLICY, Tier.REGIONAL_POLICY, Tier.CLASSIC)


@dataclass(frozen=True)
class Admission:
    """Whether a network lets connections through.

    Attributes:
        missing: Sources that are shut out for sure.
        unsure: Sources of which it cannot be told.
        why: What would have to be known; None if `unsure` is empty.
    """

    missing: RangeSet
    unsure: RangeSet
    why: Undecided | None


def network_plane(graph: Graph) -> NetworkPlane:
    """Give the network plane of a stack, the same one to whoever asks."""
    return graph.once(NetworkPlane)


class _Side(enum.Enum):
    """What stands at the other end of a connection."""

    PROBES = "Google's probes"
    PROXIES = "proxies in a subnet of the network"
    DESTINATIONS = "what machines connect to"


@dataclass(frozen=True)
class _Connection:
    """What is asked about: connections between some addresses and a machine in a network, to a port."""

    machine: Machine
    network: Target
    sources: RangeSet
    port: int | Undecided
    protocol: str
    side: _Side


@dataclass(frozen=True)
class _Standing:
    """A rule that is in force in a network, or may be.

    Attributes:
        rule: The rule.
        matches: Which addresses it matches, by what they are.
        aim: The machines it is aimed at; None if at all.
        unknown: What would have to be known to tell whether it is in force.
        inferences: What the answer rests on besides known values.
    """

    rule: FirewallRule
    matches: Mapping[_Side, Sources]
    aim: Aim | None
    unknown: tuple[Undecided, ...]
    inferences: tuple[str, ...]


@dataclass(eq=False)
class NetworkPlane:
    """Every firewall rule of a stack, and what the rules do together.

    Attributes:
        graph: The stack.
    """

    graph: Graph
    _by_network: dict[tuple[Target, bool], tuple[_Standing, ...]] = field(default_factory=dict, repr=False)
    _by_port: dict[tuple[FirewallRule, str, int], bool | Undecided] = field(default_factory=dict, repr=False)

    @cached_property
    def _scope(self) -> FirewallScope:
        return FirewallScope(self.graph)

    @cached_property
    def rules(self) -> tuple[FirewallRule, ...]:
        """Every firewall rule that the stack manages, sorted by URN and place."""
        resources = self.graph.of_type(*OWN_RULE_TIERS, *RULE_LIST_TIERS)
        return tuple(rule for resource in resources for rule in firewall_rules(resource))

    @cached_property
    def _candidates(self) -> Index[FirewallRule]:
        return self._scope.candidates(self.rules)

    def admits(self, machine: Machine, sources: RangeSet, port: int | Undecided, protocol: str = "tcp") -> bool:
        """Tell whether connections from every one of the sources get through to a port of a machine.

        Args:
            machine: The machine.
            sources: Where the connections come from.
            port: The port; `Undecided` where it is not known which.
            protocol: `tcp` or `udp`.

        Raises:
            Undecided: An unknown value decides.
        """
        admission = self.admission(machine, sources, port, protocol)
        if admission.missing:
            return False
        if admission.why is not None:
            raise admission.why
        return True

    def admission(
        self,
        machine: Machine,
        sources: RangeSet,
        port: int | Undecided,
        protocol: str = "tcp",
        *,
        proxies: bool = False,
    ) -> Admission:
        """Tell which of the sources get through to a port of a machine; see `admits`.

        Args:
            machine: The machine.
            sources: Where the connections come from.
            port: The port; `Undecided` where it is not known which.
            protocol: `tcp` or `udp`.
            proxies: Whether the sources are proxies in a subnet of the network; else they are Google's probes.

        A network that the stack does not manage may have rules that are not seen here: nothing is shut out there
        for sure.
        """
        return self._ask(machine, sources, port, protocol, _Side.PROXIES if proxies else _Side.PROBES)

    def reached(self, machine: Machine, destinations: RangeSet, port: int, protocol: str = "tcp") -> Admission:
        """Tell which destinations a machine reaches at a port; see `admission`.

        Args:
            machine: The machine.
            destinations: Where it connects to.
            port: The port there.
            protocol: `tcp` or `udp`.
        """
        return self._ask(machine, destinations, port, protocol, _Side.DESTINATIONS)

    def _ask(self, machine: Machine, sources: RangeSet, port: int | Undecided, protocol: str, side: _Side) -> Admission:
        network = only(machine.network)
        if network is None:
            return Admission(NOWHERE, sources, machine.network.why())
        if side is _Side.DESTINATIONS and not self._standing(network, outgoing=True):
            # The implied rule lets everything out, in whichever order rules are asked. Most networks leave it at that.
            return Admission(NOWHERE, NOWHERE, None)
        doubts: list[Undecided] = []
        levels = self._levels(_Connection(machine, network, sources, port, protocol, side), doubts)
        orders = self._orders(network, doubts)
        outgoing = side is _Side.DESTINATIONS
        admitted = functools.reduce(
            Admitted.either,
            (evaluate([levels[tier] for tier in order], sources, outgoing=outgoing) for order in orders),
        )
        missing, unsure = sources - admitted.best, admitted.best - admitted.worst
        elsewhere = self._scope.rules_elsewhere(machine, network)
        if missing and elsewhere is not None:
            return Admission(NOWHERE, missing | unsure, doubts[0] if unsure and doubts else elsewhere)
        return Admission(missing, unsure, doubts[0] if unsure else None)

    def applies(self, rule: FirewallRule, machine: Machine) -> bool:
        """Tell whether a rule is for a machine: by its network, its region, and what it is aimed at.

        Raises:
            Undecided: An unknown value decides.
        """
        questions: tuple[Callable[[], bool], ...] = (
            lambda: self._in_network_of(rule, machine),
            lambda: self._scope.in_region(rule, machine),
            lambda: (aim := self._scope.aim_of(rule)) is None or aim.hits(machine),
        )
        return all_hold(*questions)

    def aim_of(self, rule: FirewallRule) -> Aim | None:
        """Tell which machines a rule is aimed at; None if at every machine."""
        return self._scope.aim_of(rule)

    def networks_of(self, rule: FirewallRule) -> Bounds[Target]:
        """Give the networks that a rule belongs to; open where it may be any."""
        return self._scope.networks_of(rule)

    def _in_network_of(self, rule: FirewallRule, machine: Machine) -> bool:
        network = only(machine.network)
        if network is None:
            raise machine.network.why()
        return self._scope.attached(rule, network)

    def _orders(self, network: Target, doubts: list[Undecided]) -> tuple[tuple[Tier, ...], ...]:
        """Give the order of evaluation of a network; both orders where it is not known."""
        if isinstance(network, External):
            reason = (
                f"the order in which network {network.text} evaluates rules is not known, since it is not managed here"
            )
            doubts.append(Undecided("", "", reason))
            return (_AFTER_CLASSIC, _BEFORE_CLASSIC)
        try:
            order = network.text("networkFirewallPolicyEnforcementOrder")
        except Undecided as unknown:
            doubts.append(unknown)
            return (_AFTER_CLASSIC, _BEFORE_CLASSIC)
        return (_BEFORE_CLASSIC,) if order == "BEFORE_CLASSIC_FIREWALL" else (_AFTER_CLASSIC,)

    def _levels(self, wanted: _Connection, doubts: list[Undecided]) -> dict[Tier, list[Effect]]:
        levels: dict[Tier, list[Effect]] = {tier: [] for tier in Tier}
        for standing in self._standing(wanted.network, outgoing=wanted.side is _Side.DESTINATIONS):
            effect = self._effect(standing, wanted, doubts)
            if effect is not None:
                levels[standing.rule.tier].append(effect)
        return levels

    def _standing(self, network: Target, *, outgoing: bool) -> tuple[_Standing, ...]:
        """Give the rules that are in force in a network, or may be, with what does not depend on the connection."""
        key = (network, outgoing)
        if key not in self._by_network:
            found = (self._stand(rule, network, outgoing=outgoing) for rule in self._candidates.of(network))
            self._by_network[key] = tuple(standing for standing in found if standing is not None)
        return self._by_network[key]

    def _stand(self, rule: FirewallRule, network: Target, *, outgoing: bool) -> _Standing | None:
        if _asked(rule.ingress, []) is outgoing:
            return None  # the commonest answer, and whatever else is unknown of the rule does not change it
        questions: tuple[Callable[[], bool], ...] = (
            rule.enabled,
            lambda: rule.ingress() is not outgoing,
            rule.guards_machines,
            lambda: self._scope.attached(rule, network),
        )
        unknown: list[Undecided] = []
        with recording_inferences() as inferences:
            if _asked(lambda: all_hold(*questions), unknown) is False:
                return None
            aim = self._scope.aim_of(rule)
        narrower = rule.origins() if outgoing else rule.destinations()
        unknown += [] if narrower is None else [narrower]
        matches = (
            {_Side.DESTINATIONS: rule.reached()}
            if outgoing
            else {_Side.PROBES: rule.probe_sources(), _Side.PROXIES: rule.proxy_sources()}
        )
        return _Standing(rule, matches, aim, tuple(unknown), tuple(inferences))

    def _reaches(self, rule: FirewallRule, protocol: str, port: int | Undecided) -> bool:
        if isinstance(port, Undecided):
            return rule.reaches(protocol, port)
        key = (rule, protocol, port)
        if key not in self._by_port:
            unknown: list[Undecided] = []
            answer = _asked(lambda: rule.reaches(protocol, port), unknown)
            self._by_port[key] = unknown[0] if answer is None else answer
        answer_or_why = self._by_port[key]
        if isinstance(answer_or_why, Undecided):
            raise answer_or_why
        return answer_or_why

    def _effect(self, standing: _Standing, wanted: _Connection, doubts: list[Undecided]) -> Effect | None:
        """Give what a rule does to a connection; None if nothing."""
        rule, sources = standing.rule, standing.matches[wanted.side]
        if not sources.unknown and not sources.known & wanted.sources:
            return None
        questions: tuple[Callable[[], bool], ...] = (
            lambda: self._reaches(rule, wanted.protocol, wanted.port),
            lambda: self._scope.in_region(rule, wanted.machine),
            lambda: standing.aim is None or standing.aim.hits(wanted.machine),
        )
        unknown = list(standing.unknown)
        if _asked(lambda: all_hold(*questions), unknown) is False:
            return None
        for inference in standing.inferences:
            note_inference(inference)
        sure, maybe = _matched(sources, sure=not unknown)
        unknown += sources.unknown
        action, priority = _asked(rule.action, unknown), _asked(rule.priority, unknown)
        doubts += unknown
        if action is Action.INSPECT:
            doubts.append(rule.inspected())
        return Effect(ANY_ACTION if action is None else actions_of(action), sure, maybe, priority)


def _matched(sources: Sources, *, sure: bool) -> tuple[RangeSet, RangeSet]:
    """Give the addresses that a rule matches for sure, and those that it may match."""
    rest = EVERYWHERE if sources.unknown else NOWHERE
    return (sources.known, rest) if sure else (NOWHERE, sources.known | rest)


def _asked(question: Callable[[], _T], unknown: list[Undecided]) -> _T | None:
    """Give an answer, or note why there is none."""
    try:
        return question()
    except Undecided as why:
        unknown.append(why)
        return None
