"""Rolling updates that take a whole group away at once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from policypack.rules.contract import NotApplicable, Severity, rule
from policypack.rules.operations._scaling import ScaledGroup

if TYPE_CHECKING:
    from policypack.rules.contract import Findings, Resource

POLICY: Final = "updatePolicy"
PERCENT: Final = f"{POLICY}.maxUnavailablePercent"
FIXED: Final = f"{POLICY}.maxUnavailableFixed"
ACTION: Final = f"{POLICY}.mostDisruptiveAllowedAction"
GENTLE: Final = ("NONE", "REFRESH")
"""Actions that leave a machine running."""


@rule(
    severity=Severity.HIGH,
    subjects=(ScaledGroup,),
    fix="Let an update take fewer machines away than there are: max_unavailable_fixed=0, with max_surge_fixed of one "
    "for each zone.",
    controls={"NIST 800-53 r5": ["CM-3"], "ISO 27001:2022": ["A.8.32"]},
)
def mig_update_policy_safe(scaled: ScaledGroup) -> Findings:
    """Updates of an instance group that serves leave some of its machines running."""
    group = scaled.resource
    if not scaled.serves:
        raise NotApplicable("no backend service sends requests to it")
    if not group.is_set(POLICY) or group.text(f"{POLICY}.type") != "PROACTIVE":
        raise NotApplicable("nothing is updated by itself")
    if group.is_set(ACTION) and group.text(ACTION) in GENTLE:
        raise NotApplicable("updates restart no machine")
    if group.is_set(PERCENT) and (percent := group.number(PERCENT) or 0):
        if percent >= 100:
            yield group.finding(PERCENT, expected="below 100", found="100: an update takes all machines at once")
        return
    away = group.number(FIXED) if group.is_set(FIXED) else _taken(group)
    if not away:
        return
    size = _smallest_size(scaled)
    if size is not None and 1 < size <= away:
        found = f"{away:g}" if group.is_set(FIXED) else f"unset: {away:g}"
        yield group.finding(
            FIXED, expected=f"less than {size:g}", found=f"{found}, of a group that may have {size:g} machines"
        )


def _taken(group: Resource) -> int | float:
    """Give what holds where a program does not say: the provider sends 0 for a new group, and keeps what is there."""
    there = group.peek(FIXED)
    return there if isinstance(there, (int, float)) else 0


def _smallest_size(scaled: ScaledGroup) -> int | float | None:
    """Give the size that a group has at its smallest; None if the program does not say."""
    for scaler, doubt in scaled.scalers:
        if doubt is not None:
            raise doubt
        if scaler.text("autoscalingPolicy.mode") != "OFF":
            return scaler.number("autoscalingPolicy.minReplicas")
    return scaled.resource.number("targetSize") if scaled.resource.is_set("targetSize") else None
