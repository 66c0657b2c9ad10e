"""The network plane: which firewall rules stand between a source and a machine, and what they let through."""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, TypeVar

from policypack.gcp.netranges import EVERYWHERE, NOWHERE, RangeSet
from policypack.model.graph import External
from policypack.model.logic import Undecided, all_of, note_inference, recording_inferences
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


@functools.lru_cache(maxsize=1)
def network_plane(graph: Graph) -> NetworkPlane:
    """Give the network plane of a stack; that of the stack asked for last is kept."""
    return NetworkPlane(graph)


@dataclass(frozen=True)
class _Connection:
    """What is asked about: connections from some sources to a port of a machine in a network."""

    machine: Machine
    network: Target
    sources: RangeSet
    port: int | Undecided
    protocol: str
    proxies: bool


@dataclass(frozen=True)
class _Standing:
    """A rule that is in force in a network, or may be.

    Attributes:
        rule: The rule.
        probes: Which of Google's probes it matches.
        proxies: Which proxies of load balancers it matches.
        aim: The machines it is aimed at; None if at all.
        unknown: What would have to be known to tell whether it is in force.
        inferences: What the answer rests on besides known values.
    """

    rule: FirewallRule
    probes: Sources
    proxies: Sources
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
    _by_network: dict[Target, tuple[_Standing, ...]] = field(default_factory=dict, repr=False)
    _by_port: dict[tuple[FirewallRule, str, int], bool | Undecided] = field(default_factory=dict, repr=False)

    @functools.cached_property
    def _scope(self) -> FirewallScope:
        return FirewallScope(self.graph)

    @functools.cached_property
    def rules(self) -> tuple[FirewallRule, ...]:
        """Every firewall rule that the stack manages, sorted by URN and place."""
        resources = self.graph.of_type(*OWN_RULE_TIERS, *RULE_LIST_TIERS)
        return tuple(rule for resource in resources for rule in firewall_rules(resource))

    @functools.cached_property
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
        network = only(machine.network)
        if network is None:
            return Admission(NOWHERE, sources, machine.network.why())
        doubts: list[Undecided] = []
        levels = self._levels(_Connection(machine, network, sources, port, protocol, proxies), doubts)
        orders = self._orders(network, doubts)
        admitted = functools.reduce(
            Admitted.either, (evaluate([levels[tier] for tier in order], sources) for order in orders)
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
        return all_of(questions, lambda question: question())

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
        for standing in self._standing(wanted.network):
            effect = self._effect(standing, wanted, doubts)
            if effect is not None:
                levels[standing.rule.tier].append(effect)
        return levels

    def _standing(self, network: Target) -> tuple[_Standing, ...]:
        """Give the rules that are in force in a network, or may be, with what does not depend on the connection."""
        if network not in self._by_network:
            found = (self._stand(rule, network) for rule in self._candidates.of(network))
            self._by_network[network] = tuple(standing for standing in found if standing is not None)
        return self._by_network[network]

    def _stand(self, rule: FirewallRule, network: Target) -> _Standing | None:
        questions: tuple[Callable[[], bool], ...] = (
            rule.enabled,
            rule.ingress,
            rule.guards_machines,
            lambda: self._scope.attached(rule, network),
        )
        unknown: list[Undecided] = []
        with recording_inferences() as inferences:
            if _asked(lambda: all_of(questions, lambda question: question()), unknown) is False:
                return None
            aim = self._scope.aim_of(rule)
        narrower = rule.destinations()
        unknown += [] if narrower is None else [narrower]
        return _Standing(rule, rule.probe_sources(), rule.proxy_sources(), aim, tuple(unknown), tuple(inferences))

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
        rule, sources = standing.rule, standing.proxies if wanted.proxies else standing.probes
        if not sources.unknown and not sources.known & wanted.sources:
            return None
        questions: tuple[Callable[[], bool], ...] = (
            lambda: self._reaches(rule, wanted.protocol, wanted.port),
            lambda: self._scope.in_region(rule, wanted.machine),
            lambda: standing.aim is None or standing.aim.hits(wanted.machine),
        )
        unknown = list(standing.unknown)
        if _asked(lambda: all_of(questions, lambda question: question()), unknown) is False:
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
