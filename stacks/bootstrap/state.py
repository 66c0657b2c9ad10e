"""Where Pulumi keeps its state: a bucket, and the keys that encrypt it and the secrets in it."""

from __future__ import annotations

from collections.abc import Sequence

import pulumi
import pulumi_gcp as gcp
from settings import Settings

_DAY = 24 * 60 * 60


class State:
    """The state backend.

    Attributes:
        bucket: Holds the state of every stack.
        secrets_key: Encrypts the secrets within the state; whoever may not use it sees none, with the bucket in hand.
    """

    def __init__(self, settings: Settings, needs: Sequence[pulumi.Resource]) -> None:
        self._settings = settings
        ring = gcp.kms.KeyRing(
            "pulumi", name="pulumi", location=settings.location, opts=pulumi.ResourceOptions(depends_on=list(needs))
        )
        bucket_key = self._key("state", ring)
        self.secrets_key = self._key("secrets", ring)
        agent = gcp.storage.get_project_service_account_output(project=settings.project)
        # Cloud Storage refuses a bucket whose key it may not use.
        grant = gcp.kms.CryptoKeyIAMMember(
            "state-bucket",
            crypto_key_id=bucket_key.id,
            role="roles/cloudkms.cryptoKeyEncrypterDecrypter",
            member=agent.member,
        )
        self.bucket = gcp.storage.Bucket(
            "state",
            name=f"{settings.project}-pulumi-state",
            location=settings.location,
            uniform_bucket_level_access=True,
            public_access_prevention="enforced",
            force_destroy=False,
            versioning=gcp.storage.BucketVersioningArgs(enabled=True),
            encryption=gcp.storage.BucketEncryptionArgs(default_kms_key_name=bucket_key.id),
            soft_delete_policy=gcp.storage.BucketSoftDeletePolicyArgs(retention_duration_seconds=30 * _DAY),
            lifecycle_rules=[
                # A broken state is mended from an older one: keep a year of them, and a hundred at least.
                gcp.storage.BucketLifecycleRuleArgs(
                    action=gcp.storage.BucketLifecycleRuleActionArgs(type="Delete"),
                    condition=gcp.storage.BucketLifecycleRuleConditionArgs(
                        days_since_noncurrent_time=365, num_newer_versions=100
                    ),
                )
            ],
            opts=pulumi.ResourceOptions(depends_on=[grant], protect=settings.protect),
        )

    def _key(self, name: str, ring: gcp.kms.KeyRing) -> gcp.kms.CryptoKey:
        return gcp.kms.CryptoKey(
            name,
            name=name,
            key_ring=ring.id,
            purpose="ENCRYPT_DECRYPT",
            rotation_period=f"{90 * _DAY}s",
            destroy_scheduled_duration=f"{30 * _DAY}s",
            opts=pulumi.ResourceOptions(protect=self._settings.protect),
        )
