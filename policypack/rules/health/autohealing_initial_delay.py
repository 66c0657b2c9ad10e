"""Machines that autohealing gives up before they have started."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Final

from policypack.gcp.types import INSTANCE_GROUP_MANAGERS
from policypack.rules.contract import NotApplicable, Param, Severity, rule

if TYPE_CHECKING:
    from policypack.rules.contract import Findings, Resource

PATH: Final = "autoHealingPolicies.initialDelaySec"


@rule(
    severity=Severity.MEDIUM,
    subjects=INSTANCE_GROUP_MANAGERS,
    fix="Set initial_delay_sec to the time that a machine and its application take to start, with room to spare.",
    controls={"NIST 800-53 r5": ["CP-10", "SI-13"], "ISO 27001:2022": ["A.8.14"]},
)
def autohealing_initial_delay(
    group: Resource,
    *,
    seconds: Annotated[int, Param("How long a machine takes to start, in seconds.", minimum=1, maximum=3600)] = 30,
) -> Findings:
    """Autohealing waits until a new machine has started before it judges it."""
    if not group.is_set("autoHealingPolicies"):
        raise NotApplicable("it has no autohealing")
    delay = group.number(PATH)
    if delay is None or delay < seconds:
        yield group.finding(
            PATH,
            expected=f"{seconds} seconds or more",
            found=f"{delay or 0:g}: a machine that is still starting is deleted, and so is the next",
        )
