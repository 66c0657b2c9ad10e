"""The machines of one region: template, group, healing and scaling."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from string import Template

import pulumi
import pulumi_gcp as gcp
from regions import Region
from settings import Settings

from components.base import Component
from components.encryption import DiskKey
from components.identity import InferenceIdentity, image_of

SERVING_PORT_NAME = "https"
"""The named port by which backend services find the serving port of a group."""

LIVENESS_PATH = "/healthz"
"""Answers while the process is worth keeping; a machine that fails it is replaced."""

_CLOUD_INIT = Template(Path(__file__).with_name("cloud_init.yaml").read_text(encoding="utf-8"))


class InferenceGroup(Component):
    """A regional managed instance group over three zones that heals and scales itself.

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
        identity: InferenceIdentity,
        disk_key: DiskKey,
        needs: Sequence[pulumi.Resource],
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("InferenceGroup", name, needs, opts)
        self.region = region
        template = self._template(name, settings, subnet, identity, disk_key)
        self.manager = self._manager(name, settings, template)
        self._autoscaler(name, settings)
        self.register_outputs({})

    def _template(
        self,
        name: str,
        settings: Settings,
        subnet: gcp.compute.Subnetwork,
        identity: InferenceIdentity,
        disk_key: DiskKey,
    ) -> gcp.compute.RegionInstanceTemplate:
        """The machine: its own key on the disk, a verified boot, no external address, no default identity."""
        image = image_of(settings, self.region)
        user_data = _CLOUD_INIT.substitute(image=image, registry=image.split("/", 1)[0], port=settings.serving_port)
        return gcp.compute.RegionInstanceTemplate(
            name,
            region=self.region.name,
            machine_type=settings.machine_type,
            can_ip_forward=False,
            disks=[
                gcp.compute.RegionInstanceTemplateDiskArgs(
                    boot=True,
                    auto_delete=True,
                    source_image=settings.boot_image,
                    disk_type="pd-balanced",
                    disk_size_gb=settings.boot_disk_gb,
                    disk_encryption_key=gcp.compute.RegionInstanceTemplateDiskDiskEncryptionKeyArgs(
                        kms_key_self_link=disk_key.key.id
                    ),
                )
            ],
            network_interfaces=[
                gcp.compute.RegionInstanceTemplateNetworkInterfaceArgs(
                    subnetwork=subnet.id, nic_type="GVNIC", stack_type="IPV4_ONLY"
                )
            ],
            service_account=gcp.compute.RegionInstanceTemplateServiceAccountArgs(
                email=identity.account.email,
                scopes=["https://www.googleapis.com/auth/cloud-platform"],
            ),
            shielded_instance_config=gcp.compute.RegionInstanceTemplateShieldedInstanceConfigArgs(
                enable_secure_boot=True, enable_vtpm=True, enable_integrity_monitoring=True
            ),
            scheduling=gcp.compute.RegionInstanceTemplateSchedulingArgs(
                on_host_maintenance="MIGRATE", automatic_restart=True
            ),
            metadata={
                "user-data": user_data,
                "enable-oslogin": "TRUE",
                "block-project-ssh-keys": "TRUE",
                "serial-port-enable": "FALSE",
                "google-logging-enabled": "true",
            },
            opts=self.child(disk_key.grant),
        )

    def _manager(
        self, name: str, settings: Settings, template: gcp.compute.RegionInstanceTemplate
    ) -> gcp.compute.RegionInstanceGroupManager:
        # Lenient and apart from the load balancer's check: a machine that is slow for a while should get no
        # requests, which is no reason to lose its loaded model.
        liveness = gcp.compute.RegionHealthCheck(
            f"{name}-liveness",
            region=self.region.name,
            check_interval_sec=30,
            timeout_sec=10,
            healthy_threshold=1,
            unhealthy_threshold=5,
            https_health_check=gcp.compute.RegionHealthCheckHttpsHealthCheckArgs(
                port_specification="USE_FIXED_PORT", port=settings.serving_port, request_path=LIVENESS_PATH
            ),
            log_config=gcp.compute.RegionHealthCheckLogConfigArgs(enable=True),
            opts=self.child(),
        )
        return gcp.compute.RegionInstanceGroupManager(
            name,
            region=self.region.name,
            base_instance_name="inference",
            versions=[gcp.compute.RegionInstanceGroupManagerVersionArgs(instance_template=template.self_link)],
            distribution_policy_zones=list(self.region.zones),
            distribution_policy_target_shape="EVEN",
            named_ports=[
                gcp.compute.RegionInstanceGroupManagerNamedPortArgs(name=SERVING_PORT_NAME, port=settings.serving_port)
            ],
            auto_healing_policies=gcp.compute.RegionInstanceGroupManagerAutoHealingPoliciesArgs(
                health_check=liveness.id, initial_delay_sec=settings.model_load_seconds
            ),
            update_policy=gcp.compute.RegionInstanceGroupManagerUpdatePolicyArgs(
                type="PROACTIVE",
                minimal_action="REPLACE",
                replacement_method="SUBSTITUTE",
                instance_redistribution_type="PROACTIVE",
                max_surge_fixed=len(self.region.zones),
                max_unavailable_fixed=0,
            ),
            instance_lifecycle_policy=gcp.compute.RegionInstanceGroupManagerInstanceLifecyclePolicyArgs(
                force_update_on_repair="YES"
            ),
            wait_for_instances=False,
            # No target_size: the autoscaler decides, and the two would undo each other.
            opts=self.child(),
        )

    def _autoscaler(self, name: str, settings: Settings) -> None:
        """Scales on processor load and on the share of `maxRatePerInstance` that a machine serves."""
        target = settings.target_utilization_percent / 100
        compute = gcp.compute
        compute.RegionAutoscaler(
            name,
            region=self.region.name,
            target=self.manager.id,
            autoscaling_policy=compute.RegionAutoscalerAutoscalingPolicyArgs(
                mode="ON",
                min_replicas=settings.min_replicas,
                max_replicas=settings.max_replicas,
                cooldown_period=settings.model_load_seconds,
                cpu_utilization=compute.RegionAutoscalerAutoscalingPolicyCpuUtilizationArgs(
                    target=target, predictive_method="OPTIMIZE_AVAILABILITY"
                ),
                load_balancing_utilization=compute.RegionAutoscalerAutoscalingPolicyLoadBalancingUtilizationArgs(
                    target=target
                ),
                scale_in_control=compute.RegionAutoscalerAutoscalingPolicyScaleInControlArgs(
                    time_window_sec=600,
                    max_scaled_in_replicas=(
                        compute.RegionAutoscalerAutoscalingPolicyScaleInControlMaxScaledInReplicasArgs(fixed=1)
                    ),
                ),
            ),
            opts=self.child(),
        )
