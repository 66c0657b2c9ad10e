"""The machines of one region that process jobs: as many as there is work for."""

from __future__ import annotations

from collections.abc import Sequence

import pulumi
import pulumi_gcp as gcp
from regions import Region
from settings import Settings

from components.base import Component
from components.cloud_init import WORK, user_data
from components.encryption import Key
from components.jobs import RegionJobs
from components.machine_template import liveness_check, machine_template


class WorkerGroup(Component):
    """A regional managed instance group over three zones that takes jobs from the region's queue.

    It grows with the queue. A worker acknowledges a job when its output is written, so that a machine may be
    lost at any time: the job goes to another. A worker whose process hangs is replaced; nothing but the health
    check connects to it.

    Args:
        subnet: Where the machines are.
        account: Who they are.
        disk_key: What their disks are encrypted with.
        model: Where the model is, as the container takes it: `gs://BUCKET/OBJECT` or `vertex:ENDPOINT`.
        jobs: The queue.

    Attributes:
        manager: The instance group manager.
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
        jobs: RegionJobs,
        needs: Sequence[pulumi.Resource],
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("WorkerGroup", name, needs, opts)
        machines, image = settings.machines, settings.image(region)
        fixed = {
            "ACK_SECONDS": str(settings.data.job_timeout_seconds),
            # Jobs may not leave the region, so they are asked for at its own door.
            "PUBSUB_ADDRESS": f"https://{region.name}-pubsub.googleapis.com",
        }
        if machines.model_sha256 and not settings.uses_vertex:
            fixed["MODEL_SHA256"] = machines.model_sha256
        subscription = jobs.subscription.name
        template = machine_template(
            self,
            name,
            region,
            machines,
            subnet,
            account,
            disk_key,
            pulumi.Output.all(model, subscription).apply(
                lambda known: user_data(
                    machines,
                    image,
                    WORK,
                    {
                        **fixed,
                        "MODEL": known[0],
                        "SUBSCRIPTION": f"projects/{settings.project}/subscriptions/{known[1]}",
                    },
                )
            ),
        )
        liveness = liveness_check(self, name, region, settings.machines.serving_port)
        self.manager = gcp.compute.RegionInstanceGroupManager(
            name,
            region=region.name,
            base_instance_name="worker",
            auto_healing_policies={"health_check": liveness.id, "initial_delay_sec": machines.model_load_seconds},
            versions=[{"instance_template": template.self_link}],
            distribution_policy_zones=list(region.zones),
            distribution_policy_target_shape="EVEN",
            update_policy={
                "type": "PROACTIVE",
                "minimal_action": "REPLACE",
                "replacement_method": "SUBSTITUTE",
                "instance_redistribution_type": "PROACTIVE",
                "max_surge_fixed": len(region.zones),
                "max_unavailable_fixed": 0,
            },
            instance_lifecycle_policy={"force_update_on_repair": "YES"},
            wait_for_instances=False,
            opts=self.child(),
        )
        self._autoscaler(name, region, settings, subscription)
        self.register_outputs({})

    def _autoscaler(self, name: str, region: Region, settings: Settings, subscription: pulumi.Output[str]) -> None:
        """One machine for each `jobsPerWorker` jobs that wait, however old the measurement of its processor."""
        capacity = settings.capacity
        gcp.compute.RegionAutoscaler(
            name,
            region=region.name,
            target=self.manager.id,
            autoscaling_policy={
                "mode": "ON",
                "min_replicas": capacity.min_workers,
                "max_replicas": capacity.max_workers,
                "cooldown_period": settings.machines.model_load_seconds,
                "metrics": [
                    {
                        "name": "pubsub.googleapis.com/subscription/num_undelivered_messages",
                        "filter": pulumi.Output.concat(
                            'resource.type = "pubsub_subscription" AND resource.label.subscription_id = "',
                            subscription,
                            '"',
                        ),
                        "single_instance_assignment": capacity.jobs_per_worker,
                    }
                ],
                "scale_in_control": {"time_window_sec": 600, "max_scaled_in_replicas": {"fixed": 1}},
            },
            opts=self.child(),
        )
