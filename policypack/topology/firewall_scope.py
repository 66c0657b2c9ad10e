"""Where a firewall rule applies: the networks it belongs to, the region, and the machines it is aimed at."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from typing import TYPE_CHECKING, Final, Generic, TypeVar

from policypack.gcp import types as t
from policypack.gcp.locations import region_of
from policypack.model.graph import External
from policypack.model.logic import Bounds, Undecided, all_of, any_of, unite
from policypack.model.records import cached_property, dataclass, field
from policypack.model.resource import KNOWN_AFTER_DEPLOYMENT, Element, Resource
from policypack.model.values import Unknown
from policypack.topology.compute import Names, names_at
from policypack.topology.firewall import RULE_LIST_TIERS, FirewallRule, Tier
from policypack.topology.identity import names, overlap

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from policypack.model.graph import Graph, Target
    from policypack.topology.compute import Machine

_ASSOCIATIONS: Final[Mapping[Tier, str]] = {
    Tier.HIERARCHICAL: t.FIREWALL_POLICY_ASSOCIATION,
    Tier.GLOBAL_POLICY: t.NETWORK_FIREWALL_POLICY_ASSOCIATION,
    Tier.REGIONAL_POLICY: t.REGION_NETWORK_FIREWALL_POLICY_ASSOCIATION,
}


_T = TypeVar("_T")


@dataclass(eq=False)
class Index(Generic[_T]):
    """Things by the resources that they may name.

    Attributes:
        elsewhere: Things that may name something outside the stack, or anything at all.
    """

    elsewhere: list[_T] = field(default_factory=list)
    _by_resource: dict[Resource, list[_T]] = field(default_factory=lambda: defaultdict(list))
    _order: dict[_T, int] = field(default_factory=dict)

    def put(self, thing: _T, named: Bounds[Target]) -> None:
        """Lay a thing where it will be looked for."""
        self._order[thing] = len(self._order)
        if named.open or any(isinstance(target, External) for target in named.possible):
            self.elsewhere.append(thing)
            return
        for target in named.possible:
            if isinstance(target, Resource):
                self._by_resource[target].append(thing)

    def of(self, target: Target) -> list[_T]:
        """Give everything that may name a target, in the order in which it was put here."""
        known = self._by_resource.get(target, []) if isinstance(target, Resource) else []
        return sorted([*known, *self.elsewhere], key=self._order.__getitem__)


@dataclass(frozen=True)
class Aim:
    """The machines a rule is aimed at: those that wear one of the tags, or run as one of the accounts.

    Attributes:
        classic: Whether the tags are network tags; else they are secure tags.
        tags: The tags.
        accounts: The service accounts.
    """

    classic: bool
    tags: Names
    accounts: Bounds[Target]

    def hits(self, machine: Machine) -> bool:
        """Tell whether a machine is among the targets.

        Raises:
            Undecided: It may be.
        """
        worn = machine.tags if self.classic else machine.secure_tags
        questions: tuple[Callable[[], bool], ...] = (
            lambda: _share(self.tags, worn),
            lambda: overlap(self.accounts, machine.accounts),
        )
        return any_of(questions, lambda question: question())


@dataclass(eq=False)
class FirewallScope:
    """Tells where the firewall rules of a stack apply.

    Attributes:
        graph: The stack.
    """

    graph: Graph

    def attached(self, rule: FirewallRule, network: Target) -> bool:
        """Tell whether a rule belongs to a network: by its own property, or by its policy's associations."""
        if rule.classic:
            return names(self.graph.references(rule.resource, "network").targets(), network)
        if rule.tier is Tier.HIERARCHICAL:
            return self._attached_from_above(rule, network)
        policy = self._policy(rule)
        tied = any_of(self._associations[rule.tier].of(policy), lambda one: self._ties(one, policy, network))
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
        associations = self._associations[rule.tier].of(policy)
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
        policy = only(policies)
        if policy is None:
            if policies.exact:
                raise Undecided(rule.resource.urn, "firewallPolicy", "it names no policy")
            raise policies.why()
        return policy

    @cached_property
    def _associations(self) -> Mapping[Tier, Index[Resource]]:
        """The associations of each level, by the policy they name."""
        found: dict[Tier, Index[Resource]] = {}
        for tier, token in _ASSOCIATIONS.items():
            found[tier] = Index()
            for association in self.graph.of_type(token):
                found[tier].put(association, self.graph.references(association, "firewallPolicy").targets())
        return found

    def candidates(self, rules: Iterable[FirewallRule]) -> Index[FirewallRule]:
        """Lay out rules by the networks that they may belong to, so that each network is asked about its own only."""
        found: Index[FirewallRule] = Index()
        for rule in rules:
            found.put(rule, self.networks_of(rule))
        return found

    def networks_of(self, rule: FirewallRule) -> Bounds[Target]:
        """Give the networks that a rule may belong to; open where it may be any."""
        if rule.classic:
            return self.graph.references(rule.resource, "network").targets()
        anywhere: Bounds[Target] = Bounds.anything(Undecided(rule.resource.urn, "", KNOWN_AFTER_DEPLOYMENT))
        if rule.tier is Tier.HIERARCHICAL:
            return anywhere
        try:
            policy = self._policy(rule)
        except Undecided:
            return anywhere
        if isinstance(policy, External):
            return anywhere
        associations = self._associations[rule.tier].of(policy)
        return unite(self.graph.references(one, "attachmentTarget").targets() for one in associations)

    def _ties(self, association: Resource, policy: Target, network: Target) -> bool:
        pairs = (("firewallPolicy", policy), ("attachmentTarget", network))
        return all_of(pairs, lambda pair: names(self.graph.references(association, pair[0]).targets(), pair[1]))

    def in_region(self, rule: FirewallRule, machine: Machine) -> bool:
        """Tell whether a rule holds in the region of a machine."""
        if rule.tier is not Tier.REGIONAL_POLICY:
            return True
        region = region_of(rule.resource)
        for place, found in ((rule.resource, region), (machine.group, machine.region)):
            if isinstance(found, Unknown):
                raise Undecided(place.urn, "region", KNOWN_AFTER_DEPLOYMENT)
        return region == machine.region

    def aim_of(self, rule: FirewallRule) -> Aim | None:
        """Tell which machines a rule is aimed at; None if at every machine."""
        tags, item = ("targetTags", "") if rule.classic else ("targetSecureTags", "name")
        if all(rule.place.peek(path) is None for path in (tags, "targetServiceAccounts")):
            return None
        written = names_at(rule.resource, rule.place.full(tags), item)
        return Aim(rule.classic, written, self._of_rule(rule, "targetServiceAccounts[]"))

    def _of_rule(self, rule: FirewallRule, pattern: str) -> Bounds[Target]:
        """Give what a reference property of one rule names."""
        if not isinstance(rule.place, Element):
            return self.graph.references(rule.resource, pattern).targets()
        references = self.graph.references(rule.resource, f"rules[].{pattern}")
        if references.whole:
            return references.targets()
        own = [slot for slot in references.slots if slot.path.startswith(f"{rule.place.prefix}.")]
        return unite(references.of(slot).targets() for slot in own)

    def rules_elsewhere(self, machine: Machine, network: Target) -> Undecided | None:
        """Say why rules that are not of this stack may let connections through; None if none is expected to."""
        if isinstance(network, External):
            reason = f"the network is not managed by this stack ({network.text}), and other rules of it are not seen"
            path = "network" if machine.resource is machine.group else "networkInterfaces[0]"
            return Undecided(machine.resource.urn, path, reason)
        for tier in (Tier.GLOBAL_POLICY, Tier.REGIONAL_POLICY):
            for association in self._associations[tier].elsewhere:
                if _maybe_names(self.graph.references(association, "attachmentTarget").targets(), network):
                    return Undecided(association.urn, "firewallPolicy", "the policy is outside this stack")
        return None


def only(found: Bounds[Target]) -> Target | None:
    """Give the one member of a set that has exactly one for sure."""
    return next(iter(found.certain)) if found.exact and len(found.certain) == 1 else None


def _share(written: Names, worn: Names) -> bool:
    if written.known & worn.known:
        return True
    if written.unknown is not None and (worn.known or worn.unknown):
        raise written.unknown
    if worn.unknown is not None and written.known:
        raise worn.unknown
    return False


def _maybe_names(one: Bounds[Target], target: Target) -> bool:
    try:
        return names(one, target)
    except Undecided:
        return True
