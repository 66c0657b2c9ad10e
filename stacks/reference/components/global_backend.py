"""The one global backend service: which regions the front end can send a request to, and how it chooses."""

from __future__ import annotations

from collections.abc import Sequence

import pulumi
import pulumi_gcp as gcp
from settings import Settings

from components.base import Component
from components.compute import SERVING_PORT_NAME, InferenceGroup
from components.edge_security import EdgeSecurity
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
        edge_security: EdgeSecurity,
        needs: Sequence[pulumi.Resource],
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("PublishedBackend", name, needs, opts)
        entrance = settings.entrance
        self.service = gcp.compute.BackendService(
            name,
            description="Every region, through Private Service Connect",
            load_balancing_scheme="EXTERNAL_MANAGED",
            protocol="HTTPS",
            timeout_sec=entrance.request_timeout_seconds,
            connection_draining_timeout_sec=entrance.request_timeout_seconds,
            enable_cdn=False,
            security_policy=edge_security.policy.id,
            backends=[{"group": region.endpoint_group.id} for region in published],
            outlier_detection=_outlier_detection(len(published)) if settings.uses_outlier_detection else None,
            iap={"enabled": True} if entrance.uses_iap else None,
            tls_settings=self._validation(name, settings),
            log_config=_log_config(settings),
            opts=self.child(),
        )
        _let_in(self, name, settings, self.service)
        self.register_outputs({})

    def _validation(self, name: str, settings: Settings) -> gcp.compute.BackendServiceTlsSettingsArgsDict | None:
        """Checks that what answers is one of the regions, with a certificate of the public authorities."""
        if not settings.operations.backend_tls_validation:
            return None
        roots = gcp.networksecurity.BackendAuthenticationConfig(
            name, location="global", well_known_roots="PUBLIC_ROOTS", opts=self.child()
        )
        return {
            "authentication_config": pulumi.Output.concat("//networksecurity.googleapis.com/", roots.id),
            "subject_alt_names": [{"dns_name": settings.region_domain(region)} for region in settings.regions],
        }


class DirectBackend(Component):
    """`global-direct`: the regions' instance groups behind one global backend service.

    The nearest region serves up to its capacity, and what it cannot take overflows to the next. A region that
    has lost a third of its machines, as with a zone, still counts as well; one that has lost half does not,
    and a group with less than a quarter of its machines left gets nothing until it has recovered.

    Attributes:
        service: The global backend service.
    """

    def __init__(
        self,
        name: str,
        settings: Settings,
        groups: Sequence[InferenceGroup],
        edge_security: EdgeSecurity,
        needs: Sequence[pulumi.Resource],
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("DirectBackend", name, needs, opts)
        entrance = settings.entrance
        balancing = gcp.networkservices.ServiceLbPolicies(
            name,
            location="global",
            description="When a region is left, and when its machines are",
            load_balancing_algorithm="WATERFALL_BY_REGION",
            auto_capacity_drain={"enable": True},
            failover_config={"failover_health_threshold": 60},
            opts=self.child(),
        )
        self.service = gcp.compute.BackendService(
            name,
            description="Every region's instance group",
            load_balancing_scheme="EXTERNAL_MANAGED",
            protocol="HTTPS",
            port_name=SERVING_PORT_NAME,
            health_checks=self._readiness(name).id,
            timeout_sec=entrance.request_timeout_seconds,
            connection_draining_timeout_sec=entrance.request_timeout_seconds,
            enable_cdn=False,
            security_policy=edge_security.policy.id,
            service_lb_policy=pulumi.Output.concat("//networkservices.googleapis.com/", balancing.id),
            backends=[
                # The same mode as in the regional services: backend services that share a group must agree.
                {
                    "group": group.manager.instance_group,
                    "balancing_mode": "RATE",
                    "max_rate_per_instance": settings.capacity.max_rate_per_instance,
                    "capacity_scaler": 1.0,
                }
                for group in groups
            ],
            iap={"enabled": True} if entrance.uses_iap else None,
            log_config=_log_config(settings),
            opts=self.child(),
        )
        _let_in(self, name, settings, self.service)
        self.register_outputs({})

    def _readiness(self, name: str) -> gcp.compute.HealthCheck:
        return gcp.compute.HealthCheck(
            f"{name}-readiness",
            check_interval_sec=READINESS_INTERVAL_SECONDS,
            timeout_sec=READINESS_TIMEOUT_SECONDS,
            healthy_threshold=2,
            unhealthy_threshold=READINESS_FAILURES,
            https_health_check={"port_specification": "USE_SERVING_PORT", "request_path": READINESS_PATH},
            log_config={"enable": True},
            opts=self.child(),
        )


def _log_config(settings: Settings) -> gcp.compute.BackendServiceLogConfigArgsDict:
    return {
        "enable": True,
        "sample_rate": settings.entrance.log_sample_rate,
        "optional_mode": "INCLUDE_ALL_OPTIONAL",
    }


def _let_in(parent: Component, name: str, settings: Settings, service: gcp.compute.BackendService) -> None:
    """Opens Identity-Aware Proxy to the members that the settings list, and to nobody else."""
    for place, member in enumerate(settings.entrance.iap_members):
        gcp.iap.WebBackendServiceIamMember(
            f"{name}-member-{place}",
            project=settings.project,
            web_backend_service=service.name,
            role="roles/iap.httpsResourceAccessor",
            member=member,
            opts=parent.child(),
        )


def _outlier_detection(regions: int) -> gcp.compute.BackendServiceOutlierDetectionArgsDict:
    """Ejects a region after repeated errors, and never the last one.

    Google's defaults would only watch: consecutive errors are counted and not acted upon.
    """
    return {
        "consecutive_errors": 5,
        "enforcing_consecutive_errors": 100,
        "consecutive_gateway_failure": 3,
        "enforcing_consecutive_gateway_failure": 100,
        "interval": {"seconds": 1},
        "base_ejection_time": {"seconds": 30},
        "max_ejection_percent": 100 * (regions - 1) // regions,
    }
