"""Where a firewall rule applies: the networks it belongs to, the region, and the machines it is aimed at."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from policypack.gcp import types as t
from policypack.gcp.locations import region_of
from policypack.model.graph import External
from policypack.model.logic import Bounds, Undecided, all_of, any_of, unite
from policypack.model.resource import KNOWN_AFTER_DEPLOYMENT, Element, Resource
from policypack.model.values import Unknown
from policypack.topology.compute import Names, names_at
from policypack.topology.firewall import RULE_LIST_TIERS, FirewallRule, Tier
from policypack.topology.identity import names, overlap

if TYPE_CHECKING:
    from collections.abc import Mapping

    from policypack.model.graph import Graph, Target
    from policypack.topology.compute import Machine

_ASSOCIATIONS: Final[Mapping[Tier, str]] = {
    Tier.HIERARCHICAL: t.FIREWALL_POLICY_ASSOCIATION,
    Tier.GLOBAL_POLICY: t.NETWORK_FIREWALL_POLICY_ASSOCIATION,
    Tier.REGIONAL_POLICY: t.REGION_NETWORK_FIREWALL_POLICY_ASSOCIATION,
}


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
        policy = only(policies)
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
            for association in self._associations(tier):
                policies = self.graph.references(association, "firewallPolicy").targets()
                outside = policies.open or any(isinstance(policy, External) for policy in policies.possible)
                if outside and _maybe_names(self.graph.references(association, "attachmentTarget").targets(), network):
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
