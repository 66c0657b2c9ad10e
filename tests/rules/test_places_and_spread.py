"""Rules on where things lie: their parameters, and what a page has no room for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from policypack.engine.verdict import Status
from policypack.gcp import types as t
from policypack.gcp.keys import KEY_PLACES
from policypack.gcp.places import jurisdictions_of, names_of, place_name
from policypack.model.values import UNKNOWN
from policypack.rules.registry import rules_by_name
from policypack.topology.key_grants import AGENTS
from tests.rules.judging import judge
from tests.support.graphs import preview, ref, res, stack

if TYPE_CHECKING:
    from policypack.topology import Deployment
    from tests.support.graphs import Draft


def status(deployment: Deployment, rule: str, **parameters: object) -> Status:
    return judge(deployment, {rule: parameters}).status(rules_by_name()[rule])


def serving(*regions: str, **more: Any) -> tuple[Draft, ...]:
    """Make a global load balancer over groups of these regions."""
    groups = [{"group": f"projects/test-project/regions/{region}/instanceGroups/api"} for region in regions]
    return (
        res(t.BACKEND_SERVICE, "api", {"protocol": "HTTPS", "backends": groups, **more}),
        res(t.URL_MAP, "map", {"defaultService": ref("api")}),
        res(t.TARGET_HTTPS_PROXY, "proxy", {"urlMap": ref("map")}),
        res(t.GLOBAL_FORWARDING_RULE, "rule", {"target": ref("proxy"), "portRange": "443"}),
    )


@pytest.mark.parametrize(
    ("place", "jurisdictions"),
    [
        ("europe-west1", {"EU"}),
        ("europe-west2-b", {"GB"}),
        ("eur8", {"EU", "CH"}),
        ("us", {"US"}),
        ("europe", {"EU"}),
        ("nam9", {"US"}),
        ("global", set()),
        ("asia", None),
        ("mars-north1", None),
    ],
)
def test_jurisdictions_of_a_place(place: str, jurisdictions: set[str] | None) -> None:
    assert jurisdictions_of(place) == jurisdictions


def test_a_place_has_the_names_of_its_region_and_country() -> None:
    assert names_of("europe-west3-a") == {"europe-west3-a", "europe-west3", "de"}


@pytest.mark.parametrize(
    "text", ["EUROPE-WEST1", "regional-europe-west1", "projects/p/instanceConfigs/regional-europe-west1"]
)
def test_a_place_has_one_name_however_it_is_written(text: str) -> None:
    assert place_name(text) == "europe-west1"


class TestJurisdiction:
    RULE = "regions-within-jurisdiction"

    @pytest.mark.parametrize("allowed", [["US"], ["in:us-locations"], ["us-east1"], ["EU", "us"]])
    def test_a_list_allows_by_jurisdiction_group_or_name(self, allowed: list[str]) -> None:
        bucket = stack(res(t.BUCKET, "models", {"location": "US-EAST1"}))
        assert status(bucket, self.RULE, allowed=allowed) is Status.PASS

    @pytest.mark.parametrize("allowed", [["EU"], ["us-east4"], ["DE", "FR"]])
    def test_what_is_not_on_the_list_is_found(self, allowed: list[str]) -> None:
        bucket = stack(res(t.BUCKET, "models", {"location": "US-EAST1"}))
        assert status(bucket, self.RULE, allowed=allowed) is Status.FAIL

    def test_the_group_of_a_part_of_the_world_allows_every_region_there(self) -> None:
        for place in ("europe-west2", "europe-west6", "europe-west1", "EU"):
            bucket = stack(res(t.BUCKET, "models", {"location": place}))
            assert status(bucket, self.RULE, allowed=["in:europe-locations"]) is Status.PASS

    def test_a_multi_region_on_the_list_allows_nothing_beyond_it(self) -> None:
        bucket = stack(res(t.BUCKET, "models", {"location": "europe-west2"}))
        assert status(bucket, self.RULE, allowed=["europe"]) is Status.FAIL

    def test_a_list_names_a_multi_region_of_which_nothing_is_known(self) -> None:
        images = stack(res(t.REPOSITORY, "images", {"location": "asia", "format": "DOCKER"}))
        assert status(images, self.RULE, allowed=["JP"]) is Status.UNDECIDED
        assert status(images, self.RULE, allowed=["JP", "asia"]) is Status.PASS

    def test_a_fault_is_sure_while_another_place_is_unknown(self) -> None:
        topic = {"messageStoragePolicy": {"allowedPersistenceRegions": [UNKNOWN, "us-east1"]}}
        assert status(stack(res(t.TOPIC, "jobs", topic)), self.RULE, allowed=["EU"]) is Status.FAIL


class TestSpread:
    RULE = "regions-failure-domain-spread"

    def test_countries_are_a_parameter(self) -> None:
        two = stack(*serving("europe-west1", "europe-west4"))
        assert status(two, self.RULE) is Status.PASS
        assert status(two, self.RULE, countries=3) is Status.FAIL

    def test_continents_are_a_parameter(self) -> None:
        two = stack(*serving("europe-west1", "europe-west4"))
        assert status(two, self.RULE, continents=2) is Status.FAIL
        assert status(stack(*serving("europe-west1", "asia-east1")), self.RULE, continents=2) is Status.PASS


def test_how_long_a_cookie_may_bind_is_a_parameter() -> None:
    rule = "session-affinity-allows-failover"
    bound = {"sessionAffinity": "GENERATED_COOKIE", "affinityCookieTtlSec": 600}
    service = stack(*serving("europe-west1", "asia-east1", **bound))
    assert status(service, rule) is Status.PASS
    assert status(service, rule, seconds=300) is Status.FAIL


class TestGroups:
    def groups(self, **machines: str) -> Deployment:
        return preview(
            *(
                res(
                    t.REGION_INSTANCE_TEMPLATE,
                    f"template-{region}",
                    {"region": region, "machineType": machine, "disks": [{"sourceImage": "image"}]},
                )
                for region, machine in machines.items()
            ),
            *(
                res(
                    t.REGION_INSTANCE_GROUP_MANAGER,
                    region,
                    {
                        "region": region,
                        "targetSize": 2,
                        "versions": [{"instanceTemplate": ref(f"template-{region}")}],
                    },
                )
                for region in machines
            ),
            res(
                t.BACKEND_SERVICE,
                "api",
                {"protocol": "HTTPS", "backends": [{"group": ref(region)} for region in machines]},
            ),
        )

    def test_machine_types_are_compared_for_who_asks(self) -> None:
        mixed = self.groups(**{"europe-west1": "e2-standard-4", "asia-east1": "n2-standard-4"})
        assert status(mixed, "instance-template-parity") is Status.PASS
        assert status(mixed, "instance-template-parity", machine_types=True) is Status.FAIL

    def test_the_smallest_size_of_a_region_is_a_parameter(self) -> None:
        small = self.groups(**{"europe-west1": "e2-standard-4", "asia-east1": "e2-standard-4"})
        assert status(small, "mig-minimum-size-per-region") is Status.PASS
        assert status(small, "mig-minimum-size-per-region", minimum=3) is Status.FAIL


def test_an_entry_for_all_other_names_is_asked_for_by_a_parameter() -> None:
    rule = "tls-certificate-map-has-entry"
    served = stack(
        res(t.CERTIFICATE_MAP, "map", {"name": "map"}),
        res(t.CERTIFICATE_MAP_ENTRY, "entry", {"name": "entry", "map": "map", "hostname": "shop.example.com"}),
        res(
            t.TARGET_HTTPS_PROXY,
            "proxy",
            {
                "certificateMap": "//certificatemanager.googleapis.com/"
                "projects/test-project/locations/global/certificateMaps/map"
            },
        ),
    )
    assert status(served, rule) is Status.PASS
    assert status(served, rule, require_primary=True) is Status.FAIL


def test_the_service_agent_of_everything_that_names_a_key_is_known() -> None:
    assert set(KEY_PLACES) - set(AGENTS) == set()
