"""Firewall rules for every machine of a network."""

from __future__ import annotations

from typing import TYPE_CHECKING

from policypack.rules.contract import Severity, rule
from policypack.rules.firewall._let_in import letting_in
from policypack.rules.firewall._public import CONTROLS, SUBJECTS

if TYPE_CHECKING:
    from policypack.rules.contract import Element, Findings, Resource


@rule(
    severity=Severity.MEDIUM,
    subjects=SUBJECTS,
    controls=CONTROLS,
    fix="Aim the rule at a service account: target_service_accounts=[account.email]; or at tags.",
    opt_in=True,
)
def firewall_explicit_targets(place: Resource | Element) -> Findings:
    """Firewall rules that let something in say to which machines."""
    firewall = letting_in(place)
    tags = "targetTags" if firewall.classic else "targetSecureTags"
    if all(place.peek(path) is None for path in (tags, "targetServiceAccounts")):
        yield place.finding(
            "targetServiceAccounts",
            expected="a service account, or tags",
            found="unset: the rule is for every machine of the network",
        )
