"""The stand-in gcp provider: its plan knows and does not know what the real one's does."""

from __future__ import annotations

from typing import Any

import pytest

from tests.e2e import gcp_functions, gcp_plan
from tests.e2e.gcp_plan import UNKNOWN

CONFIG = {"project": "p", "region": "europe-west1"}
REGION_BACKEND_SERVICE = "gcp:compute/regionBackendService:RegionBackendService"
HTTPS_PROXY = "gcp:compute/targetHttpsProxy:TargetHttpsProxy"
INSTANCE_TEMPLATE = "gcp:compute/instanceTemplate:InstanceTemplate"
SERVICE_ACCOUNT = "gcp:serviceaccount/account:Account"


def planned(token: str, **inputs: Any) -> dict[str, Any]:
    return gcp_plan.plan(token, inputs, CONFIG, None)


@pytest.mark.parametrize("key", ["selfLink", "generatedId", "fingerprint", "creationTimestamp"])
def test_what_only_google_writes_is_unknown_in_a_first_plan(key: str) -> None:
    assert planned(REGION_BACKEND_SERVICE, name="b")[key] == UNKNOWN


def test_a_left_out_property_that_google_decides_is_unknown_in_a_first_plan() -> None:
    assert planned(REGION_BACKEND_SERVICE, name="b")["protocol"] == UNKNOWN


def test_a_left_out_list_of_blocks_is_empty_in_a_plan() -> None:
    assert planned(REGION_BACKEND_SERVICE, name="b")["backends"] == []


def test_a_left_out_string_of_a_set_block_is_empty_in_a_plan() -> None:
    backends = planned(REGION_BACKEND_SERVICE, name="b", backends=[{"group": UNKNOWN}])["backends"]
    assert backends[0]["description"] == ""


def test_a_list_of_blocks_keeps_two_unknown_elements_apart() -> None:
    backends = [{"group": UNKNOWN}, {"group": UNKNOWN}]
    assert len(planned(REGION_BACKEND_SERVICE, name="b", backends=backends)["backends"]) == 2


def test_a_list_of_scalars_with_one_unknown_element_is_unknown_as_a_whole() -> None:
    proxy = planned(HTTPS_PROXY, name="p", urlMap="u", sslCertificates=["known", UNKNOWN])
    assert proxy["sslCertificates"] == UNKNOWN


def test_the_project_comes_from_the_provider() -> None:
    assert planned(REGION_BACKEND_SERVICE, name="b")["project"] == "p"


def test_the_region_of_an_instance_template_stays_unknown_when_left_to_the_provider() -> None:
    assert planned(INSTANCE_TEMPLATE, name="t")["region"] == UNKNOWN


def test_the_email_of_a_service_account_is_known_in_a_first_plan() -> None:
    assert planned(SERVICE_ACCOUNT, accountId="web")["email"] == "web@p.iam.gserviceaccount.com"


def test_what_google_decided_once_stays_known_in_the_plan_of_an_update() -> None:
    old = {"selfLink": "https://example/b"}
    plan = gcp_plan.plan(REGION_BACKEND_SERVICE, {"name": "b"}, CONFIG, old)
    assert plan["selfLink"] == "https://example/b"


def test_nothing_is_unknown_after_a_resource_was_created() -> None:
    inputs = planned(REGION_BACKEND_SERVICE, name="b", region="r")
    _, state = gcp_plan.apply(REGION_BACKEND_SERVICE, "b", inputs)
    assert UNKNOWN not in state.values()


@pytest.mark.parametrize(
    ("token", "inputs", "expected"),
    [
        (REGION_BACKEND_SERVICE, {"region": "r"}, "projects/p/regions/r/backendServices/n"),
        ("gcp:compute/uRLMap:URLMap", {}, "projects/p/global/urlMaps/n"),
        ("gcp:compute/sSLPolicy:SSLPolicy", {}, "projects/p/global/sslPolicies/n"),
        ("gcp:compute/globalAddress:GlobalAddress", {}, "projects/p/global/addresses/n"),
        ("gcp:kms/cryptoKey:CryptoKey", {"keyRing": "projects/p/x"}, "projects/p/x/cryptoKeys/n"),
    ],
)
def test_an_id_has_the_form_of_googles_api(token: str, inputs: dict[str, Any], expected: str) -> None:
    resource_id, _ = gcp_plan.apply(token, "n", planned(token, name="n", **inputs))
    assert resource_id == expected


def test_a_change_of_a_propertys_value_that_google_cannot_change_replaces_the_resource() -> None:
    old = {"name": "b", "loadBalancingScheme": "INTERNAL"}
    new = {"name": "b", "loadBalancingScheme": "INTERNAL_MANAGED"}
    assert gcp_plan.changed(REGION_BACKEND_SERVICE, old, new) == (
        ["loadBalancingScheme"],
        ["loadBalancingScheme"],
    )


def test_the_bridges_own_marks_are_no_change() -> None:
    assert gcp_plan.changed(REGION_BACKEND_SERVICE, {"name": "b", "__defaults": []}, {"name": "b"}) == ([], [])


def test_a_function_without_an_answer_has_none() -> None:
    assert gcp_functions.call("gcp:compute/getImage:getImage", {}, CONFIG) is None
