"""Flow logs that leave out much of what happened."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Final

from policypack.gcp.types import SUBNETWORK
from policypack.rules.contract import NotApplicable, Param, Severity, rule

if TYPE_CHECKING:
    from policypack.rules.contract import Findings, Resource

INTERVALS: Final = (
    "INTERVAL_5_SEC",
    "INTERVAL_30_SEC",
    "INTERVAL_1_MIN",
    "INTERVAL_5_MIN",
    "INTERVAL_10_MIN",
    "INTERVAL_15_MIN",
)
"""From the shortest to the longest."""


@rule(
    severity=Severity.LOW,
    subjects=(SUBNETWORK,),
    fix="Set flow_sampling, aggregation_interval, metadata and filter_expr of log_config so that nothing is missing.",
    controls={"CIS GCP 4.0": ["3.8"], "CIS GCP 5.0": ["3.10"], "NIST 800-53 r5": ["AU-3"]},
    opt_in=True,
)
def subnet_flow_log_settings(
    subnet: Resource,
    *,
    sampling: Annotated[float, Param("Smallest share of the packets that is looked at.", minimum=0, maximum=1)] = 0.5,
    interval: Annotated[str, Param("Longest time that one line stands for.", choices=INTERVALS)] = "INTERVAL_5_SEC",
) -> Findings:
    """Flow logs hold every connection, in short intervals, with all that is known of it."""
    if not subnet.is_set("logConfig"):
        raise NotApplicable("it has no flow logs")
    share = subnet.number("logConfig.flowSampling")
    if share is not None and share < sampling:
        yield subnet.finding("logConfig.flowSampling", expected=f"{sampling:g} or more", found=f"{share:g}")
    written = subnet.text("logConfig.aggregationInterval")
    if written in INTERVALS and INTERVALS.index(written) > INTERVALS.index(interval):
        yield subnet.finding("logConfig.aggregationInterval", expected=f"{interval} or shorter", found=written)
    metadata = subnet.text("logConfig.metadata")
    if metadata not in (None, "INCLUDE_ALL_METADATA"):
        yield subnet.finding("logConfig.metadata", expected="INCLUDE_ALL_METADATA", found=metadata or "")
    chosen = subnet.text("logConfig.filterExpr")
    if chosen not in (None, "true"):
        yield subnet.finding("logConfig.filterExpr", expected="true, or nothing", found=f"`{chosen}`")
