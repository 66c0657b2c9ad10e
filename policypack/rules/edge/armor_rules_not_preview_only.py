"""Cloud Armor policies that only log what they would do."""

from __future__ import annotations

from policypack.rules.contract import Findings, NotApplicable, Severity, rule
from policypack.rules.edge._policies import CONTROLS, effective
from policypack.topology.armor import ArmorPolicy, ArmorRule


@rule(
    severity=Severity.HIGH,
    subjects=(ArmorPolicy,),
    fix="Set preview to False on the rules whose log shows that they hit nobody else.",
    controls=CONTROLS,
)
def armor_rules_not_preview_only(policy: ArmorPolicy) -> Findings:
    """Cloud Armor policies enforce a rule that denies or limits, and do not preview all of them."""
    if policy.has(effective):
        return
    if not policy.has(ArmorRule.protects):
        raise NotApplicable("it has no rule that denies or limits anything")
    if not policy.in_use():
        raise NotApplicable("it stands before nothing that a front end leads to")
    yield policy.resource.finding(
        "rules",
        expected="a rule that denies or limits, and is enforced",
        found="every rule that denies or limits is in preview: matches are logged, and nobody is turned away",
    )
