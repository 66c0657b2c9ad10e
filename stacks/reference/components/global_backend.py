"""The one global backend service: which regions the front end can send a request to, and how it chooses."""

from __future__ import annotations

from collections.abc import Sequence

import pulumi
import pulumi_gcp as gcp
from settings import Settings

from components.base import Component
from components.compute import SERVING_PORT_NAME, InferenceGroup
from components.private_service_connect import PublishedRegion
from components.regional_backend import (
    READINESS_FAILURES,
    READINESS_INTERVAL_SECONDS,
    READINESS_PATH,
    READINESS_TIMEOUT_SECONDS,
)


class PublishedBackend(Component):
    """`regional-psc`: the regions' endpoint groups behind one global backend service.

    The nearest region that is well serves. Endpoint groups of this kind take neither a health check nor a
    balancing mode: the regions' health comes from composite health checks, from outlier detection, or both.

    Attributes:
        service: The global backend service.
    """

    def __init__(
        self,
        name: str,
        settings: Settings,
        published: Sequence[PublishedRegion],
        needs: Sequence[pulumi.Resource],
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("PublishedBackend", name, needs, opts)
        self.service = gcp.compute.BackendService(
            name,
            description="Every region, through Private Service Connect",
            load_balancing_scheme="EXTERNAL_MANAGED",
            protocol="HTTPS",
            timeout_sec=settings.request_timeout_seconds,
            connection_draining_timeout_sec=settings.request_timeout_seconds,
            enable_cdn=False,
            backends=[gcp.compute.BackendServiceBackendArgs(group=region.endpoint_group.id) for region in published],
            outlier_detection=_outlier_detection(len(published)) if settings.uses_outlier_detection else None,
            log_config=_log_config(settings),
            opts=self.child(),
        )
        self.register_outputs({})


class DirectBackend(Component):
    """`global-direct`: the regions' instance groups behind one global backend service.

    The nearest region serves up to its capacity, and what it cannot take overflows to the next.

    Attributes:
        service: The global backend service.
    """

    def __init__(
        self,
        name: str,
        settings: Settings,
        groups: Sequence[InferenceGroup],
        needs: Sequence[pulumi.Resource],
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("DirectBackend", name, needs, opts)
        readiness = gcp.compute.HealthCheck(
            f"{name}-readiness",
            check_interval_sec=READINESS_INTERVAL_SECONDS,
            timeout_sec=READINESS_TIMEOUT_SECONDS,
            healthy_threshold=2,
            unhealthy_threshold=READINESS_FAILURES,
            https_health_check=gcp.compute.HealthCheckHttpsHealthCheckArgs(
                port_specification="USE_SERVING_PORT", request_path=READINESS_PATH
            ),
            log_config=gcp.compute.HealthCheckLogConfigArgs(enable=True),
            opts=self.child(),
        )
        self.service = gcp.compute.BackendService(
            name,
            description="Every region's instance group",
            load_balancing_scheme="EXTERNAL_MANAGED",
            protocol="HTTPS",
            port_name=SERVING_PORT_NAME,
            health_checks=readiness.id,
            timeout_sec=settings.request_timeout_seconds,
            connection_draining_timeout_sec=settings.request_timeout_seconds,
            enable_cdn=False,
            backends=[
                # The same mode as in the regional services: backend services that share a group must agree.
                gcp.compute.BackendServiceBackendArgs(
                    group=group.manager.instance_group,
                    balancing_mode="RATE",
                    max_rate_per_instance=settings.max_rate_per_instance,
                    capacity_scaler=1.0,
                )
                for group in groups
            ],
            log_config=_log_config(settings),
            opts=self.child(),
        )
        self.register_outputs({})


def _log_config(settings: Settings) -> gcp.compute.BackendServiceLogConfigArgs:
    return gcp.compute.BackendServiceLogConfigArgs(enable=True, sample_rate=settings.log_sample_rate)


def _outlier_detection(regions: int) -> gcp.compute.BackendServiceOutlierDetectionArgs:
    """Ejects a region after repeated errors, and never the last one.

    Google's defaults would only watch: consecutive errors are counted and not acted upon.
    """
    return gcp.compute.BackendServiceOutlierDetectionArgs(
        consecutive_errors=5,
        enforcing_consecutive_errors=100,
        consecutive_gateway_failure=3,
        enforcing_consecutive_gateway_failure=100,
        interval=gcp.compute.BackendServiceOutlierDetectionIntervalArgs(seconds=1),
        base_ejection_time=gcp.compute.BackendServiceOutlierDetectionBaseEjectionTimeArgs(seconds=30),
        max_ejection_percent=100 * (regions - 1) // regions,
    )
