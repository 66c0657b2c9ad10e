"""Networks and subnets: where the machines live, and where traffic enters."""

from __future__ import annotations

from collections.abc import Sequence

import pulumi
import pulumi_gcp as gcp
from regions import Region

from components.base import Component


class Networks(Component):
    """The VPC networks of the deployment.

    Attributes:
        ml: The machines, the regional load balancers and what publishes them.
        edge: Only with Private Service Connect: the consumer side, where the global load balancer takes up
            its connections. A network of its own, because a published service may not be consumed from the
            network that publishes it. It holds no machine and has no route out.
    """

    def __init__(
        self,
        name: str,
        with_edge: bool,
        needs: Sequence[pulumi.Resource],
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("Networks", name, needs, opts)
        self.ml = gcp.compute.Network(
            "ml",
            description="Inference machines and regional load balancers",
            auto_create_subnetworks=False,
            routing_mode="REGIONAL",
            network_firewall_policy_enforcement_order="BEFORE_CLASSIC_FIREWALL",
            opts=self.child(),
        )
        self.edge: gcp.compute.Network | None = None
        if with_edge:
            self.edge = gcp.compute.Network(
                "edge",
                description="Consumer side of Private Service Connect",
                auto_create_subnetworks=False,
                routing_mode="REGIONAL",
                delete_default_routes_on_create=True,
                network_firewall_policy_enforcement_order="BEFORE_CLASSIC_FIREWALL",
                opts=self.child(),
            )
        self.register_outputs({})

    @property
    def all(self) -> dict[str, gcp.compute.Network]:
        """Every network by its name, for what is attached to each of them."""
        networks = {"ml": self.ml}
        if self.edge is not None:
            networks["edge"] = self.edge
        return networks


class RegionSubnets(Component):
    """The subnets of one region in the `ml` network.

    Attributes:
        vm: Machines and the internal load balancer's address. Private Google Access is on and machines have
            no external address; flow logs are on.
        proxy_only: Where Google runs the Envoy proxies of this region's load balancer. A forwarding rule needs
            it and does not refer to it, so the rule has to depend on it by name. Such a subnet takes no flow
            logs.
    """

    def __init__(
        self,
        name: str,
        region: Region,
        network: gcp.compute.Network,
        needs: Sequence[pulumi.Resource],
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("RegionSubnets", name, needs, opts)
        self.vm = gcp.compute.Subnetwork(
            f"vm-{region.name}",
            region=region.name,
            network=network.id,
            purpose="PRIVATE",
            ip_cidr_range=region.vm_range,
            stack_type="IPV4_ONLY",
            private_ip_google_access=True,
            log_config=gcp.compute.SubnetworkLogConfigArgs(
                aggregation_interval="INTERVAL_5_SEC",
                flow_sampling=0.5,
                metadata="INCLUDE_ALL_METADATA",
            ),
            opts=self.child(),
        )
        self.proxy_only = gcp.compute.Subnetwork(
            f"proxy-only-{region.name}",
            region=region.name,
            network=network.id,
            purpose="REGIONAL_MANAGED_PROXY",
            role="ACTIVE",
            ip_cidr_range=region.proxy_only_range,
            opts=self.child(),
        )
        self.register_outputs({})
