"""Networks, subnets and the one way out: where the machines live, and where traffic enters."""

from __future__ import annotations

from collections.abc import Sequence

import pulumi
import pulumi_gcp as gcp
from regions import Region

from components.base import Component

FLOW_LOGS: gcp.compute.SubnetworkLogConfigArgsDict = {
    "aggregation_interval": "INTERVAL_5_SEC",
    "flow_sampling": 0.5,
    "metadata": "INCLUDE_ALL_METADATA",
}
"""What is logged of the connections in a subnet: one half of them, every five seconds."""


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
        self.ml = self._network("ml", "Machines and regional load balancers", without_routes=False)
        self.edge: gcp.compute.Network | None = None
        if with_edge:
            self.edge = self._network("edge", "Consumer side of Private Service Connect", without_routes=True)
        self.register_outputs({})

    @property
    def all(self) -> dict[str, gcp.compute.Network]:
        """Every network by its name, for what is attached to each of them."""
        networks = {"ml": self.ml}
        if self.edge is not None:
            networks["edge"] = self.edge
        return networks

    def _network(self, name: str, description: str, *, without_routes: bool) -> gcp.compute.Network:
        return gcp.compute.Network(
            name,
            description=description,
            auto_create_subnetworks=False,
            # Whoever is connected to one region reaches the load balancers of all, should theirs be lost.
            routing_mode="GLOBAL",
            delete_default_routes_on_create=without_routes,
            network_firewall_policy_enforcement_order="BEFORE_CLASSIC_FIREWALL",
            opts=self.child(),
        )


class RegionSubnets(Component):
    """The subnets of one region in the `ml` network, and its way out.

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
        with_nat: bool,
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
            log_config=FLOW_LOGS,
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
        if with_nat:
            self._nat(f"nat-{region.name}", region, network)
        self.register_outputs({})

    def _nat(self, name: str, region: Region, network: gcp.compute.Network) -> None:
        """Address translation for the machines' subnet alone; what may use it is the firewall's business."""
        router = gcp.compute.Router(
            name, region=region.name, network=network.id, description="Way out of the machines", opts=self.child()
        )
        gcp.compute.RouterNat(
            name,
            region=region.name,
            router=router.name,
            nat_ip_allocate_option="AUTO_ONLY",
            source_subnetwork_ip_ranges_to_nat="LIST_OF_SUBNETWORKS",
            subnetworks=[{"name": self.vm.id, "source_ip_ranges_to_nats": ["PRIMARY_IP_RANGE"]}],
            # Ports as they are needed; Google offers that only with mapping that depends on the destination.
            enable_dynamic_port_allocation=True,
            enable_endpoint_independent_mapping=False,
            min_ports_per_vm=64,
            max_ports_per_vm=4096,
            log_config={"enable": True, "filter": "ERRORS_ONLY"},
            opts=self.child(),
        )
