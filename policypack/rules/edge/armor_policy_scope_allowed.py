"""Global Cloud Armor policies where only regional ones are wanted."""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import Annotated, Final

from policypack.gcp.types import SECURITY_POLICIES, SECURITY_POLICY
from policypack.rules.contract import Findings, Param, Resource, Severity, rule

_NONE: Final[list[str]] = []


@rule(
    severity=Severity.LOW,
    subjects=SECURITY_POLICIES,
    fix="Use a RegionSecurityPolicy in each region, or have the name put on the list.",
    controls={"NIST 800-53 r5": ["CM-7"], "ISO 27001:2022": ["A.8.9"]},
    opt_in=True,
)
def armor_policy_scope_allowed(
    policy: Resource,
    *,
    allowed: Annotated[list[str], Param("Global policies that may be made, by their names; * is any.")] = _NONE,
) -> Findings:
    """Cloud Armor policies are regional, but for the global ones on a list."""
    if policy.type == SECURITY_POLICY and not any(fnmatchcase(policy.name, pattern) for pattern in allowed):
        yield policy.finding("", expected="a regional policy, or a name that is on the list", found="it is global")
