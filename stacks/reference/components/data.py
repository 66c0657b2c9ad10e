"""What one region keeps: the data of its jobs, and the images that its machines run."""

from __future__ import annotations

from collections.abc import Sequence

import pulumi
import pulumi_gcp as gcp
from regions import Region
from settings import Settings
from settings.data import Data

from components.base import Component, deletion_policy
from components.encryption import Key
from components.identity import Identities

_SECONDS_A_DAY = 86_400
_LifecycleRule = gcp.storage.BucketLifecycleRuleArgsDict


class RegionData(Component):
    """A bucket for the inputs and outputs of jobs, which never leave their region.

    Nothing in it is public or can become so; what is replaced or deleted can be brought back for a while; what
    has lain for long moves to cheaper storage. Workers read and write in it, and whoever may publish jobs.

    Attributes:
        bucket: The bucket.
    """

    def __init__(
        self,
        name: str,
        region: Region,
        settings: Settings,
        key: Key,
        identities: Identities,
        needs: Sequence[pulumi.Resource],
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("RegionData", name, needs, opts)
        data, protect = settings.data, settings.operations.protect
        self.bucket = gcp.storage.Bucket(
            name,
            location=region.name.upper(),
            storage_class="STANDARD",
            uniform_bucket_level_access=True,
            public_access_prevention="enforced",
            versioning={"enabled": True},
            soft_delete_policy={"retention_duration_seconds": data.undelete_days * _SECONDS_A_DAY},
            encryption={"default_kms_key_name": key.id},
            lifecycle_rules=_lifecycle(data),
            force_destroy=False,
            deletion_policy=deletion_policy(protect),
            opts=self.child(key.grant, protect=protect),
        )
        users: dict[str, pulumi.Input[str]] = {"worker": identities.worker.member}
        users |= {f"publisher-{place}": member for place, member in enumerate(data.job_publishers)}
        for label, member in users.items():
            gcp.storage.BucketIAMMember(
                f"{name}-{label}",
                bucket=self.bucket.name,
                role="roles/storage.objectUser",
                member=member,
                opts=self.child(),
            )
        self.register_outputs({})


def _lifecycle(data: Data) -> list[_LifecycleRule]:
    rules: list[_LifecycleRule] = [
        {
            "action": {"type": "SetStorageClass", "storage_class": "NEARLINE"},
            "condition": {"age": data.cold_after_days, "matches_storage_classes": ["STANDARD"]},
        },
        {
            "action": {"type": "Delete"},
            "condition": {"num_newer_versions": data.versions_kept, "with_state": "ARCHIVED"},
        },
        {"action": {"type": "AbortIncompleteMultipartUpload"}, "condition": {"age": 1}},
    ]
    if data.delete_after_days is not None:
        rules.append({"action": {"type": "Delete"}, "condition": {"age": data.delete_after_days}})
    return rules


class RegionImages(Component):
    """The region's own Artifact Registry repository: its machines start although another region is lost.

    A tag means one image for ever; images are scanned; what is old and unused goes.

    Attributes:
        repository: The repository.
    """

    def __init__(
        self,
        name: str,
        region: Region,
        settings: Settings,
        key: Key,
        identities: Identities,
        needs: Sequence[pulumi.Resource],
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("RegionImages", name, needs, opts)
        protect = settings.operations.protect
        self.repository = gcp.artifactregistry.Repository(
            name,
            location=region.name,
            repository_id=settings.machines.repository,
            description=f"What the machines in {region.name} run",
            format="DOCKER",
            mode="STANDARD_REPOSITORY",
            kms_key_name=key.id,
            docker_config={"immutable_tags": True},
            vulnerability_scanning_config={"enablement_config": "INHERITED"},
            cleanup_policy_dry_run=False,
            cleanup_policies=[
                {"id": "keep-recent", "action": "KEEP", "most_recent_versions": {"keep_count": 10}},
                {
                    "id": "delete-untagged",
                    "action": "DELETE",
                    "condition": {"tag_state": "UNTAGGED", "older_than": f"{30 * _SECONDS_A_DAY}s"},
                },
            ],
            deletion_policy=deletion_policy(protect),
            opts=self.child(key.grant, protect=protect),
        )
        for role, account in identities.all.items():
            gcp.artifactregistry.RepositoryIamMember(
                f"{name}-{role}",
                project=settings.project,
                location=region.name,
                repository=self.repository.name,
                role="roles/artifactregistry.reader",
                member=account.member,
                opts=self.child(),
            )
        self.register_outputs({})
