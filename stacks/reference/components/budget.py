"""What it may cost a month, and who hears when it does."""

from __future__ import annotations

from collections.abc import Sequence

import pulumi
import pulumi_gcp as gcp
from settings import Settings

from components.base import Component
from components.notifications import Notifications

_MOST_CHANNELS = 5  # A budget takes no more.


class Budget(Component):
    """A budget for the project: says so at half of it, at nine tenths, and when the month will exceed it.

    It stops nothing. Creating it takes a role on the billing account.
    """

    def __init__(
        self,
        name: str,
        settings: Settings,
        billing_account: str,
        notifications: Notifications,
        needs: Sequence[pulumi.Resource],
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("Budget", name, needs, opts)
        number = gcp.organizations.get_project(project_id=settings.project).number
        gcp.billing.Budget(
            name,
            billing_account=billing_account,
            display_name=settings.entrance.domain,
            budget_filter={"projects": [f"projects/{number}"]},
            amount={"specified_amount": {"units": str(settings.operations.monthly_budget)}},
            threshold_rules=[
                {"threshold_percent": 0.5},
                {"threshold_percent": 0.9},
                {"threshold_percent": 1.0, "spend_basis": "FORECASTED_SPEND"},
            ],
            all_updates_rule={
                "monitoring_notification_channels": notifications.channels[:_MOST_CHANNELS],
                "disable_default_iam_recipients": False,
            },
            opts=self.child(),
        )
        self.register_outputs({})
