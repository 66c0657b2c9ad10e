"""Addresses and zones that cannot be made again as they were."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from policypack.gcp.types import ADDRESS, GLOBAL_ADDRESS, MANAGED_ZONE
from policypack.rules.contract import NotApplicable, Severity, rule

if TYPE_CHECKING:
    from policypack.rules.contract import Findings, Resource

INSIDE: Final[Mapping[str, tuple[str, tuple[str, ...]]]] = {
    ADDRESS: ("addressType", ("INTERNAL",)),
    GLOBAL_ADDRESS: ("addressType", ("INTERNAL",)),
    MANAGED_ZONE: ("visibility", ("private",)),
}
"""Type token, to the property that tells what only a network of one's own sees, and what it says then."""


@rule(
    severity=Severity.MEDIUM,
    subjects=tuple(INSIDE),
    fix="Set the resource option protect=True.",
    controls={"NIST 800-53 r5": ["CM-3"], "ISO 27001:2022": ["A.8.32"]},
    opt_in=True,
)
def lb_critical_resources_protected(resource: Resource) -> Findings:
    """Public addresses and public zones are protected from being deleted by mistake."""
    path, inside = INSIDE[resource.type]
    if resource.text(path) in inside:
        raise NotApplicable("only a network of one's own sees it")
    if not resource.options.protect:
        yield resource.finding(
            "", expected="the option protect", found="not protected: once it is deleted, nobody gets it back as it was"
        )
