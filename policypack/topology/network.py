"""The network plane: which firewall rules stand between a source and a machine, and what they let through."""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, TypeVar

from policypack.gcp import types as t
from policypack.gcp.locations import region_of
from policypack.gcp.netranges import EVERYWHERE, NOWHERE, RangeSet
from policypack.model.graph import External
from policypack.model.logic import Undecided, all_of, any_of, unite
from policypack.model.resource import KNOWN_AFTER_DEPLOYMENT, Element, Resource
from policypack.model.values import Unknown
from policypack.topology.compute import Names, names_at
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
from policypack.topology.identity import names, overlap

if TYPE_CHECKING:
    from collections.abc import Mapping

    from policypack.model.graph import Graph, Target
    from policypack.model.logic import Bounds
    from policypack.topology.compute import Machine

_T = TypeVar("_T")

_ASSOCIATIONS: Final[Mapping[Tier, str]] = {
    Tier.HIERARCHICAL: t.FIREWALL_POLICY_ASSOCIATION,
    Tier.GLOBAL_POLICY: t.NETWORK_FIREWALL_POLICY_ASSOCIATION,
    Tier.REGIONAL_POLICY: t.REGION_NETWORK_FIREWALL_POLICY_ASSOCIATION,
}

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


@dataclass(frozen=True)
class _Connection:
    """What is asked about: connections from some sources to a port of a machine in a network."""

    machine: Machine
    network: Target
    sources: RangeSet
    port: int | Undecided
    protocol: str


