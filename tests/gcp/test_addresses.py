from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from policypack.gcp import types as t
from policypack.gcp.addresses import email_of, is_bare_name, read_url
from policypack.gcp.catalogue import CATALOGUE
from policypack.gcp.schemes import SCHEMES, Scope, resource_path
from policypack.model.graph import Address
from tests.support.graphs import Draft, get, identity_of, preview, ref, res, stack

names = st.from_regex(r"[a-z]([-a-z0-9]{0,20}[a-z0-9])?", fullmatch=True)
regions = st.sampled_from(["europe-west1", "asia-northeast1", "us-east4"])
PREFIXES = (
    "",
    "https://www.googleapis.com/compute/v1/",
    "https://compute.googleapis.com/compute/v1/",
    "https://www.googleapis.com/compute/beta/",
    "https://compute.googleapis.com/v1/",
    "//compute.googleapis.com/",
    "compute/v1/",
)


@example(token=t.CERTIFICATE, name="a", project="v0", region="europe-west1", prefix="//compute.googleapis.com/")
@given(
    token=st.sampled_from(sorted(SCHEMES)),
    name=names,
    project=names,
    region=regions,
    prefix=st.sampled_from(PREFIXES),
)
def test_every_way_to_write_a_url_gives_the_same_address(
    token: str, name: str, project: str, region: str, prefix: str
) -> None:
    scheme = SCHEMES[token]
    if scheme.scope is Scope.ORGANIZATION and prefix == "compute/v1/":
        prefix = ""
    location = f"{region}-b" if scheme.scope is Scope.ZONE else region
    address = read_url(prefix + resource_path(scheme, name, location, project))
    expected = {Scope.GLOBAL: "global", Scope.ORGANIZATION: "global", Scope.PROJECT: None}.get(scheme.scope, location)
    owner = None if scheme.scope is Scope.ORGANIZATION else project
    assert address == Address(scheme.collection, name, expected, owner)


@given(st.text(max_size=40))
def test_no_text_makes_reading_a_url_fail(text: str) -> None:
    address = read_url(text)
    assert address is None or "/" in text


@given(names)
def test_a_bare_name_is_no_url(name: str) -> None:
    assert is_bare_name(name)
    assert read_url(name) is None


@pytest.mark.parametrize(
    "text",
    [
        "",
        "/",
        "not a reference",
        "projects/p",
        "projects/p/global",
        "global/urlMaps",
        "global/urlMaps/",
        "global/urlMaps/${name}",
        "https://example.com/",
        "https://example.com/index.html",
    ],
)
def test_a_text_that_names_no_resource_is_no_url(text: str) -> None:
    assert read_url(text) is None


def test_a_partial_url_leaves_the_project_open() -> None:
    assert read_url("regions/europe-west1/backendServices/api") == Address("backendServices", "api", "europe-west1")


def test_a_project_number_fits_any_project_id() -> None:
    numbered = read_url("projects/1234567890/global/networks/net")
    assert numbered is not None
    assert numbered.fits(Address("networks", "net", "global", "test-project"))


def test_a_key_is_named_with_its_ring_and_without_its_version() -> None:
    text = "projects/p/locations/europe-west1/keyRings/ring/cryptoKeys/key"
    assert (
        read_url(f"{text}/cryptoKeyVersions/3")
        == read_url(text)
        == Address("cryptoKeys", "ring/key", "europe-west1", "p")
    )


def test_a_thing_below_another_is_known_by_its_own_collection() -> None:
    text = "//certificatemanager.googleapis.com/projects/p/locations/global/certificateMaps/m/certificateMapEntries/e"
    assert read_url(text) == Address("certificateMapEntries", "e", "global", "p")


@pytest.mark.parametrize(
    "text",
    [
        "web@test-project.iam.gserviceaccount.com",
        "serviceAccount:web@test-project.iam.gserviceaccount.com",
        "projects/-/serviceAccounts/web@test-project.iam.gserviceaccount.com",
        "projects/test-project/serviceAccounts/Web@test-project.iam.gserviceaccount.com",
    ],
)
def test_a_service_account_is_known_by_its_email_address(text: str) -> None:
    assert email_of(text) == "web@test-project.iam.gserviceaccount.com"


