"""Where things are: regions of Google Cloud, their jurisdictions, and the region or zone of a resource."""

from __future__ import annotations

import functools
import re
from typing import TYPE_CHECKING, Final

from policypack.gcp.schemes import SCHEMES, Scope
from policypack.model.records import dataclass
from policypack.model.values import UNKNOWN, Unknown, reveal

if TYPE_CHECKING:
    from collections.abc import Mapping

    from policypack.model.resource import Resource

GLOBAL: Final = "global"

_ZONE = re.compile(r"^([a-z]+-[a-z]+\d+)-[a-z]$")
_REGION = re.compile(r"^[a-z]+-[a-z]+\d+$")


@dataclass(frozen=True)
class Region:
    """A region of Google Cloud.

    Attributes:
        name: Its name: `europe-west1`.
        country: ISO 3166 code of the country whose law applies to what lies there.
        continent: The part of the world, as Google names it.
    """

    name: str
    country: str
    continent: str

    @property
    def jurisdiction(self) -> str:
        """`EU` for the member states of the European Union, else the country's code."""
        return "EU" if self.country in EU_COUNTRIES else self.country


EU_COUNTRIES: Final = frozenset({"BE", "DE", "ES", "FI", "FR", "IT", "NL", "PL", "SE"})
"""Member states of the European Union that have a region."""

_COUNTRIES: Final[Mapping[str, Mapping[str, str]]] = {
    "North America": {
        "US": "us-central1 us-east1 us-east4 us-east5 us-south1 us-west1 us-west2 us-west3 us-west4",
        "CA": "northamerica-northeast1 northamerica-northeast2",
        "MX": "northamerica-south1",
    },
    "South America": {"BR": "southamerica-east1", "CL": "southamerica-west1"},
    "Europe": {
        "BE": "europe-west1",
        "CH": "europe-west6",
        "DE": "europe-west3 europe-west10",
        "ES": "europe-southwest1",
        "FI": "europe-north1",
        "FR": "europe-west9",
        "GB": "europe-west2",
        "IT": "europe-west8 europe-west12",
        "NL": "europe-west4",
        "PL": "europe-central2",
        "SE": "europe-north2",
    },
    "Asia": {
        "HK": "asia-east2",
        "ID": "asia-southeast2",
        "IN": "asia-south1 asia-south2",
        "JP": "asia-northeast1 asia-northeast2",
        "KR": "asia-northeast3",
        "SG": "asia-southeast1",
        "TH": "asia-southeast3",
        "TW": "asia-east1",
    },
    "Oceania": {"AU": "australia-southeast1 australia-southeast2"},
    "Middle East": {"IL": "me-west1", "QA": "me-central1", "SA": "me-central2"},
    "Africa": {"ZA": "africa-south1"},
}

REGIONS: Final[Mapping[str, Region]] = {
    name: Region(name, country, continent)
    for continent, countries in _COUNTRIES.items()
    for country, names in countries.items()
    for name in names.split()
}
"""Every region that customers can use, by name. Google adds some each year: absence proves nothing."""


def is_region(text: str) -> bool:
    """Tell whether a text has the form of a region's name; it need not be in the table."""
    return text in REGIONS or _REGION.match(text) is not None


def region_of_zone(zone: str) -> str | None:
    """Give the region of a zone: `europe-west1` for `europe-west1-b`; None if the text is no zone."""
    match = _ZONE.match(last_part(zone))
    return match[1] if match else None


@functools.cache
def is_global(type_token: str) -> bool:
    """Tell whether resources of a type belong to no region."""
    scheme = SCHEMES.get(type_token)
    return scheme is not None and scheme.scope in {Scope.GLOBAL, Scope.PROJECT, Scope.ORGANIZATION}


def region_of(resource: Resource) -> str | None | Unknown:
    """Give the region a resource lies in: its own, its zone's, or the provider's.

    Returns:
        The region; None for what is global; `UNKNOWN` where it is known only later, or where the program leaves it
        to an environment that is not seen here.
    """
    if is_global(resource.type):
        return None
    if resource.blank:
        return UNKNOWN
    scheme = SCHEMES.get(resource.type)
    if scheme is not None and scheme.scope is Scope.LOCATION:
        return _location_region(resource)
    zonal = scheme is not None and scheme.scope is Scope.ZONE
    for values in (resource.properties, resource.provider.inputs):
        for name in ("zone", "region") if zonal else ("region", "zone"):
            value = reveal(values.get(name))
            if isinstance(value, Unknown):
                return UNKNOWN
            if isinstance(value, str) and value:
                found = region_of_zone(value) if name == "zone" else last_part(value)
                return found if found is not None else UNKNOWN
    return UNKNOWN


def zone_of(resource: Resource) -> str | Unknown:
    """Give the zone of a zonal resource: its own, or the provider's; `UNKNOWN` where it cannot be known."""
    for value in (UNKNOWN if resource.blank else resource.peek("zone"), reveal(resource.provider.inputs.get("zone"))):
        if isinstance(value, Unknown):
            return UNKNOWN
        if isinstance(value, str) and value:
            return last_part(value)
    return UNKNOWN


def location_of(resource: Resource) -> str | None:
    """Give what stands for the location in a resource's address: `global`, a region or a zone; None if unknown."""
    scheme = SCHEMES.get(resource.type)
    if scheme is None or scheme.scope is Scope.PROJECT:
        return None
    if scheme.scope in {Scope.GLOBAL, Scope.ORGANIZATION}:
        return GLOBAL
    if scheme.scope is Scope.ZONE:
        place: str | None | Unknown = zone_of(resource)
    elif scheme.scope is Scope.LOCATION:
        value = UNKNOWN if resource.blank else resource.peek("location")
        place = GLOBAL if value is None else last_part(value) if isinstance(value, str) else UNKNOWN
    else:
        place = region_of(resource)
    return place if isinstance(place, str) else None


def _location_region(resource: Resource) -> str | None | Unknown:
    value = resource.peek("location")
    if isinstance(value, Unknown):
        return UNKNOWN
    if not isinstance(value, str) or not is_region(last_part(value)):
        return None
    return last_part(value)


def last_part(text: str) -> str:
    """Give what stands behind the last slash: locations are also written as URLs."""
    return text.rstrip("/").rsplit("/", 1)[-1]
