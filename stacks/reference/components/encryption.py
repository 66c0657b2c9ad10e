"""Customer-managed encryption keys, one per region: a region that is lost takes no other region's key along."""

from __future__ import annotations

from collections.abc import Sequence

import pulumi
import pulumi_gcp as gcp
from regions import Region
from settings import Settings

from components.base import Component

ROTATION_PERIOD = "7776000s"  # 90 days
_DESTROY_DELAY = "2592000s"  # 30 days in which a destroyed key version can be restored


class DiskKey(Component):
    """The key that encrypts one region's disks, and the right to use it.

    Attributes:
        key: The key; it rotates every 90 days.
        grant: Lets Compute Engine use the key. Whatever is encrypted with the key must depend on the grant:
            nothing in its arguments refers to it.
    """

    def __init__(
        self,
        name: str,
        region: Region,
        settings: Settings,
        project_number: str,
        needs: Sequence[pulumi.Resource],
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("DiskKey", name, needs, opts)
        # A key ring can never be deleted, only forgotten, and its name stays taken: Pulumi's random suffix
        # keeps a second deployment from tripping over the first.
        ring = gcp.kms.KeyRing(
            f"disks-{region.name}",
            location=region.name,
            opts=self.child(protect=settings.protect_keys),
        )
        self.key = gcp.kms.CryptoKey(
            f"disks-{region.name}",
            key_ring=ring.id,
            purpose="ENCRYPT_DECRYPT",
            rotation_period=ROTATION_PERIOD,
            destroy_scheduled_duration=_DESTROY_DELAY,
            version_template=gcp.kms.CryptoKeyVersionTemplateArgs(
                algorithm="GOOGLE_SYMMETRIC_ENCRYPTION",
                protection_level=settings.kms_protection_level.value,
            ),
            opts=self.child(protect=settings.protect_keys),
        )
        # Compute Engine's service agent comes into being with the Compute API and is known by its number only.
        agent = f"serviceAccount:service-{project_number}@compute-system.iam.gserviceaccount.com"
        self.grant = gcp.kms.CryptoKeyIAMMember(
            f"disks-{region.name}-compute",
            crypto_key_id=self.key.id,
            role="roles/cloudkms.cryptoKeyEncrypterDecrypter",
            member=agent,
            opts=self.child(),
        )
        self.register_outputs({})
