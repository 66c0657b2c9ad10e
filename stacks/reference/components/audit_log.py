"""The audit trail: kept where nobody can shorten it, and watched for what should be rare."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import pulumi
import pulumi_gcp as gcp
from settings import Settings

from components.base import Component, deletion_policy
from components.notifications import Alert, Notifications, logged


@dataclass(frozen=True)
class _Watched:
    """Something that is logged and should be rare.

    Attributes:
        says: What has happened.
        filter: Which entries.
        severity: Of the alert.
    """

    says: str
    filter: str
    severity: str = "WARNING"


def _methods(*names: str) -> str:
    return "(" + " OR ".join(f'protoPayload.methodName:"{name}"' for name in names) + ")"


_ACTIVITY: Final = "cloudaudit.googleapis.com/activity"
_BINDINGS: Final = "protoPayload.serviceData.policyDelta.bindingDeltas"
_WATCHED: Final = {
    "ownership": _Watched(
        "Somebody became an owner of the project, or ceased to be one",
        'protoPayload.serviceName="cloudresourcemanager.googleapis.com" AND (ProjectOwnership OR projectOwnerInvitee)'
        f' OR ({_BINDINGS}.action="REMOVE" AND {_BINDINGS}.role="roles/owner")'
        f' OR ({_BINDINGS}.action="ADD" AND {_BINDINGS}.role="roles/owner")',
        "ERROR",
    ),
    "auditing": _Watched(
        "What is audited was changed",
        'protoPayload.methodName="SetIamPolicy" AND protoPayload.serviceData.policyDelta.auditConfigDeltas:*',
        "ERROR",
    ),
    "roles": _Watched(
        "A custom role was changed",
        'resource.type="iam_role" AND (protoPayload.methodName="google.iam.admin.v1.CreateRole"'
        ' OR protoPayload.methodName="google.iam.admin.v1.DeleteRole"'
        ' OR protoPayload.methodName="google.iam.admin.v1.UpdateRole")',
    ),
    "firewalls": _Watched(
        "A firewall rule was changed",
        '(resource.type="gce_firewall_rule" AND '
        + _methods("compute.firewalls.patch", "compute.firewalls.insert", "compute.firewalls.delete")
        # Rules of this stack are in a policy, which is logged by other names.
        + f') OR (log_id("{_ACTIVITY}") AND '
        + _methods("compute.networkFirewallPolicies.", "compute.firewallPolicies.")
        + ")",
    ),
    "routes": _Watched(
        "A route was changed",
        'resource.type="gce_route" AND ' + _methods("compute.routes.delete", "compute.routes.insert"),
    ),
    "networks": _Watched(
        "A network was changed",
        'resource.type="gce_network" AND '
        + _methods(
            "compute.networks.insert",
            "compute.networks.patch",
            "compute.networks.delete",
            "compute.networks.removePeering",
            "compute.networks.addPeering",
        ),
    ),
    "buckets": _Watched(
        "Somebody changed who may reach a bucket",
        'resource.type="gcs_bucket" AND protoPayload.methodName="storage.setIamPermissions"',
    ),
    "keys": _Watched(
        "A version of a key was destroyed or switched off",
        'resource.type="cloudkms_cryptokeyversion" AND '
        + _methods("DestroyCryptoKeyVersion", "UpdateCryptoKeyVersion"),
        "CRITICAL",
    ),
}

_TRAIL: Final = f'log_id("{_ACTIVITY}") OR log_id("cloudaudit.googleapis.com/data_access")'
_CONTINENTS: Final = {"europe": "eu", "us": "us"}
"""Where logs can be kept in several regions at once."""


class AuditLog(Component):
    """Keeps who did what for longer than Google does, in a bucket of its own that can be locked.

    A lock is for ever: nobody, not even an owner, can shorten the time or delete the bucket before. What
    should be rare is counted and alerts.
    """

    def __init__(
        self,
        name: str,
        settings: Settings,
        notifications: Notifications,
        needs: Sequence[pulumi.Resource],
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("AuditLog", name, needs, opts)
        operations = settings.operations
        bucket = gcp.logging.ProjectBucketConfig(
            name,
            project=settings.project,
            location=_location(settings),
            bucket_id=f"{pulumi.get_project()}-{pulumi.get_stack()}-{name}",
            description="Who did what",
            retention_days=operations.log_retention_days,
            locked=operations.lock_logs,
            deletion_policy=deletion_policy(operations.protect),
            opts=self.child(protect=operations.protect),
        )
        gcp.logging.ProjectSink(
            name,
            project=settings.project,
            description="The audit trail",
            destination=pulumi.Output.concat("logging.googleapis.com/", bucket.id),
            filter=_TRAIL,
            unique_writer_identity=True,
            opts=self.child(),
        )
        alert = Alert(self, notifications)
        for label, watched in _WATCHED.items():
            self._watch(f"{name}-{label}", watched, alert)
        self.register_outputs({})

    def _watch(self, name: str, watched: _Watched, alert: Alert) -> None:
        """Counts such entries, and alerts on each of them.

        The alert reads the log itself: most types of resource that audit logs speak of are none that a metric's
        alert could name.
        """
        gcp.logging.Metric(
            name,
            description=watched.says,
            filter=watched.filter,
            metric_descriptor={"metric_kind": "DELTA", "value_type": "INT64", "unit": "1"},
            opts=self.child(),
        )
        alert.when(
            name,
            watched.says,
            "If it was planned, well. If not, find out in the audit trail who it was, and undo it.",
            logged("Entries", watched.filter),
            severity=watched.severity,
            at_most_every="300s",
        )


def _location(settings: Settings) -> str:
    """Where the first region is: in two or more regions of its continent where Google offers that, else in it."""
    first = settings.regions[0]
    return _CONTINENTS.get(first.continent, first.name)
