"""One page that shows how the deployment is: requests, errors, time to answer, machines and jobs."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, Final

import pulumi
import pulumi_gcp as gcp
from settings import Settings

from components.base import Component
from components.frontend import Frontend

_FRONT: Final = 'resource.type="https_lb_rule" resource.label.url_map_name="{url_map}" metric.type='
_METRICS: Final = "loadbalancing.googleapis.com/https"
_QUEUE: Final = "pubsub.googleapis.com/subscription"
_TILE_WIDTH: Final = 24
_TILE_HEIGHT: Final = 16


class Dashboard(Component):
    """The dashboard.

    Attributes:
        link: Where it is seen.
    """

    def __init__(
        self,
        name: str,
        settings: Settings,
        frontend: Frontend,
        needs: Sequence[pulumi.Resource],
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("Dashboard", name, needs, opts)
        dashboard = gcp.monitoring.Dashboard(
            name,
            dashboard_json=frontend.url_map.name.apply(lambda url_map: _page(settings.entrance.domain, url_map)),
            opts=self.child(),
        )
        self.link = dashboard.id.apply(
            lambda path: (
                "https://console.cloud.google.com/monitoring/dashboards/builder/"
                f"{path.rpartition('/')[2]}?project={settings.project}"
            )
        )
        self.register_outputs({})


def _page(title: str, url_map: str) -> str:
    """The dashboard as the API takes it."""
    front = _FRONT.format(url_map=url_map)
    inside = 'resource.type="internal_http_lb_rule" metric.type='
    charts = [
        _chart("Requests a second, by answer", f'{front}"{_METRICS}/request_count"', "response_code_class"),
        _chart("Requests a second, by region", f'{front}"{_METRICS}/request_count"', "backend_scope", kind="resource"),
        _percentile("Time to answer, 95th percentile (ms)", f'{front}"{_METRICS}/total_latencies"'),
        _percentile("Time in the regions, 95th percentile (ms)", f'{front}"{_METRICS}/backend_latencies"'),
        _chart("Answers of the regions", f'{inside}"{_METRICS}/internal/request_count"', "region", kind="resource"),
        _gauge("Machines", "instance_group", "compute.googleapis.com/instance_group/size", "instance_group_name"),
        _gauge("Jobs that wait", "pubsub_subscription", f"{_QUEUE}/num_undelivered_messages", "subscription_id"),
        _gauge(
            "Age of the oldest job (s)",
            "pubsub_subscription",
            f"{_QUEUE}/oldest_unacked_message_age",
            "subscription_id",
        ),
    ]
    tiles = [
        {
            "xPos": place % 2 * _TILE_WIDTH,
            "yPos": place // 2 * _TILE_HEIGHT,
            "width": _TILE_WIDTH,
            "height": _TILE_HEIGHT,
            "widget": chart,
        }
        for place, chart in enumerate(charts)
    ]
    return json.dumps({"displayName": title, "mosaicLayout": {"columns": 2 * _TILE_WIDTH, "tiles": tiles}})


def _chart(title: str, series: str, label: str, *, kind: str = "metric") -> dict[str, Any]:
    return _plot(title, series, "ALIGN_RATE", "REDUCE_SUM", [f"{kind}.label.{label}"])


def _percentile(title: str, series: str) -> dict[str, Any]:
    return _plot(title, series, "ALIGN_DELTA", "REDUCE_PERCENTILE_95", ["resource.label.backend_scope"])


def _gauge(title: str, resource: str, metric: str, label: str) -> dict[str, Any]:
    series = f'resource.type="{resource}" metric.type="{metric}"'
    return _plot(title, series, "ALIGN_MEAN", "REDUCE_SUM", [f"resource.label.{label}"])


def _plot(title: str, series: str, aligner: str, reducer: str, by: Sequence[str]) -> dict[str, Any]:
    aggregation = {
        "alignmentPeriod": "60s",
        "perSeriesAligner": aligner,
        "crossSeriesReducer": reducer,
        "groupByFields": list(by),
    }
    query = {"timeSeriesFilter": {"filter": series, "aggregation": aggregation}}
    return {"title": title, "xyChart": {"dataSets": [{"plotType": "LINE", "timeSeriesQuery": query}]}}
