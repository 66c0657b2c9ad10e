"""The crossing from the global load balancer to a region: Private Service Connect, and the region's health."""

from __future__ import annotations

from collections.abc import Sequence

import pulumi
import pulumi_gcp as gcp
from settings import Settings

from components.base import Component
from components.compute import InferenceGroup
from components.network import FLOW_LOGS
from components.regional_backend import RegionalBackend

_CONNECTION_LIMIT = 4  # The one endpoint group of this stack, and room to replace it.
_HEALTHY_PERCENT = 60  # Below 66: the loss of one of three zones must not take the region out.
_HEALTHY_MACHINES = 2


class PublishedRegion(Component):
    """Publishes one region's load balancer and connects the edge network to it.

    Attributes:
        endpoint_group: The Private Service Connect endpoint group: the region, as the global load balancer's
            backend service sees it.
    """

    def __init__(
        self,
        name: str,
        settings: Settings,
        network: gcp.compute.Network,
        edge: gcp.compute.Network,
        backend: RegionalBackend,
        needs: Sequence[pulumi.Resource],
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("PublishedRegion", name, needs, opts)
        attachment = self._attachment(name, settings, network, backend)
        self.endpoint_group = self._endpoint_group(name, edge, backend, attachment)
        self.register_outputs({})

    def _attachment(
        self, name: str, settings: Settings, network: gcp.compute.Network, backend: RegionalBackend
    ) -> gcp.compute.ServiceAttachment:
        """The producer's side: this project, and nobody else, may connect."""
        region = backend.region
        nat_subnet = gcp.compute.Subnetwork(
            f"psc-nat-{region.name}",
            region=region.name,
            network=network.id,
            purpose="PRIVATE_SERVICE_CONNECT",
            ip_cidr_range=region.psc_nat_range,
            opts=self.child(),
        )
        return gcp.compute.ServiceAttachment(
            name,
            region=region.name,
            description=f"Inference in {region.name}",
            target_service=backend.forwarding_rule.id,
            nat_subnets=[nat_subnet.id],
            # The regional proxy speaks HTTP and would take the PROXY header for a broken request.
            enable_proxy_protocol=False,
            connection_preference="ACCEPT_MANUAL",
            consumer_accept_lists=[
                gcp.compute.ServiceAttachmentConsumerAcceptListArgs(
                    project_id_or_num=settings.project, connection_limit=_CONNECTION_LIMIT
                )
            ],
            # Who is taken off the list is disconnected too.
            reconcile_connections=True,
            opts=self.child(),
        )

    def _endpoint_group(
        self,
        name: str,
        edge: gcp.compute.Network,
        backend: RegionalBackend,
        attachment: gcp.compute.ServiceAttachment,
    ) -> gcp.compute.RegionNetworkEndpointGroup:
        """The consumer's side. No fixed name: a change replaces the group while the old one is in use."""
        region = backend.region
        edge_subnet = gcp.compute.Subnetwork(
            f"edge-{region.name}",
            region=region.name,
            network=edge.id,
            purpose="PRIVATE",
            ip_cidr_range=region.edge_range,
            private_ip_google_access=True,
            log_config=FLOW_LOGS,
            opts=self.child(),
        )
        return gcp.compute.RegionNetworkEndpointGroup(
            name,
            region=region.name,
            network_endpoint_type="PRIVATE_SERVICE_CONNECT",
            psc_target_service=attachment.self_link,
            network=edge.id,
            subnetwork=edge_subnet.id,
            psc_data=gcp.compute.RegionNetworkEndpointGroupPscDataArgs(producer_port="443"),
            opts=self.child(),
        )


class RegionHealth(Component):
    """Composite health: the region tells the global load balancer how many of its machines are well.

    The region counts as healthy while at least 60 % of its machines, and at least two, pass the readiness
    check. It has no trial mode and acts at once, so it is created after the group and its load balancer.
    """

    def __init__(
        self,
        name: str,
        backend: RegionalBackend,
        group: InferenceGroup,
        needs: Sequence[pulumi.Resource],
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("RegionHealth", name, needs, opts)
        region = backend.region.name
        policy = gcp.compute.RegionHealthAggregationPolicy(
            name,
            region=region,
            policy_type="BACKEND_SERVICE_POLICY",
            healthy_percent_threshold=_HEALTHY_PERCENT,
            min_healthy_threshold=_HEALTHY_MACHINES,
            opts=self.child(),
        )
        source = gcp.compute.RegionHealthSource(
            name,
            region=region,
            source_type="BACKEND_SERVICE",
            sources=backend.service.id,
            health_aggregation_policy=policy.id,
            opts=self.child(),
        )
        gcp.compute.RegionCompositeHealthCheck(
            name,
            region=region,
            health_sources=[source.id],
            health_destination=backend.forwarding_rule.id,
            opts=self.child(group.manager, backend.service),
        )
        self.register_outputs({})