@dataclass(eq=False)
class NetworkPlane:
    """Every firewall rule of a stack, and what the rules do together.

    Attributes:
        graph: The stack.
    """

    graph: Graph

    @functools.cached_property
    def rules(self) -> tuple[FirewallRule, ...]:
        """Every firewall rule that the stack manages, sorted by URN and place."""
        resources = self.graph.of_type(*OWN_RULE_TIERS, *RULE_LIST_TIERS)
        return tuple(rule for resource in resources for rule in firewall_rules(resource))

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

    def admission(self, machine: Machine, sources: RangeSet, port: int | Undecided, protocol: str = "tcp") -> Admission:
        """Tell which of the sources get through to a port of a machine; see `admits`.

        A network that the stack does not manage may have rules that are not seen here: nothing is shut out there
        for sure.
        """
        network = _only(machine.network)
        if network is None:
            return Admission(NOWHERE, sources, machine.network.why())
        doubts: list[Undecided] = []
        levels = self._levels(_Connection(machine, network, sources, port, protocol), doubts)
        orders = self._orders(network, doubts)
        admitted = functools.reduce(
            Admitted.either, (evaluate([levels[tier] for tier in order], sources) for order in orders)
        )
        missing, unsure = sources - admitted.best, admitted.best - admitted.worst
        elsewhere = self._rules_elsewhere(machine, network)
        if missing and elsewhere is not None:
            return Admission(NOWHERE, missing | unsure, doubts[0] if unsure and doubts else elsewhere)
        return Admission(missing, unsure, doubts[0] if unsure else None)

    def _orders(self, network: Target, doubts: list[Undecided]) -> tuple[tuple[Tier, ...], ...]:
        """Give the order of evaluation of a network; both orders where it is not known."""
        if isinstance(network, External):
            return (_AFTER_CLASSIC, _BEFORE_CLASSIC)
        try:
            order = network.text("networkFirewallPolicyEnforcementOrder")
        except Undecided as unknown:
            doubts.append(unknown)
            return (_AFTER_CLASSIC, _BEFORE_CLASSIC)
        return (_BEFORE_CLASSIC,) if order == "BEFORE_CLASSIC_FIREWALL" else (_AFTER_CLASSIC,)

    def _levels(self, wanted: _Connection, doubts: list[Undecided]) -> dict[Tier, list[Effect]]:
        levels: dict[Tier, list[Effect]] = {tier: [] for tier in Tier}
        for rule in self.rules:
            effect = self._effect(rule, wanted, doubts)
            if effect is not None:
                levels[rule.tier].append(effect)
        return levels

    def _effect(self, rule: FirewallRule, wanted: _Connection, doubts: list[Undecided]) -> Effect | None:
        """Give what a rule does to a connection of Google's probes; None if nothing."""
        questions: tuple[Callable[[], bool], ...] = (
            rule.enabled,
            rule.ingress,
            lambda: rule.reaches(wanted.protocol, wanted.port),
            lambda: self._in_region(rule, wanted.machine),
            lambda: self._attached(rule, wanted.network),
            lambda: self._aims_at(rule, wanted.machine),
        )
        unknown: list[Undecided] = []
        if _asked(lambda: all_of(questions, lambda question: question()), unknown) is False:
            return None
        narrower = rule.destinations()
        unknown += [] if narrower is None else [narrower]
        sources = rule.probe_sources()
        sure, maybe = _matched(sources, sure=not unknown)
        if not (sure | maybe) & wanted.sources:
            return None
        unknown += sources.unknown
        action, priority = _asked(rule.action, unknown), _asked(rule.priority, unknown)
        doubts += unknown
        if action is Action.INSPECT:
            doubts.append(rule.inspected())
        return Effect(ANY_ACTION if action is None else actions_of(action), sure, maybe, priority)

    def _attached(self, rule: FirewallRule, network: Target) -> bool:
        """Tell whether a rule belongs to a network: by its own property, or by its policy's associations."""
        if rule.classic:
            return names(self.graph.references(rule.resource, "network").targets(), network)
        if rule.tier is Tier.HIERARCHICAL:
            return self._attached_from_above(rule, network)
        policy = self._policy(rule)
        tied = any_of(self._associations(rule.tier), lambda one: self._ties(one, policy, network))
        if not tied and isinstance(policy, External):
            reason = "its policy is outside this stack, and so are the policy's associations"
            raise Undecided(rule.resource.urn, "firewallPolicy", reason)
        return tied

    def _attached_from_above(self, rule: FirewallRule, network: Target) -> bool:
        """Tell whether a hierarchical rule reaches a network. Which folder a project lies in is never known here."""
        if rule.place.peek("targetResources") is not None:
            targets = self._of_rule(rule, "targetResources[]")
            if not _maybe_names(targets, network):
                return False
        policy = self._policy(rule)
        associations = self._associations(rule.tier)
        if isinstance(policy, Resource) and not any_of(
            associations, lambda one: names(self.graph.references(one, "firewallPolicy").targets(), policy)
        ):
            return False
        reason = "whether the project lies below what this hierarchical policy is attached to is not known"
        raise Undecided(rule.resource.urn, "", reason)

    def _policy(self, rule: FirewallRule) -> Target:
        if rule.resource.type in RULE_LIST_TIERS:
            return rule.resource
        policies = self.graph.references(rule.resource, "firewallPolicy").targets()
        policy = _only(policies)
        if policy is None:
            if policies.exact:
                raise Undecided(rule.resource.urn, "firewallPolicy", "it names no policy")
            raise policies.why()
        return policy

    def _associations(self, tier: Tier) -> tuple[Resource, ...]:
        return self.graph.of_type(_ASSOCIATIONS[tier])

    def _ties(self, association: Resource, policy: Target, network: Target) -> bool:
        pairs = (("firewallPolicy", policy), ("attachmentTarget", network))
        return all_of(pairs, lambda pair: names(self.graph.references(association, pair[0]).targets(), pair[1]))

    def _in_region(self, rule: FirewallRule, machine: Machine) -> bool:
        if rule.tier is not Tier.REGIONAL_POLICY:
            return True
        region = region_of(rule.resource)
        for place, found in ((rule.resource, region), (machine.group, machine.region)):
            if isinstance(found, Unknown):
                raise Undecided(place.urn, "region", KNOWN_AFTER_DEPLOYMENT)
        return region == machine.region

    def _aims_at(self, rule: FirewallRule, machine: Machine) -> bool:
        """Tell whether a machine is among the targets of a rule; a rule without targets aims at every machine."""
        if not rule.guards_machines():
            return False
        tags, item = ("targetTags", "") if rule.classic else ("targetSecureTags", "name")
        if all(rule.place.peek(path) is None for path in (tags, "targetServiceAccounts")):
            return True
        written = names_at(rule.resource, rule.place.full(tags), item)
        worn = machine.tags if rule.classic else machine.secure_tags
        accounts = self._of_rule(rule, "targetServiceAccounts[]")
        questions: tuple[Callable[[], bool], ...] = (
            lambda: _share(written, worn),
            lambda: overlap(accounts, machine.accounts),
        )
        return any_of(questions, lambda question: question())

    def _of_rule(self, rule: FirewallRule, pattern: str) -> Bounds[Target]:
        """Give what a reference property of one rule names."""
        if not isinstance(rule.place, Element):
            return self.graph.references(rule.resource, pattern).targets()
        references = self.graph.references(rule.resource, f"rules[].{pattern}")
        if references.whole:
            return references.targets()
        own = [slot for slot in references.slots if slot.path.startswith(f"{rule.place.prefix}.")]
        return unite(references.of(slot).targets() for slot in own)

    def _rules_elsewhere(self, machine: Machine, network: Target) -> Undecided | None:
        """Say why rules that are not of this stack may let connections through; None if none is expected to."""
        if isinstance(network, External):
            reason = f"the network is not managed by this stack ({network.text}), and other rules of it are not seen"
            return Undecided(machine.resource.urn, "", reason)
        for tier in (Tier.GLOBAL_POLICY, Tier.REGIONAL_POLICY):
            for association in self._associations(tier):
                policies = self.graph.references(association, "firewallPolicy").targets()
                outside = policies.open or any(isinstance(policy, External) for policy in policies.possible)
                if outside and _maybe_names(self.graph.references(association, "attachmentTarget").targets(), network):
                    return Undecided(association.urn, "firewallPolicy", "the policy is outside this stack")
        return None


def _matched(sources: Sources, *, sure: bool) -> tuple[RangeSet, RangeSet]:
    """Give the addresses that a rule matches for sure, and those that it may match."""
    rest = EVERYWHERE if sources.unknown else NOWHERE
    return (sources.known, rest) if sure else (NOWHERE, sources.known | rest)


def _share(written: Names, worn: Names) -> bool:
    if written.known & worn.known:
        return True
    if written.unknown is not None and (worn.known or worn.unknown):
        raise written.unknown
    if worn.unknown is not None and written.known:
        raise worn.unknown
    return False


def _only(found: Bounds[Target]) -> Target | None:
    """Give the one member of a set that has exactly one for sure."""
    return next(iter(found.certain)) if found.exact and len(found.certain) == 1 else None


def _maybe_names(one: Bounds[Target], target: Target) -> bool:
    try:
        return names(one, target)
    except Undecided:
        return True


def _asked(question: Callable[[], _T], unknown: list[Undecided]) -> _T | None:
    """Give an answer, or note why there is none."""
    try:
        return question()
    except Undecided as why:
        unknown.append(why)
        return None
