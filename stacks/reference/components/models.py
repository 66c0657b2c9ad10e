"""The models: weights in buckets of two regions each, near every region that serves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import pulumi
import pulumi_gcp as gcp
from regions import Region
from settings import Settings

from components.base import Component, deletion_policy
from components.encryption import MODEL_PURPOSE, Keys
from components.identity import Identities
from components.service_agents import ServiceAgents

_SECONDS_A_DAY: Final = 86_400


@dataclass(frozen=True)
class Pair:
    """Two regions that a bucket lives in at the same time.

    Attributes:
        location: The bucket's location.
        regions: The two regions, where the location alone does not name them.
        keys: Location of the keys that may encrypt such a bucket.
    """

    location: str
    regions: tuple[str, ...]
    keys: str


_EUROPE: Final = Pair("EU", ("EUROPE-WEST1", "EUROPE-WEST4"), "europe")
_ASIA: Final = Pair("ASIA1", (), "asia1")  # Tokyo and Osaka
_AMERICA: Final = Pair("NAM4", (), "nam4")  # Iowa and South Carolina
_NEAREST: Final = {
    "africa": _EUROPE,
    "asia": _ASIA,
    "australia": _ASIA,
    "europe": _EUROPE,
    "me": _EUROPE,
    "northamerica": _AMERICA,
    "southamerica": _AMERICA,
    "us": _AMERICA,
}
"""By continent: Cloud Storage has pairs of regions in Europe, Asia and the United States alone."""


class Models(Component):
    """A bucket for the weights in each part of the world that serves.

    Each lives in two regions, and what is written there is in both within 15 minutes, so that machines can
    start although one of them is lost. Whoever releases a model writes it to each bucket. A bucket is written
    by the pipeline that releases, and only read by machines.

    Attributes:
        buckets: The buckets, by location.
    """

    def __init__(
        self,
        name: str,
        settings: Settings,
        identities: Identities,
        agents: ServiceAgents,
        needs: Sequence[pulumi.Resource],
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("Models", name, needs, opts)
        self._object = settings.machines.model_object
        pairs = {pair.location: pair for pair in map(pair_for, settings.regions)}
        self.buckets = {
            location: self._bucket(f"{name}-{location.lower()}", pair, settings, agents)
            for location, pair in sorted(pairs.items())
        }
        for location, bucket in self.buckets.items():
            for role, account in identities.all.items():
                gcp.storage.BucketIAMMember(
                    f"{name}-{location.lower()}-{role}",
                    bucket=bucket.name,
                    role="roles/storage.objectViewer",
                    member=account.member,
                    opts=self.child(),
                )
        self.register_outputs({})

    def address(self, region: Region) -> pulumi.Output[str]:
        """Where machines of a region find the weights: `gs://BUCKET/OBJECT`."""
        return pulumi.Output.concat("gs://", self.buckets[pair_for(region).location].name, "/", self._object)

    def _bucket(self, name: str, pair: Pair, settings: Settings, agents: ServiceAgents) -> gcp.storage.Bucket:
        data, protect = settings.data, settings.operations.protect
        keys = Keys(
            f"keys-{pair.keys}",
            pair.keys,
            MODEL_PURPOSE,
            settings.operations,
            agents,
            self.needs,
            pulumi.ResourceOptions(parent=self),
        )
        key = keys["models"]
        return gcp.storage.Bucket(
            name,
            location=pair.location,
            custom_placement_config={"data_locations": list(pair.regions)} if pair.regions else None,
            # What is written is in the other region within 15 minutes, instead of within hours.
            rpo="ASYNC_TURBO",
            storage_class="STANDARD",
            uniform_bucket_level_access=True,
            public_access_prevention="enforced",
            versioning={"enabled": True},
            soft_delete_policy={"retention_duration_seconds": data.undelete_days * _SECONDS_A_DAY},
            encryption={"default_kms_key_name": key.id},
            lifecycle_rules=[
                {
                    "action": {"type": "Delete"},
                    "condition": {"num_newer_versions": data.versions_kept, "with_state": "ARCHIVED"},
                },
                {"action": {"type": "AbortIncompleteMultipartUpload"}, "condition": {"age": 1}},
            ],
            force_destroy=False,
            deletion_policy=deletion_policy(protect),
            opts=self.child(key.grant, protect=protect),
        )


def pair_for(region: Region) -> Pair:
    """The pair of regions that is nearest to a region."""
    return _NEAREST[region.continent]
