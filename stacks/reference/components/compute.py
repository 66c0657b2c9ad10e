"""The machines of one region that serve requests: group, healing and scaling."""

from __future__ import annotations

from collections.abc import Sequence

import pulumi
import pulumi_gcp as gcp
from regions import Region
from settings import Settings

from components.base import Component
from components.cloud_init import SERVE, user_data
from components.encryption import Key
from components.machine_template import liveness_check, machine_template

SERVING_PORT_NAME = "https"
"""The named port by which backend services find the serving port of a group."""


class InferenceGroup(Component):
    """A regional managed instance group over three zones that heals and scales itself.

    Args:
        subnet: Where the machines are.
        account: Who they are.
        disk_key: What their disks are encrypted with.
        model: Where the model is, as the container takes it: `gs://BUCKET/OBJECT` or `vertex:ENDPOINT`.

    Attributes:
        region: Where it runs.
        manager: The instance group manager; its `instance_group` is what a backend service refers to.
    """

    def __init__(
        self,
        name: str,
        region: Region,
        settings: Settings,
        subnet: gcp.compute.Subnetwork,
        account: gcp.serviceaccount.Account,
        disk_key: Key,
        model: pulumi.Output[str],
        needs: Sequence[pulumi.Resource],
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("InferenceGroup", name, needs, opts)
        self.region = region
        machines, image = settings.machines, settings.image(region)
        fixed = {"IN_FLIGHT": str(settings.capacity.in_flight(settings.operations.latency_seconds))}
        if machines.model_sha256 and not settings.uses_vertex:
            fixed["MODEL_SHA256"] = machines.model_sha256
        template = machine_template(
            self,
            name,
            region,
            machines,
            subnet,
            account,
            disk_key,
            model.apply(lambda address: user_data(machines, image, SERVE, {"MODEL": address, **fixed})),
        )
        self.manager = self._manager(name, settings, template)
        self._autoscaler(name, settings)
        self.register_outputs({})

    def _manager(
        self, name: str, settings: Settings, template: gcp.compute.RegionInstanceTemplate
    ) -> gcp.compute.RegionInstanceGroupManager:
        liveness = liveness_check(self, name, self.region, settings.machines.serving_port)
        return gcp.compute.RegionInstanceGroupManager(
            name,
            region=self.region.name,
            base_instance_name="inference",
            versions=[{"instance_template": template.self_link}],
            distribution_policy_zones=list(self.region.zones),
            distribution_policy_target_shape="EVEN",
            named_ports=[{"name": SERVING_PORT_NAME, "port": settings.machines.serving_port}],
            auto_healing_policies={
                "health_check": liveness.id,
                "initial_delay_sec": settings.machines.model_load_seconds,
            },
            update_policy={
                "type": "PROACTIVE",
                "minimal_action": "REPLACE",
                "replacement_method": "SUBSTITUTE",
                "instance_redistribution_type": "PROACTIVE",
                "max_surge_fixed": len(self.region.zones),
                "max_unavailable_fixed": 0,
            },
            instance_lifecycle_policy={"force_update_on_repair": "YES"},
            wait_for_instances=False,
            # No target_size: the autoscaler decides, and the two would undo each other.
            opts=self.child(),
        )

    def _autoscaler(self, name: str, settings: Settings) -> None:
        """Scales on processor load and on the share of `maxRatePerInstance` that a machine serves."""
        capacity = settings.capacity
        gcp.compute.RegionAutoscaler(
            name,
            region=self.region.name,
            target=self.manager.id,
            autoscaling_policy={
                "mode": "ON",
                "min_replicas": capacity.min_replicas,
                "max_replicas": capacity.max_replicas,
                "cooldown_period": settings.machines.model_load_seconds,
                "cpu_utilization": {
                    "target": capacity.target_utilization,
                    "predictive_method": "OPTIMIZE_AVAILABILITY",
                },
                "load_balancing_utilization": {"target": capacity.target_utilization},
                "scale_in_control": {"time_window_sec": 600, "max_scaled_in_replicas": {"fixed": 1}},
            },
            opts=self.child(),
        )
