"""Alerts that reach nobody, or one pager alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Final

from policypack.gcp.types import ALERT_POLICY
from policypack.rules.contract import NotApplicable, Param, Severity, rule

if TYPE_CHECKING:
    from policypack.rules.contract import Findings, Resource

CHANNELS: Final = "notificationChannels"


@rule(
    severity=Severity.LOW,
    subjects=(ALERT_POLICY,),
    fix="Set notification_channels; give what is CRITICAL a second one, of another kind.",
    controls={"NIST 800-53 r5": ["SI-4"], "ISO 27001:2022": ["A.8.16"]},
)
def alert_has_two_channels(
    alert: Resource,
    *,
    critical: Annotated[int, Param("Smallest number of channels of an alert of severity CRITICAL.", minimum=1)] = 2,
) -> Findings:
    """Alerts are sent to somebody, and those that are critical in two ways."""
    if alert.is_set("enabled") and alert.flag("enabled") is False:
        raise NotApplicable("it is switched off")
    channels = len(alert.elements(CHANNELS)) if alert.is_set(CHANNELS) else 0
    if not channels:
        yield alert.finding(CHANNELS, expected="a channel", found="none: nobody is told")
    elif channels < critical and alert.text("severity") == "CRITICAL":
        yield alert.finding(CHANNELS, expected=f"{critical} channels, as it is CRITICAL", found=f"{channels}")