ADDRESSED = [
    res(t.BACKEND_SERVICE, "thing"),
    res(t.REGION_BACKEND_SERVICE, "thing", {"region": "europe-west1"}),
    res(t.REGION_BACKEND_SERVICE, "thing", region="europe-west1"),
    res(t.REGION_BACKEND_SERVICE, "thing", zone="europe-west1-b"),
    res(t.INSTANCE_GROUP_MANAGER, "thing", {"zone": "europe-west1-b"}),
    res(t.REGION_INSTANCE_GROUP_MANAGER, "thing", {"region": "europe-west1"}),
    res(t.NETWORK_ENDPOINT_GROUP, "thing", {"zone": "europe-west1-b"}),
    res(t.SERVICE_ATTACHMENT, "thing", {"region": "europe-west1"}),
    res(t.CERTIFICATE, "thing", {"location": "europe-west1"}),
    res(t.CERTIFICATE, "thing"),
    res(t.CERTIFICATE_MAP, "thing"),
    res(t.SUBNETWORK, "thing", {"region": "europe-west1", "project": "shared"}),
]


@pytest.mark.parametrize("draft", ADDRESSED, ids=lambda draft: f"{draft.type.rsplit(':')[-1]}")
def test_a_resource_without_a_known_id_has_the_address_that_its_id_will_give(draft: Draft) -> None:
    before, after = get(preview(draft), "thing"), get(stack(draft), "thing")
    known = read_url(str(after.id))
    assert known is not None
    assert known in set(CATALOGUE.addresses(before))
    assert set(CATALOGUE.addresses(before)) == set(CATALOGUE.addresses(after))


def test_a_group_manager_is_also_known_as_the_group_it_manages() -> None:
    manager = get(stack(res(t.INSTANCE_GROUP_MANAGER, "g", {"name": "g", "zone": "europe-west1-b"})), "g")
    assert {address.collection for address in CATALOGUE.addresses(manager)} == {
        "instanceGroups",
        "instanceGroupManagers",
    }


def test_a_function_of_the_second_generation_is_also_known_as_the_service_that_runs_it() -> None:
    function = get(stack(res(t.FUNCTION, "f", {"name": "f", "location": "europe-west1"})), "f")
    assert {address.collection for address in CATALOGUE.addresses(function)} == {"functions", "services"}


def test_a_resource_that_is_known_by_its_self_link_alone_has_an_address() -> None:
    link = "https://www.googleapis.com/compute/v1/projects/p/global/networks/net"
    network = get(stack(res(t.NETWORK, "net", {}, defaults=False, outputs={"selfLink": link}, id=None)), "net")
    assert Address("networks", "net", "global", "p") in set(CATALOGUE.addresses(network))


def test_a_key_is_known_through_the_id_of_its_ring() -> None:
    key = get(
        stack(
            res(t.KEY_RING, "ring", {"location": "europe-west1"}),
            res(t.CRYPTO_KEY, "key", {"keyRing": "projects/p/locations/europe-west1/keyRings/r", "name": "k"}, id=None),
        ),
        "key",
    )
    assert set(CATALOGUE.addresses(key)) == {Address("cryptoKeys", "r/k", "europe-west1", "p")}


def test_a_service_account_in_a_project_of_a_domain_has_its_turned_address() -> None:
    account = get(stack(res(t.SERVICE_ACCOUNT, "a", {"accountId": "web"}, project="example.com:shop", id=None)), "a")
    assert [address.name for address in CATALOGUE.addresses(account)] == [
        "web@shop.example.com.iam.gserviceaccount.com"
    ]


def test_an_ip_address_is_matched_with_the_address_that_has_it() -> None:
    deployment = stack(
        res(t.GLOBAL_ADDRESS, "ip", {}, outputs={"address": "203.0.113.7"}),
        res(t.GLOBAL_FORWARDING_RULE, "front", {"ipAddress": "203.0.113.7"}),
    )
    front = get(deployment, "front")
    assert deployment.graph.references(front, "ipAddress").known == (get(deployment, "ip"),)


def test_what_the_builder_writes_is_what_the_catalogue_reads() -> None:
    drafts = (res(t.HEALTH_CHECK, "probe"), res(t.BACKEND_SERVICE, "api", {"healthChecks": ref("probe")}))
    assert identity_of(drafts[0]) == "projects/test-project/global/healthChecks/probe"
    deployment = stack(*drafts)
    assert deployment.graph.references(get(deployment, "api"), "healthChecks").known == (get(deployment, "probe"),)
