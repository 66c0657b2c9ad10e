"""Where a resource says that it, or what it stores, lies; and in which jurisdictions places are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from policypack.gcp import types as t
from policypack.gcp.locations import GLOBAL, REGIONS, last_part, region_of_zone

if TYPE_CHECKING:
    from collections.abc import Mapping

OWN_REGION: Final = ""
"""In place of a property: the region or zone of the resource, its own or its provider's."""

PLACES: Final[Mapping[str, tuple[str, ...]]] = {
    **dict.fromkeys(
        (
            t.FORWARDING_RULE,
            *t.INSTANCE_GROUPS,
            t.NETWORK_ENDPOINT_GROUP,
            t.REGION_NETWORK_ENDPOINT_GROUP,
            t.INSTANCE,
            t.DISK,
            t.REGION_DISK,
        ),
        (OWN_REGION,),
    ),
    **dict.fromkeys(
        (
            t.CLOUD_RUN_SERVICE,
            t.REPOSITORY,
            t.AI_ENDPOINT,
            t.REGIONAL_SECRET,
            t.KEY_RING,
            t.BIGQUERY_DATASET,
            t.LOG_BUCKET,
        ),
        ("location",),
    ),
    t.BUCKET: ("location", "customPlacementConfig.dataLocations[]"),
    t.SECRET: ("replication.userManaged.replicas[].location",),
    t.TOPIC: ("messageStoragePolicy.allowedPersistenceRegions[]",),
    t.IMAGE: ("storageLocations[]",),
    t.SNAPSHOT: ("storageLocations[]",),
    t.SQL_INSTANCE: ("region", "settings.backupConfiguration.location"),
    t.SPANNER_INSTANCE: ("config",),
    t.FIRESTORE_DATABASE: ("locationId",),
    t.REDIS_INSTANCE: ("region",),
    t.FILESTORE_INSTANCE: ("location",),
    t.GKE_CLUSTER: ("location",),
}
"""Type token, to the properties that name places."""

ANYWHERE: Final[Mapping[str, str]] = {
    t.SECRET: "it is replicated to regions of Google's choice",
    t.TOPIC: "its messages are stored in whichever region they come from",
}
"""Types that lie anywhere when their property of `PLACES` is left out, and what is then so."""

_SEVERAL: Final[Mapping[str, frozenset[str]]] = {
    "us": frozenset({"US"}),
    "eu": frozenset({"EU"}),
    "nam4": frozenset({"US"}),
    "eur4": frozenset({"EU"}),
    "eur5": frozenset({"EU", "GB"}),
    "eur7": frozenset({"EU", "GB"}),
    "eur8": frozenset({"EU", "CH"}),
    "asia1": frozenset({"JP"}),
    "nam5": frozenset({"US"}),
    "eur3": frozenset({"EU"}),
    # Cloud KMS and Artifact Registry call so what Cloud Storage calls EU: London and Zurich are no part of it.
    "europe": frozenset({"EU"}),
    **dict.fromkeys(("nam3", "nam6", "nam7", "nam8", "nam9", "nam10", "nam11", "nam12"), frozenset({"US"})),
    "ca": frozenset({"CA"}),
}
"""Places of several regions, to the jurisdictions in which those are."""

_PARTS_OF_THE_WORLD: Final[Mapping[str, str]] = {"Oceania": "australia"}
"""Part of the world, to its name in value groups, where that is another."""

_REGIONAL_CONFIG: Final = "regional-"


def place_name(text: str) -> str:
    """Give the name of a place, in small letters, from however a property writes it: a URL, a Spanner configuration."""
    return last_part(text).lower().removeprefix(_REGIONAL_CONFIG)


def in_group(group: str) -> frozenset[str]:
    """Give all names that a value group of organisation policies allows, in small letters.

    Args:
        group: Its name without `in:` and `-locations`: a part of the world (`europe`), a country, a region.
    """
    of_world = {
        region.jurisdiction.lower()
        for region in REGIONS.values()
        if _PARTS_OF_THE_WORLD.get(region.continent, region.continent.replace(" ", "")).lower() == group
    }
    return frozenset({group, *of_world})


def jurisdictions_of(place: str) -> frozenset[str] | None:
    """Give the jurisdictions of a place; none for `global`, which may be anywhere; None if they are not known.

    Args:
        place: A zone, a region or a place of several regions, as `place_name` gives it.
    """
    if place == GLOBAL:
        return frozenset()
    region = REGIONS.get(region_of_zone(place) or place)
    return frozenset({region.jurisdiction}) if region is not None else _SEVERAL.get(place)


def names_of(place: str) -> frozenset[str]:
    """Give all names by which a list can allow a place, in small letters: its own, its region's, its country's."""
    name = region_of_zone(place) or place
    region = REGIONS.get(name)
    return frozenset({place, name, *((region.country.lower(),) if region is not None else ())})
