"""Where a key of Cloud KMS may lie, for each service that encrypts with it.

A service uses a key from where its data is. Each service has rules of its own for which locations of keys it takes;
they are in its documentation on customer-managed encryption keys. Where a service's rules leave room, the room is kept:
only pairs that cannot work are refused here.
"""

from __future__ import annotations

import enum
from typing import TYPE_CHECKING, Final

from policypack.gcp import types as t
from policypack.gcp.locations import GLOBAL, is_region
from policypack.model.records import dataclass

if TYPE_CHECKING:
    from collections.abc import Mapping


class Fit(str, enum.Enum):
    """How a service compares the location of a key with its own."""

    SAME = "the same location"
    AROUND = "the same region, a multi-region around it, or global"
    BUCKET = "the place of the bucket"
    GLOBAL = "global"


@dataclass(frozen=True)
class KeyPlace:
    """A property that names a key, and how its location is judged.

    Attributes:
        path: The property, as a pattern of the table of references.
        fit: How locations are compared.
        location: The property that says where the data is: relative to the element that holds the key, else to the
            resource. "" stands for the region or zone of the resource.
    """

    path: str
    fit: Fit
    location: str = ""


_MACHINE_DISK: Final = "disks[].diskEncryptionKey.kmsKeySelfLink"

KEY_PLACES: Final[Mapping[str, tuple[KeyPlace, ...]]] = {
    t.DISK: (KeyPlace("diskEncryptionKey.kmsKeySelfLink", Fit.AROUND),),
    t.REGION_DISK: (KeyPlace("diskEncryptionKey.kmsKeyName", Fit.AROUND),),
    t.INSTANCE: (
        KeyPlace("bootDisk.kmsKeySelfLink", Fit.AROUND),
        KeyPlace("attachedDisks[].kmsKeySelfLink", Fit.AROUND),
    ),
    t.INSTANCE_TEMPLATE: (KeyPlace(_MACHINE_DISK, Fit.AROUND),),
    t.REGION_INSTANCE_TEMPLATE: (KeyPlace(_MACHINE_DISK, Fit.AROUND),),
    t.BUCKET: (KeyPlace("encryption.defaultKmsKeyName", Fit.BUCKET, "location"),),
    t.SECRET: (
        KeyPlace("replication.auto.customerManagedEncryption.kmsKeyName", Fit.GLOBAL),
        KeyPlace(
            "replication.userManaged.replicas[].customerManagedEncryption.kmsKeyName",
            Fit.SAME,
            "replication.userManaged.replicas[].location",
        ),
    ),
    t.REGIONAL_SECRET: (KeyPlace("customerManagedEncryption.kmsKeyName", Fit.SAME, "location"),),
    t.REPOSITORY: (KeyPlace("kmsKeyName", Fit.SAME, "location"),),
    t.AI_ENDPOINT: (KeyPlace("encryptionSpec.kmsKeyName", Fit.SAME, "location"),),
}
"""Type token, to the keys it names."""

_AROUND: Final[Mapping[str, tuple[str, ...]]] = {
    "us": ("us-",),
    "europe": ("europe-",),
    "asia": ("asia-",),
    "asia1": ("asia-",),
    **{f"eur{number}": ("europe-",) for number in range(3, 9)},
    **{f"nam{number}": ("us-", "northamerica-") for number in range(3, 17)},
}
"""Multi-region of Cloud KMS, to how the names of the regions in it begin."""

_BUCKET_KEYS: Final[Mapping[str, str]] = {
    "us": "us",
    "eu": "europe",
    "asia": "asia",
    "nam4": "nam4",
    "eur4": "eur4",
    "asia1": "asia1",
}
"""Location of a bucket in several regions, to that of its key: predefined dual-regions have one of their own name."""


def wanted_location(fit: Fit, place: str) -> str:
    """Say where the key of something at a place has to lie.

    Args:
        fit: How the service compares.
        place: Where the data is, in lower case.
    """
    if fit is Fit.GLOBAL:
        return GLOBAL
    if fit is Fit.BUCKET:
        return _BUCKET_KEYS.get(place, place)
    return f"{place}, a multi-region around it, or global" if fit is Fit.AROUND else place


def key_fits(fit: Fit, place: str, key: str) -> bool:
    """Tell whether a key can encrypt what lies at a place. Locations that are not listed are given the benefit.

    Args:
        fit: How the service compares.
        place: Where the data is, in lower case: a region, or a multi-region.
        key: The key's location, in lower case.
    """
    if key == place:
        return True
    if fit is Fit.GLOBAL:
        return key == GLOBAL
    if fit is Fit.AROUND:
        return key == GLOBAL or (not is_region(key) and place.startswith(_AROUND.get(key, ("",))))
    wanted = _BUCKET_KEYS.get(place) if fit is Fit.BUCKET else None
    if wanted is not None or is_region(place):
        return key == (wanted or place)
    # A multi-region or dual-region that is not in the table: a key of one region is wrong, which other is right is not
    # known.
    return not is_region(key) and key != GLOBAL
