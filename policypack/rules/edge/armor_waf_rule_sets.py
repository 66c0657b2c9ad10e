"""A family of rules, one per list of preconfigured rule sets that a Cloud Armor policy should enforce."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Annotated, Final

from policypack.gcp.waf import SETS, rule_sets
from policypack.model.logic import all_hold
from policypack.rules.contract import Findings, Param, Severity, Undecided, rule
from policypack.rules.edge._policies import before_the_internet, effective
from policypack.topology.armor import ArmorPolicy

if TYPE_CHECKING:
    from policypack.topology.armor import ArmorRule

_CORE: Final = ["sqli", "xss", "lfi", "rfi", "rce", "protocolattack", "scannerdetection"]
_SILENT_BEFORE: Final = ("armor-has-custom-rules", "armor-rules-not-preview-only")
_CONTROLS: Final = {"NIST 800-53 r5": ["SI-10"], "PCI DSS 4.0": ["6.4.2"]}


@rule(
    name="armor-owasp-rules-present",
    description="Cloud Armor policies before the internet enforce the rule sets against common attacks.",
    severity=Severity.HIGH,
    subjects=(ArmorPolicy,),
    fix="Add rules such as deny(403) with the expression evaluatePreconfiguredWaf('sqli-v33-stable', "
    "{'sensitivity': 1}), first in preview and then enforced.",
    controls=_CONTROLS,
    yields_to=_SILENT_BEFORE,
    opt_in=True,
)
def owasp(
    policy: ArmorPolicy,
    *,
    required: Annotated[list[str], Param("Kinds of rule sets that must be enforced.", choices=SETS)] = _CORE,
) -> Findings:
    """Judge a policy by a list of kinds of attacks."""
    yield from _missing(policy, required)


@rule(
    name="armor-blocks-log4j",
    description="Cloud Armor policies before the internet enforce the rule set against known vulnerabilities.",
    severity=Severity.HIGH,
    subjects=(ArmorPolicy,),
    fix="Add a rule of action deny(403) with the expression evaluatePreconfiguredWaf('cve-canary').",
    controls=_CONTROLS,
    yields_to=_SILENT_BEFORE,
    opt_in=True,
)
def log4j(policy: ArmorPolicy) -> Findings:
    """Judge a policy by the rule set that holds Log4Shell."""
    yield from _missing(policy, ["cve"])


def _missing(policy: ArmorPolicy, required: list[str]) -> Findings:
    missing, doubts = [], []
    for kind in required:
        try:
            if not policy.has(partial(_turns_away, kind=kind)):
                missing.append(kind)
        except Undecided as why:
            doubts.append(why)
    if not missing and not doubts:
        return
    before_the_internet(policy)
    if missing:
        yield policy.resource.finding(
            "rules",
            expected="an enforced rule that denies or limits, with a rule set of each kind: " + ", ".join(required),
            found=f"none for {', '.join(missing)}",
        )
    yield from doubts[:1]


def _turns_away(rule: ArmorRule, kind: str) -> bool:
    return all_hold(lambda: kind in rule_sets(rule.expression() or ""), lambda: effective(rule))


RULES: Final = (owasp, log4j)
