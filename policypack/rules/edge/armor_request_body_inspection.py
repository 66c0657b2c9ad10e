"""What Cloud Armor makes of the bodies of requests."""

from __future__ import annotations

from policypack.gcp.waf import rule_sets
from policypack.rules.contract import Findings, NotApplicable, Severity, rule
from policypack.rules.edge._policies import before_the_internet
from policypack.topology.armor import ArmorPolicy, ArmorRule
from policypack.topology.given import text_given

_PARSING = "advancedOptionsConfig.jsonParsing"


@rule(
    severity=Severity.LOW,
    subjects=(ArmorPolicy,),
    fix='Set advanced_options_config={"json_parsing": "STANDARD"}, or STANDARD_WITH_GRAPHQL.',
    remedy={_PARSING: "STANDARD"},
    controls={"NIST 800-53 r5": ["SI-10"]},
)
def armor_request_body_inspection(policy: ArmorPolicy) -> Findings:
    """Cloud Armor policies with preconfigured rule sets read JSON as JSON."""
    parsing = text_given(policy.resource, _PARSING)
    if parsing not in (None, "DISABLED"):
        return
    if not policy.has(_matches_bodies):
        raise NotApplicable("none of its rules looks for attacks in bodies")
    before_the_internet(policy)
    yield policy.resource.finding(
        _PARSING,
        expected="STANDARD",
        found=f"{parsing or 'unset'}: bodies of JSON are searched as one text, which hides attacks and invents others",
    )


def _matches_bodies(rule: ArmorRule) -> bool:
    return bool(rule_sets(rule.expression() or ""))
