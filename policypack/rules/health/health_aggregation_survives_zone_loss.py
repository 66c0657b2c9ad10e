"""Thresholds of composite health that take a region out too early, or too late."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Final

from policypack.gcp.types import REGION_HEALTH_AGGREGATION_POLICY
from policypack.rules.contract import Param, Severity, rule

if TYPE_CHECKING:
    from policypack.rules.contract import Findings, Resource

PERCENT: Final = "healthyPercentThreshold"
PERCENT_DEFAULT: Final = 60


@rule(
    severity=Severity.MEDIUM,
    subjects=(REGION_HEALTH_AGGREGATION_POLICY,),
    fix="Set healthy_percent_threshold below what is left when one zone is lost: 60 for three zones.",
    controls={"NIST 800-53 r5": ["CP-7", "CP-10"], "ISO 27001:2022": ["A.8.14"]},
)
def health_aggregation_survives_zone_loss(
    policy: Resource,
    *,
    zones: Annotated[int, Param("Over how many zones of a region the machines are spread.", minimum=2)] = 3,
    fewest: Annotated[int, Param("Percentage below which a region must count as failed.", minimum=1, maximum=100)] = 25,
) -> Findings:
    """A region stays in service when it loses one zone, and leaves when it has lost most of its machines."""
    # Left out, and 0 as well, which the provider does not send, it is 60.
    percent = (policy.number(PERCENT) if policy.is_set(PERCENT) else None) or PERCENT_DEFAULT
    most = 100 * (zones - 1) // zones
    if most < percent <= 100:
        yield policy.finding(
            PERCENT,
            expected=f"{most} or less",
            found=f"{percent:g}: the loss of one of {zones} zones takes the whole region out",
        )
    elif percent < fewest:
        yield policy.finding(
            PERCENT,
            expected=f"{fewest} or more",
            found=f"{percent:g}: a region that has lost nearly all of its machines stays in service",
        )
