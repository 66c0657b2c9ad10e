"""Rolling updates of instance groups that cannot roll."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from policypack.gcp.types import INSTANCE_GROUP_MANAGERS, REGION_INSTANCE_GROUP_MANAGER
from policypack.rules.contract import Severity, Undecided, rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from policypack.rules.contract import Finding, Findings, Resource

POLICY: Final = "updatePolicy"
SURGE: Final = ("maxSurgeFixed", "maxSurgePercent")
UNAVAILABLE: Final = ("maxUnavailableFixed", "maxUnavailablePercent")
USUAL_ZONES: Final = 3
"""Zones that a regional group is spread over where it names none."""


@rule(
    severity=Severity.HIGH,
    subjects=INSTANCE_GROUP_MANAGERS,
    fix="Let an update add machines (max_surge) or take some away (max_unavailable); in a regional group a fixed "
    "number is 0, or at least the number of its zones; with RECREATE it adds none.",
    controls={"NIST 800-53 r5": ["CM-6"], "ISO 27001:2022": ["A.8.9"]},
)
def mig_update_policy_feasible(group: Resource) -> Findings:
    """Instance groups have an update policy that can replace machines."""
    if not group.is_set(POLICY):
        return
    surge, unavailable = _written(group, SURGE), _written(group, UNAVAILABLE)
    if surge is not None and unavailable is not None and _zero(group, surge) and _zero(group, unavailable):
        yield group.finding(
            f"{POLICY}.{unavailable}",
            expected="above 0, here or as max surge",
            found="0, as max surge is: no machine can be replaced",
        )
    if surge is not None and not _zero(group, surge) and _recreates(group):
        yield group.finding(
            f"{POLICY}.{surge}",
            expected="0, with replacement method RECREATE",
            found=f"{group.number(f'{POLICY}.{surge}'):g}: a machine that keeps its name has no second one beside it",
        )
    if group.type == REGION_INSTANCE_GROUP_MANAGER:
        yield from _too_few_for_zones(group)


def _written(group: Resource, names: tuple[str, str]) -> str | None:
    """Name which of two ways to write a number is used; a state may hold both, one of them as 0."""
    written = [name for name in names if group.is_set(f"{POLICY}.{name}")]
    return next((name for name in written if not _zero(group, name)), written[0] if written else None)


def _zero(group: Resource, name: str) -> bool:
    return not group.number(f"{POLICY}.{name}")


def _recreates(group: Resource) -> bool:
    return group.text(f"{POLICY}.replacementMethod") == "RECREATE"


def _too_few_for_zones(group: Resource) -> Iterator[Finding | Undecided]:
    for name in (SURGE[0], UNAVAILABLE[0]):
        path = f"{POLICY}.{name}"
        if not group.is_set(path):
            continue
        try:
            number, zones = group.number(path) or 0, _zones(group)
        except Undecided as unknown:
            yield unknown
            continue
        if 0 < number < zones:
            yield group.finding(
                path, expected=f"0, or at least {zones}: one for each zone", found=f"{number:g}: the API refuses it"
            )


def _zones(group: Resource) -> int:
    if not group.is_set("distributionPolicyZones"):
        return USUAL_ZONES
    return len(group.elements("distributionPolicyZones")) or USUAL_ZONES
