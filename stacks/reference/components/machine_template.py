"""The machine and the check of its life, as all groups use them."""

from __future__ import annotations

import pulumi
import pulumi_gcp as gcp
from regions import Region
from settings.choices import ConfidentialCompute
from settings.machines import Machines

from components.base import Component
from components.encryption import Key

LIVENESS_PATH = "/healthz"
"""Answers while the process is worth keeping; a machine that fails it is replaced."""


def liveness_check(parent: Component, name: str, region: Region, port: int) -> gcp.compute.RegionHealthCheck:
    """The check that healing goes by: two and a half minutes without an answer.

    It is lenient, and apart from the load balancer's: a machine that is slow for a while should get no requests,
    which is no reason to lose its loaded model.
    """
    return gcp.compute.RegionHealthCheck(
        f"{name}-liveness",
        region=region.name,
        check_interval_sec=30,
        timeout_sec=10,
        healthy_threshold=1,
        unhealthy_threshold=5,
        https_health_check={"port_specification": "USE_FIXED_PORT", "port": port, "request_path": LIVENESS_PATH},
        log_config={"enable": True},
        opts=parent.child(),
    )


def machine_template(
    parent: Component,
    name: str,
    region: Region,
    machines: Machines,
    subnet: gcp.compute.Subnetwork,
    account: gcp.serviceaccount.Account,
    disk_key: Key,
    user_data: pulumi.Input[str],
) -> gcp.compute.RegionInstanceTemplate:
    """A template of a machine that is its own: its own key on the disk, a verified boot, an account of its own.

    It has no address of its own in the internet, and nobody can put an SSH key on it. With a GPU, or with the
    kinds of memory encryption that forbid it, Google cannot move a running machine and stops it instead; the
    group then makes another.

    Args:
        parent: The component that the template belongs to.
        name: The template's logical name; its physical name is made up, so that a new one can stand beside the
            one in use.
        region: Where the machines are.
        machines: What they are.
        subnet: The subnet that they are in.
        account: Who they are.
        disk_key: What their disks are encrypted with.
        user_data: The cloud-init configuration.
    """
    return gcp.compute.RegionInstanceTemplate(
        name,
        region=region.name,
        description=f"{name}, on {machines.machine_type}",
        machine_type=machines.machine_type,
        min_cpu_platform=machines.min_cpu_platform,
        can_ip_forward=False,
        disks=[
            {
                "boot": True,
                "auto_delete": True,
                "source_image": machines.boot_image,
                "disk_type": machines.boot_disk_type,
                "disk_size_gb": machines.boot_disk_gb,
                "disk_encryption_key": {"kms_key_self_link": disk_key.id},
            }
        ],
        network_interfaces=[{"subnetwork": subnet.id, "nic_type": "GVNIC", "stack_type": "IPV4_ONLY"}],
        service_account={
            "email": account.email,
            # What it may do is for IAM to say; a second list here would only be in the way.
            "scopes": ["https://www.googleapis.com/auth/cloud-platform"],
        },
        shielded_instance_config={
            "enable_secure_boot": True,
            "enable_vtpm": True,
            "enable_integrity_monitoring": True,
        },
        confidential_instance_config=(
            None
            if machines.confidential is ConfidentialCompute.NONE
            else {"confidential_instance_type": machines.confidential.value}
        ),
        guest_accelerators=(
            [{"type": machines.gpu_type, "count": machines.gpu_count}] if machines.gpu_type is not None else None
        ),
        scheduling={
            "on_host_maintenance": "MIGRATE" if machines.can_migrate else "TERMINATE",
            "automatic_restart": True,
        },
        metadata={
            "user-data": user_data,
            "enable-oslogin": "TRUE",
            "block-project-ssh-keys": "TRUE",
            "serial-port-enable": "FALSE",
            "google-logging-enabled": "true",
            "google-monitoring-enabled": "true",
        },
        opts=parent.child(disk_key.grant),
    )
