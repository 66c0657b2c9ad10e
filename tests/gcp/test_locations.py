from __future__ import annotations

import pytest

from policypack.gcp import types as t
from policypack.gcp.locations import REGIONS, is_global, is_region, region_of, region_of_zone, zone_of
from policypack.model.values import UNKNOWN
from tests.support.graphs import blank, get, res, stack


def test_every_region_has_a_country_and_a_continent() -> None:
    assert len(REGIONS) == 43
    assert all(is_region(name) and len(region.country) == 2 and region.continent for name, region in REGIONS.items())


@pytest.mark.parametrize(
    ("region", "jurisdiction"),
    [
        ("europe-west1", "EU"),
        ("europe-west2", "GB"),
        ("europe-west6", "CH"),
        ("asia-northeast1", "JP"),
        ("us-east1", "US"),
    ],
)
def test_a_region_is_under_the_law_of_its_country(region: str, jurisdiction: str) -> None:
    assert REGIONS[region].jurisdiction == jurisdiction


@pytest.mark.parametrize(
    ("zone", "region"),
    [
        ("europe-west1-b", "europe-west1"),
        ("https://www.googleapis.com/compute/v1/projects/p/zones/us-east4-c", "us-east4"),
        ("europe-west1", None),
        ("", None),
    ],
)
def test_a_zone_lies_in_its_region(zone: str, region: str | None) -> None:
    assert region_of_zone(zone) == region


@pytest.mark.parametrize(
    ("token", "props", "provider", "expected"),
    [
        (t.REGION_BACKEND_SERVICE, {"region": "europe-west1"}, {"region": "us-east1"}, "europe-west1"),
        (t.REGION_BACKEND_SERVICE, {}, {"region": "us-east1"}, "us-east1"),
        (t.REGION_BACKEND_SERVICE, {}, {"zone": "us-east1-b"}, "us-east1"),
        (t.REGION_BACKEND_SERVICE, {"region": UNKNOWN}, {"region": "us-east1"}, UNKNOWN),
        (t.REGION_BACKEND_SERVICE, {}, {}, UNKNOWN),
        (t.INSTANCE_GROUP_MANAGER, {"zone": "europe-west1-b"}, {"region": "us-east1"}, "europe-west1"),
        (t.INSTANCE_GROUP_MANAGER, {}, {"zone": "us-east1-b"}, "us-east1"),
        (t.BACKEND_SERVICE, {"region": "europe-west1"}, {"region": "us-east1"}, None),
        (t.CERTIFICATE, {}, {"region": "us-east1"}, None),
        (t.CERTIFICATE, {"location": "europe-west1"}, {}, "europe-west1"),
    ],
)
def test_a_resource_lies_where_it_or_its_provider_says(
    token: str, props: dict[str, object], provider: dict[str, str], expected: object
) -> None:
    draft = res(token, "thing", props, region=provider.get("region"), zone=provider.get("zone"))
    assert region_of(get(stack(draft), "thing")) == expected


def test_the_region_of_a_resource_without_properties_is_unknown() -> None:
    deployment = stack(blank(t.REGION_BACKEND_SERVICE, "thing"), blank(t.INSTANCE_GROUP_MANAGER, "group"))
    assert region_of(get(deployment, "thing")) is UNKNOWN
    assert zone_of(get(deployment, "group")) is UNKNOWN


def test_global_types_are_told_from_regional_ones() -> None:
    assert is_global(t.URL_MAP)
    assert not is_global(t.REGION_URL_MAP)
    assert not is_global(t.INSTANCE_GROUP_MANAGER)
