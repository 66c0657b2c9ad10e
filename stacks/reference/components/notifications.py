"""Whom alerts reach."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import pulumi
import pulumi_gcp as gcp
from settings.operations import Operations

from components.base import Component

_ALERT_DURATION: Final = "300s"


class Notifications(Component):
    """The channels that every alert goes to: a mailbox for each address, and channels that exist already.

    Two are better than one, and should not fail together: a pager's channel is made once, by hand, because
    its key belongs into no program.

    Attributes:
        channels: Their names, as alert policies take them.
    """

    def __init__(
        self,
        name: str,
        operations: Operations,
        needs: Sequence[pulumi.Resource],
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("Notifications", name, needs, opts)
        mailboxes = [
            gcp.monitoring.NotificationChannel(
                f"{name}-{place}",
                type="email",
                display_name=address,
                labels={"email_address": address},
                opts=self.child(),
            )
            for place, address in enumerate(operations.alert_emails)
        ]
        self.channels: list[pulumi.Input[str]] = [*(box.id for box in mailboxes), *operations.alert_channels]
        self.register_outputs({})


class Alert:
    """Makes alert policies of one component, all of the same shape.

    Args:
        parent: The component that the policies belong to.
        notifications: Whom they reach.
    """

    def __init__(self, parent: Component, notifications: Notifications) -> None:
        self._parent = parent
        self._channels = notifications.channels

    def when(
        self,
        name: str,
        says: str,
        advice: str,
        *conditions: gcp.monitoring.AlertPolicyConditionArgsDict,
        severity: str = "WARNING",
        needs: Sequence[pulumi.Resource] = (),
        at_most_every: str | None = None,
    ) -> None:
        """Makes a policy that alerts when any one of the conditions holds.

        Args:
            name: Logical name.
            says: What has happened, in a line.
            advice: What to look at first.
            conditions: What is watched.
            severity: CRITICAL wakes somebody up, ERROR is for today, WARNING for this week.
            needs: What has to be there before.
            at_most_every: Least time between two messages; Google asks for it where a log is watched.
        """
        strategy: gcp.monitoring.AlertPolicyAlertStrategyArgsDict = {"auto_close": "86400s"}
        if at_most_every is not None:
            strategy["notification_rate_limit"] = {"period": at_most_every}
        gcp.monitoring.AlertPolicy(
            name,
            display_name=says,
            combiner="OR",
            enabled=True,
            severity=severity,
            conditions=list(conditions),
            notification_channels=self._channels,
            documentation={"subject": says, "content": advice, "mime_type": "text/markdown"},
            alert_strategy=strategy,
            opts=self._parent.child(*needs),
        )


def logged(what: str, log_filter: str) -> gcp.monitoring.AlertPolicyConditionArgsDict:
    """A condition: a log has a new entry that the filter, in the language of Cloud Logging, lets through.

    A policy can have only one such condition.
    """
    return {"display_name": what, "condition_matched_log": {"filter": log_filter}}


def above(
    what: str,
    metric_filter: pulumi.Input[str],
    threshold: float,
    *,
    aligner: str | None,
    reducer: str | None = None,
    by: Sequence[str] = (),
    of: pulumi.Input[str] | None = None,
    comparison: str = "COMPARISON_GT",
    window: str = "300s",
    duration: str = _ALERT_DURATION,
) -> gcp.monitoring.AlertPolicyConditionArgsDict:
    """A condition: a metric is above a threshold, for a while.

    Args:
        what: What the condition is called.
        metric_filter: Which time series.
        threshold: The threshold, in the metric's unit; a share from 0 to 1 where `of` is given.
        aligner: How points within the window become one; None where the filter itself has seen to it.
        reducer: How series become one.
        by: Labels that keep series apart.
        of: The series that the first ones are a share of.
        comparison: Above or below.
        window: Time over which points are brought together.
        duration: How long it has to hold.
    """
    aggregation: gcp.monitoring.AlertPolicyConditionConditionThresholdAggregationArgsDict = {"alignment_period": window}
    if aligner is not None:
        aggregation["per_series_aligner"] = aligner
    if reducer is not None:
        aggregation["cross_series_reducer"] = reducer
    if by:
        aggregation["group_by_fields"] = list(by)
    threshold_condition: gcp.monitoring.AlertPolicyConditionConditionThresholdArgsDict = {
        "filter": metric_filter,
        "comparison": comparison,
        "threshold_value": threshold,
        "duration": duration,
        "trigger": {"count": 1},
    }
    if aligner is not None:
        threshold_condition["aggregations"] = [aggregation]
    if of is not None:
        threshold_condition["denominator_filter"] = of
        threshold_condition["denominator_aggregations"] = [{**aggregation}]
    return {"display_name": what, "condition_threshold": threshold_condition}
