"""Cloud Armor policies that keep nothing out."""

from __future__ import annotations

from policypack.rules.contract import Findings, NotApplicable, Severity, rule
from policypack.rules.edge._policies import CONTROLS
from policypack.topology.armor import NETWORK_POLICY, ArmorPolicy, ArmorRule


@rule(
    severity=Severity.HIGH,
    subjects=(ArmorPolicy,),
    fix="Give the policy rules: limit rates, deny what no client of yours sends, or deny by default and allow whom you "
    "know.",
    controls=CONTROLS,
)
def armor_has_custom_rules(policy: ArmorPolicy) -> Findings:
    """Cloud Armor policies have a rule that denies or limits something."""
    if policy.has(ArmorRule.protects):
        return
    if policy.kind() == NETWORK_POLICY:
        raise NotApplicable("policies for packets protect without rules, too")
    if not policy.in_use():
        raise NotApplicable("it stands before nothing that a front end leads to")
    only = "rules that allow, and none other" if policy.rules else "no rule but the one that allows everything"
    yield policy.resource.finding("rules", expected="a rule that denies or limits something", found=only)
