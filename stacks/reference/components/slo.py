"""What clients are promised, and an alarm when the promise is being used up too fast."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import pulumi
import pulumi_gcp as gcp
from settings import Settings

from components.base import Component
from components.frontend import Frontend
from components.notifications import Alert, Notifications, above

_DAYS: Final = 28
_LATENCY_GOAL: Final = 0.95
_FAST: Final = ("3600s", 14.4, "in one hour what should last for fourteen")
_SLOW: Final = ("21600s", 6.0, "in six hours what should last for a day and a half")


class ServiceLevel(Component):
    """Objectives over 28 days: answers without an error, and answers in time.

    Attributes:
        service: The service that Cloud Monitoring shows them for.
    """

    def __init__(
        self,
        name: str,
        settings: Settings,
        frontend: Frontend,
        notifications: Notifications,
        needs: Sequence[pulumi.Resource],
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("ServiceLevel", name, needs, opts)
        service_id = f"{pulumi.get_project()}-{pulumi.get_stack()}".lower().replace("_", "-")
        self.service = gcp.monitoring.CustomService(
            name, service_id=service_id, display_name=settings.entrance.domain, opts=self.child()
        )
        objective = settings.operations
        requests = _series(frontend, "request_count")
        available = self._objective(
            "availability",
            f"{objective.slo_percent:g} % of requests are answered without an error",
            objective.slo_percent / 100,
            {
                "good_total_ratio": {
                    "bad_service_filter": pulumi.Output.concat(
                        requests, " AND metric.labels.response_code_class = 500"
                    ),
                    "total_service_filter": requests,
                }
            },
        )
        self._objective(
            "latency",
            f"95 % of requests are answered within {objective.latency_objective_ms} ms",
            _LATENCY_GOAL,
            {
                "distribution_cut": {
                    "distribution_filter": _series(frontend, "total_latencies"),
                    "range": {"min": 0, "max": objective.latency_objective_ms},
                }
            },
        )
        path = f"projects/{settings.project}/services/{service_id}/serviceLevelObjectives/availability"
        alert = Alert(self, notifications)
        for label, (period, rate, meaning), severity in (("fast", _FAST, "CRITICAL"), ("slow", _SLOW, "ERROR")):
            alert.when(
                f"{name}-{label}-burn",
                f"Errors use up {meaning}",
                "The objective for availability will be missed at this rate. Treat it as an outage.",
                above(
                    f"Burn rate over {period}",
                    f'select_slo_burn_rate("{path}", "{period}")',
                    rate,
                    aligner=None,
                    duration="0s",
                ),
                severity=severity,
                needs=[available],
            )
        self.register_outputs({})

    def _objective(
        self, name: str, display_name: str, goal: float, indicator: gcp.monitoring.SloRequestBasedSliArgsDict
    ) -> gcp.monitoring.Slo:
        return gcp.monitoring.Slo(
            name,
            slo_id=name,
            service=self.service.service_id,
            display_name=display_name,
            goal=goal,
            rolling_period_days=_DAYS,
            request_based_sli=indicator,
            opts=self.child(),
        )


def _series(frontend: Frontend, metric: str) -> pulumi.Output[str]:
    return pulumi.Output.concat(
        f'resource.type = "https_lb_rule" AND metric.type = "loadbalancing.googleapis.com/https/{metric}"',
        ' AND resource.labels.url_map_name = "',
        frontend.url_map.name,
        '"',
    )
