"""What somebody is told about: requests, room to grow, jobs, and ports that run out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import pulumi
from settings import Settings

from components.base import Component
from components.compute import InferenceGroup
from components.frontend import Frontend
from components.jobs import RegionJobs
from components.notifications import Alert, Notifications, above

_REQUESTS: Final = "loadbalancing.googleapis.com/https/request_count"
_INSIDE: Final = "loadbalancing.googleapis.com/https/internal/request_count"
_LATENCIES: Final = "loadbalancing.googleapis.com/https/total_latencies"
_NAT_ADDRESSES: Final = "compute.googleapis.com/private_service_connect/producer/used_nat_ip_addresses"
_SIZE: Final = "compute.googleapis.com/instance_group/size"
_ERRORS: Final = " AND metric.labels.response_code_class = 500"

_BAD_SHARE: Final = 0.02
_BAD_SHARE_REGION: Final = 0.05
_OLDEST_JOB_SECONDS: Final = 3600
_NAT_ADDRESSES_WARNED: Final = 48  # of the 60 that a /26 has


class TrafficAlerts(Component):
    """Errors and slowness, of the whole and of each region by itself: an average hides a region that is lost."""

    def __init__(
        self,
        name: str,
        settings: Settings,
        frontend: Frontend,
        notifications: Notifications,
        needs: Sequence[pulumi.Resource],
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("TrafficAlerts", name, needs, opts)
        alert = Alert(self, notifications)
        requests = _of(frontend, _REQUESTS)
        alert.when(
            f"{name}-errors",
            f"More than {_BAD_SHARE:.0%} of requests fail",
            "Compare the regions on the dashboard: one region, or all of them? Drain the one that is ill; if all "
            "are, roll back the last release.",
            above(
                "Share of answers that are errors",
                pulumi.Output.concat(requests, _ERRORS),
                _BAD_SHARE,
                aligner="ALIGN_RATE",
                reducer="REDUCE_SUM",
                of=requests,
            ),
            severity="CRITICAL",
        )
        inside = f'resource.type = "internal_http_lb_rule" AND metric.type = "{_INSIDE}"'
        regional, region = (
            (pulumi.Output.from_input(inside), "resource.label.region")
            if settings.uses_private_service_connect
            else (requests, "resource.label.backend_scope")
        )
        alert.when(
            f"{name}-region-errors",
            f"More than {_BAD_SHARE_REGION:.0%} of the requests of one region fail",
            "The other regions may be well. Drain the region that the alert names, then look for the reason.",
            above(
                "Share of answers that are errors, by region",
                pulumi.Output.concat(regional, _ERRORS),
                _BAD_SHARE_REGION,
                aligner="ALIGN_RATE",
                reducer="REDUCE_SUM",
                by=[region],
                of=regional,
            ),
            severity="ERROR",
        )
        limit = settings.operations.latency_objective_ms
        alert.when(
            f"{name}-latency",
            f"One request in twenty takes longer than {limit} ms",
            "See whether groups are at their largest size, and whether clients are served from far away.",
            above(
                "95th percentile of the time to answer, in milliseconds",
                _of(frontend, _LATENCIES),
                limit,
                aligner="ALIGN_DELTA",
                reducer="REDUCE_PERCENTILE_95",
                duration="600s",
            ),
        )
        self.register_outputs({})


class CapacityAlerts(Component):
    """Room to grow that is used up: group sizes, quotas, and addresses and ports of translations."""

    def __init__(
        self,
        name: str,
        settings: Settings,
        groups: Sequence[InferenceGroup],
        notifications: Notifications,
        needs: Sequence[pulumi.Resource],
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("CapacityAlerts", name, needs, opts)
        alert = Alert(self, notifications)
        names = pulumi.Output.all(*(group.manager.name for group in groups))
        alert.when(
            f"{name}-full",
            "A region has as many machines as it may have",
            "It cannot take the load of another region. Raise peakRequestsPerSecond or maxReplicas, and see that "
            "the quota of the region has room.",
            above(
                "Machines of a group",
                names.apply(
                    lambda known: (
                        f'resource.type = "instance_group" AND metric.type = "{_SIZE}"'
                        f" AND resource.labels.instance_group_name = {_one_of(known)}"
                    )
                ),
                settings.capacity.max_replicas - 1,
                aligner="ALIGN_MIN",
                reducer="REDUCE_SUM",
                by=["resource.label.instance_group_name"],
                duration="600s",
            ),
            severity="ERROR",
        )
        alert.when(
            f"{name}-quota",
            "A quota is exceeded",
            "A region that cannot start machines cannot take over. Ask for more in the region that the alert names.",
            above(
                "Requests over quota",
                'resource.type = "consumer_quota" AND metric.type = "serviceruntime.googleapis.com/quota/exceeded"',
                0,
                aligner="ALIGN_COUNT_TRUE",
                reducer="REDUCE_SUM",
                by=["metric.label.quota_metric", "resource.label.location"],
                duration="0s",
            ),
        )
        if settings.uses_private_service_connect:
            alert.when(
                f"{name}-psc",
                "Addresses of Private Service Connect run out",
                "New connections from the front end to the region will fail. Add a NAT subnet to the attachment.",
                above(
                    "Addresses in use",
                    f'resource.type = "gce_service_attachment" AND metric.type = "{_NAT_ADDRESSES}"',
                    _NAT_ADDRESSES_WARNED,
                    aligner="ALIGN_MAX",
                    reducer="REDUCE_SUM",
                    by=["resource.label.region"],
                ),
                severity="ERROR",
            )
        if settings.operations.nat:
            alert.when(
                f"{name}-nat",
                "Ports of Cloud NAT run out",
                "Machines cannot open connections to the hosts that they may reach. Raise the ports of a machine.",
                above(
                    "Allocations that failed",
                    'resource.type = "nat_gateway" AND metric.type = "router.googleapis.com/nat/nat_allocation_failed"',
                    0,
                    aligner="ALIGN_COUNT_TRUE",
                    reducer="REDUCE_SUM",
                    by=["resource.label.region"],
                    duration="0s",
                ),
            )
        self.register_outputs({})


class JobAlerts(Component):
    """Jobs that nobody could do, and jobs that wait too long."""

    def __init__(
        self,
        name: str,
        jobs: Sequence[RegionJobs],
        notifications: Notifications,
        needs: Sequence[pulumi.Resource],
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("JobAlerts", name, needs, opts)
        alert = Alert(self, notifications)
        alert.when(
            f"{name}-dead",
            "Jobs were set aside as dead letters",
            "Look at one of them: a wrong job goes back to whoever sent it; after a mistake of ours was mended, "
            "publish them again.",
            above(
                "Jobs set aside",
                _subscriptions([one.dead_letters.name for one in jobs], "num_undelivered_messages"),
                0,
                aligner="ALIGN_MAX",
                reducer="REDUCE_SUM",
                by=["resource.label.subscription_id"],
            ),
            severity="ERROR",
        )
        alert.when(
            f"{name}-late",
            "Jobs wait for more than an hour",
            "See whether workers run, and whether there are as many as there may be.",
            above(
                "Age of the oldest job, in seconds",
                _subscriptions([one.subscription.name for one in jobs], "oldest_unacked_message_age"),
                _OLDEST_JOB_SECONDS,
                aligner="ALIGN_MAX",
                reducer="REDUCE_MAX",
                by=["resource.label.subscription_id"],
            ),
        )
        self.register_outputs({})


def _of(frontend: Frontend, metric: str) -> pulumi.Output[str]:
    """The series of a metric that the front end of this stack makes."""
    return pulumi.Output.concat(
        f'resource.type = "https_lb_rule" AND metric.type = "{metric}" AND resource.labels.url_map_name = "',
        frontend.url_map.name,
        '"',
    )


def _subscriptions(names: Sequence[pulumi.Output[str]], metric: str) -> pulumi.Output[str]:
    return pulumi.Output.all(*names).apply(
        lambda known: (
            f'resource.type = "pubsub_subscription" AND metric.type = "pubsub.googleapis.com/subscription/{metric}"'
            f" AND resource.labels.subscription_id = {_one_of(known)}"
        )
    )


def _one_of(names: Sequence[str]) -> str:
    return "one_of({})".format(", ".join(f'"{name}"' for name in names))
