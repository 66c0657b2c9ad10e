"""How often one client may ask."""

from __future__ import annotations

from functools import partial
from typing import Annotated

from policypack.model.logic import all_hold
from policypack.rules.contract import Findings, NotApplicable, Param, Severity, rule
from policypack.rules.edge._policies import before_the_internet
from policypack.topology.armor import LIMITING, ArmorPolicy, ArmorRule

_THRESHOLD = "rateLimitOptions.rateLimitThreshold"


@rule(
    severity=Severity.MEDIUM,
    subjects=(ArmorPolicy,),
    fix="Add a rule of action throttle or rate_based_ban with rate_limit_options; one for all addresses comes after "
    "the rules that deny.",
    controls={"NIST 800-53 r5": ["SC-5"], "ISO 27001:2022": ["A.8.6"]},
    yields_to=("armor-has-custom-rules", "armor-rules-not-preview-only"),
)
def armor_rate_limiting_present(
    policy: ArmorPolicy,
    *,
    most_per_minute: Annotated[
        int, Param("The highest limit that counts as one, in requests per minute; 0: any.", minimum=0)
    ] = 0,
) -> Findings:
    """Cloud Armor policies before the internet limit how often one client may ask."""
    if policy.has(partial(_limits, most=most_per_minute)):
        return
    before_the_internet(policy)
    if policy.denies_the_rest():
        raise NotApplicable("it lets in those alone whom it knows")
    limit = f" to {most_per_minute} requests per minute or less" if most_per_minute else ""
    yield policy.resource.finding(
        "rules",
        expected=f"an enforced rule of action throttle or rate_based_ban{', that limits' if limit else ''}{limit}",
        found="none",
    )


def _limits(rule: ArmorRule, most: int) -> bool:
    return all_hold(
        lambda: rule.action() in LIMITING,
        rule.enforced,
        lambda: not most or _per_minute(rule) <= most,
    )


def _per_minute(rule: ArmorRule) -> float:
    count, seconds = (rule.place.number(f"{_THRESHOLD}.{name}") for name in ("count", "intervalSec"))
    return (count or 0) * 60 / (seconds or 60)
