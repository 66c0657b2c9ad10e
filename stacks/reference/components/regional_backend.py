"""One region's own load balancer: a regional internal Application Load Balancer over the region's group."""

from __future__ import annotations

from collections.abc import Sequence

import pulumi
import pulumi_gcp as gcp
from settings import Settings

from components.base import Component
from components.certificates import ManagedCertificate
from components.compute import SERVING_PORT_NAME, InferenceGroup
from components.network import RegionSubnets
from components.public_dns import PublicZone

READINESS_PATH = "/readyz"
"""Answers while a machine may be sent requests: the model is loaded and there is room."""

READINESS_INTERVAL_SECONDS = 5
READINESS_TIMEOUT_SECONDS = 5
READINESS_FAILURES = 3
"""With the interval, an unwell machine is out after 15 seconds."""


class RegionalBackend(Component):
    """Forwarding rule, HTTPS proxy, URL map and backend service of one region.

    In `regional-psc` it is the region's half of every request's path, published through Private Service
    Connect; in `global-direct` it serves clients inside the network.

    Attributes:
        region: Where it serves.
        certificate: The certificate of the region's own host name.
        service: The RegionBackendService over the region's group.
        address: The internal address it is reached at.
        forwarding_rule: Its entry; a service attachment publishes this rule.
    """

    def __init__(
        self,
        name: str,
        settings: Settings,
        network: gcp.compute.Network,
        subnets: RegionSubnets,
        group: InferenceGroup,
        zone: PublicZone,
        needs: Sequence[pulumi.Resource],
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("RegionalBackend", name, needs, opts)
        self.region = group.region
        self.certificate = ManagedCertificate(
            f"{name}-certificate",
            settings.region_domain(self.region),
            self.region,
            zone,
            needs,
            pulumi.ResourceOptions(parent=self),
        )
        self.service = self._service(name, settings, group)
        proxy = self._proxy(name)
        self.address = gcp.compute.Address(
            name,
            region=self.region.name,
            address_type="INTERNAL",
            subnetwork=subnets.vm.id,
            opts=self.child(),
        )
        self.forwarding_rule = gcp.compute.ForwardingRule(
            name,
            region=self.region.name,
            load_balancing_scheme="INTERNAL_MANAGED",
            ip_protocol="TCP",
            port_range="443",
            ip_address=self.address.address,
            network=network.id,
            subnetwork=subnets.vm.id,
            target=proxy.id,
            # Must be on before a service attachment is made, and cannot be changed later: without it the
            # global load balancer could not reach this rule through Private Service Connect.
            allow_global_access=True,
            opts=self.child(subnets.proxy_only),
        )
        self.register_outputs({})

    def _service(self, name: str, settings: Settings, group: InferenceGroup) -> gcp.compute.RegionBackendService:
        readiness = gcp.compute.RegionHealthCheck(
            f"{name}-readiness",
            region=self.region.name,
            check_interval_sec=READINESS_INTERVAL_SECONDS,
            timeout_sec=READINESS_TIMEOUT_SECONDS,
            healthy_threshold=2,
            unhealthy_threshold=READINESS_FAILURES,
            https_health_check=gcp.compute.RegionHealthCheckHttpsHealthCheckArgs(
                port_specification="USE_SERVING_PORT", request_path=READINESS_PATH
            ),
            log_config=gcp.compute.RegionHealthCheckLogConfigArgs(enable=True),
            opts=self.child(),
        )
        return gcp.compute.RegionBackendService(
            name,
            region=self.region.name,
            load_balancing_scheme="INTERNAL_MANAGED",
            protocol="HTTPS",
            port_name=SERVING_PORT_NAME,
            health_checks=readiness.id,
            timeout_sec=settings.entrance.request_timeout_seconds,
            connection_draining_timeout_sec=settings.entrance.request_timeout_seconds,
            locality_lb_policy="LEAST_REQUEST",
            backends=[
                gcp.compute.RegionBackendServiceBackendArgs(
                    group=group.manager.instance_group,
                    balancing_mode="RATE",
                    max_rate_per_instance=settings.capacity.max_rate_per_instance,
                    # Left out, the provider would send 0, which drains the group without a word.
                    capacity_scaler=1.0,
                )
            ],
            # What no machine has room for is refused at once, so that the front end can turn to another region.
            circuit_breakers={"max_requests": settings.capacity.most_in_flight(settings.operations.latency_seconds)},
            outlier_detection=gcp.compute.RegionBackendServiceOutlierDetectionArgs(
                consecutive_errors=5,
                enforcing_consecutive_errors=100,
                consecutive_gateway_failure=3,
                enforcing_consecutive_gateway_failure=100,
                interval=gcp.compute.RegionBackendServiceOutlierDetectionIntervalArgs(seconds=10),
                base_ejection_time=gcp.compute.RegionBackendServiceOutlierDetectionBaseEjectionTimeArgs(seconds=30),
                max_ejection_percent=50,
            ),
            log_config={
                "enable": True,
                "sample_rate": settings.entrance.log_sample_rate,
                "optional_mode": "INCLUDE_ALL_OPTIONAL",
            },
            opts=self.child(),
        )

    def _proxy(self, name: str) -> gcp.compute.RegionTargetHttpsProxy:
        url_map = gcp.compute.RegionUrlMap(
            name, region=self.region.name, default_service=self.service.id, opts=self.child()
        )
        ssl_policy = gcp.compute.RegionSslPolicy(
            name,
            region=self.region.name,
            profile="RESTRICTED",
            min_tls_version="TLS_1_2",
            opts=self.child(),
        )
        return gcp.compute.RegionTargetHttpsProxy(
            name,
            region=self.region.name,
            url_map=url_map.id,
            certificate_manager_certificates=[self.certificate.certificate.id],
            ssl_policy=ssl_policy.id,
            # Shorter than the 20 minutes after which Private Service Connect forgets an idle connection.
            http_keep_alive_timeout_sec=600,
            opts=self.child(),
        )
