"""Customer-managed encryption keys: a ring for each location, a key for each purpose."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi
import pulumi_gcp as gcp
from settings.operations import Operations

from components.base import Component, deletion_policy
from components.service_agents import ServiceAgents

ROTATION_PERIOD = "7776000s"  # 90 days
_DESTROY_DELAY = "2592000s"  # 30 days in which a destroyed key version can be restored

REGIONAL_PURPOSES = {"disks": "compute", "data": "storage", "jobs": "pubsub", "images": "artifactregistry"}
"""What each region has a key for, and the service that encrypts with it."""

VERTEX_PURPOSE = {"models": "aiplatform"}
"""The further key of a region, where the model runs in Vertex AI."""

MODEL_PURPOSE = {"models": "storage"}
"""The key of a location that holds models in two regions."""


@dataclass(frozen=True)
class Key:
    """A key and the right to use it.

    Attributes:
        id: The key's resource name.
        grant: Lets the service that encrypts use the key. Whatever is encrypted with the key must depend on
            the grant: nothing in its arguments refers to it.
    """

    id: pulumi.Output[str]
    grant: pulumi.Resource


class Keys(Component):
    """The keys of one location: what is lost there takes no other location's data along.

    Keys rotate every 90 days, and a destroyed version can be restored for 30. Each may be used by the one
    service that it is for.

    Args:
        location: A region, or a multi-region such as `europe`.
        purposes: What there is a key for, and the service that encrypts with it.
    """

    def __init__(
        self,
        name: str,
        location: str,
        purposes: Mapping[str, str],
        operations: Operations,
        agents: ServiceAgents,
        needs: Sequence[pulumi.Resource],
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("Keys", name, needs, opts)
        self._protected = operations.protect
        self._level = operations.kms_protection_level.value
        # A key ring can never be deleted, only forgotten, and its name stays taken: Pulumi's random suffix
        # keeps a second deployment from tripping over the first.
        ring = gcp.kms.KeyRing(f"keys-{location}", location=location, opts=self.child(protect=self._protected))
        self._keys = {
            purpose: self._key(f"{purpose}-{location}", ring, service, agents) for purpose, service in purposes.items()
        }
        self.register_outputs({})

    def __getitem__(self, purpose: str) -> Key:
        """The key for a purpose."""
        return self._keys[purpose]

    def _key(self, name: str, ring: gcp.kms.KeyRing, service: str, agents: ServiceAgents) -> Key:
        key = gcp.kms.CryptoKey(
            name,
            key_ring=ring.id,
            purpose="ENCRYPT_DECRYPT",
            rotation_period=ROTATION_PERIOD,
            destroy_scheduled_duration=_DESTROY_DELAY,
            version_template={"algorithm": "GOOGLE_SYMMETRIC_ENCRYPTION", "protection_level": self._level},
            deletion_policy=deletion_policy(self._protected),
            opts=self.child(protect=self._protected),
        )
        grant = gcp.kms.CryptoKeyIAMMember(
            f"{name}-{service}",
            crypto_key_id=key.id,
            role="roles/cloudkms.cryptoKeyEncrypterDecrypter",
            member=agents.member(service),
            opts=self.child(*agents.ready(service)),
        )
        return Key(key.id, grant)
