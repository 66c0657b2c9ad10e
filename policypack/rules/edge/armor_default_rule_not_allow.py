"""Cloud Armor policies that let in those alone whom they know."""

from __future__ import annotations

from policypack.rules.contract import Findings, Severity, rule
from policypack.rules.edge._policies import CONTROLS, before_the_internet
from policypack.topology.armor import ArmorPolicy


@rule(
    severity=Severity.MEDIUM,
    subjects=(ArmorPolicy,),
    fix="Write the rule of priority 2147483647 with the action deny(403), and allow whom you know before it.",
    controls=CONTROLS,
    yields_to=("armor-has-custom-rules",),
    opt_in=True,
)
def armor_default_rule_not_allow(policy: ArmorPolicy) -> Findings:
    """Cloud Armor policies before the internet deny whatever no rule allows."""
    if policy.denies_the_rest():
        return
    before_the_internet(policy)
    yield policy.resource.finding(
        "rules",
        expected="a last rule (priority 2147483647) that denies, and is enforced",
        found="whatever no rule denies is let in",
    )
