"""Regional firewall policies that one region has and another lacks."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from policypack.gcp import types as t
from policypack.gcp.locations import region_of
from policypack.model.logic import any_of
from policypack.rules.contract import Findings, NotApplicable, Severity, Undecided, rule
from policypack.topology.firewall import FirewallRule, Tier
from policypack.topology.identity import names
from policypack.topology.populated import PopulatedNetwork

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from policypack.model.resource import Resource


@rule(
    severity=Severity.MEDIUM,
    subjects=(PopulatedNetwork,),
    fix="Tie a regional policy to the network in every region where machines run, or write the rules into one global "
    "network firewall policy.",
    controls={"NIST 800-53 r5": ["SC-7"], "ISO 27001:2022": ["A.8.20"]},
)
def firewall_regional_policy_parity(network: PopulatedNetwork) -> Findings:
    """Where one region of a network has a firewall policy, every region with machines has one."""
    unknown: list[Undecided] = []
    covered = set(_covered(network, unknown))
    if not covered and not unknown:
        raise NotApplicable("no regional firewall policy of this stack is tied to it")
    doubts, unknown = unknown, list(network.unknown)
    for region, groups in sorted(_by_region(network, unknown).items()):
        if region in covered:
            continue
        if doubts:
            yield doubts[0]
            continue
        yield network.resource.finding(
            "",
            expected=f"a regional policy in {region}, as in {', '.join(sorted(covered))}",
            found=f"machines of {', '.join(sorted(groups))} run in {region}, where no such policy holds",
        )
    yield from unknown


def _covered(network: PopulatedNetwork, unknown: list[Undecided]) -> Iterator[str]:
    """Give the regions in which a policy is tied to the network."""
    graph = network.plane.graph
    for association in graph.of_type(t.REGION_NETWORK_FIREWALL_POLICY_ASSOCIATION):
        try:
            if names(graph.references(association, "attachmentTarget").targets(), network.resource) and _for_machines(
                network, association
            ):
                yield _region(association)
        except Undecided as why:
            unknown.append(why)


def _for_machines(network: PopulatedNetwork, association: Resource) -> bool:
    """Tell whether the policy of an association is for machines, as far as this stack gives it rules."""
    policies = network.plane.graph.references(association, "firewallPolicy").resources().certain
    rules = [rule for rule in network.plane.rules if rule.tier is Tier.REGIONAL_POLICY]
    held = [rule for rule in rules if not policies.isdisjoint(_policies(network, rule))]
    return not held or any_of(held, FirewallRule.guards_machines)


def _policies(network: PopulatedNetwork, rule: FirewallRule) -> frozenset[Resource]:
    """Give the policy that a rule is listed in, or that it names."""
    if rule.place is not rule.resource:
        return frozenset({rule.resource})
    return network.plane.graph.references(rule.resource, "firewallPolicy").resources().certain


def _by_region(network: PopulatedNetwork, unknown: list[Undecided]) -> Mapping[str, set[str]]:
    """Give the groups of machines, by their regions."""
    found: dict[str, set[str]] = defaultdict(set)
    for machine in network.machines:
        try:
            found[_region(machine.group)].add(machine.group.name)
        except Undecided as why:
            unknown.append(why)
    return found


def _region(resource: Resource) -> str:
    region = region_of(resource)
    if not isinstance(region, str):
        raise Undecided(resource.urn, "region", "its region is not given here, nor by its provider")
    return region
