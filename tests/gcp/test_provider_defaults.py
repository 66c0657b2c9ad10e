from __future__ import annotations

import json
import runpy
import sys
from pathlib import Path

import pytest

from policypack.gcp.provider_defaults import TABLE, fill, known_version, planned_outputs
from policypack.model.values import UNKNOWN, Secret, Value

BACKEND_SERVICE = "gcp:compute/backendService:BackendService"
REGION_BACKEND_SERVICE = "gcp:compute/regionBackendService:RegionBackendService"
GLOBAL_FORWARDING_RULE = "gcp:compute/globalForwardingRule:GlobalForwardingRule"
FORWARDING_RULE = "gcp:compute/forwardingRule:ForwardingRule"
SSL_POLICY = "gcp:compute/sSLPolicy:SSLPolicy"
NETWORK = "gcp:compute/network:Network"
CLUSTER = "gcp:container/cluster:Cluster"
ACCOUNT = "gcp:serviceaccount/account:Account"


@pytest.mark.parametrize(
    ("token", "path", "value"),
    [
        (SSL_POLICY, "minTlsVersion", "TLS_1_0"),
        (SSL_POLICY, "profile", "COMPATIBLE"),
        (REGION_BACKEND_SERVICE, "loadBalancingScheme", "INTERNAL"),
        (FORWARDING_RULE, "loadBalancingScheme", "EXTERNAL"),
        (BACKEND_SERVICE, "loadBalancingScheme", "EXTERNAL_MANAGED"),
        (GLOBAL_FORWARDING_RULE, "loadBalancingScheme", "EXTERNAL_MANAGED"),
        (BACKEND_SERVICE, "connectionDrainingTimeoutSec", 300),
        (NETWORK, "autoCreateSubnetworks", True),
        (NETWORK, "networkFirewallPolicyEnforcementOrder", "AFTER_CLASSIC_FIREWALL"),
        ("gcp:compute/healthCheck:HealthCheck", "checkIntervalSec", 5),
        ("gcp:compute/regionNetworkEndpointGroup:RegionNetworkEndpointGroup", "networkEndpointType", "SERVERLESS"),
    ],
)
def test_a_static_default_is_filled(token: str, path: str, value: object) -> None:
    assert fill(token, {}, "web", "10.2.0")[path] == value


def test_what_the_program_gave_stays() -> None:
    assert fill(SSL_POLICY, {"minTlsVersion": "TLS_1_2"}, "web", "10.2.0")["minTlsVersion"] == "TLS_1_2"


def test_an_unknown_value_is_not_overwritten() -> None:
    assert fill(SSL_POLICY, {"minTlsVersion": UNKNOWN}, "web", "10.2.0")["minTlsVersion"] is UNKNOWN


def test_the_given_inputs_are_left_as_they_are() -> None:
    given: dict[str, Value] = {"backends": [{"group": "g"}]}
    fill(BACKEND_SERVICE, given, "web", "10.2.0")
    assert given == {"backends": [{"group": "g"}]}


@pytest.mark.parametrize("version", ["9.35.0", "8.1.0", "v9.0.0", "7"])
@pytest.mark.parametrize("token", [BACKEND_SERVICE, GLOBAL_FORWARDING_RULE])
def test_version_9_and_older_default_global_schemes_to_external(token: str, version: str) -> None:
    assert fill(token, {}, "web", version)["loadBalancingScheme"] == "EXTERNAL"


def test_regional_schemes_are_the_same_in_version_9() -> None:
    assert fill(REGION_BACKEND_SERVICE, {}, "web", "9.35.0")["loadBalancingScheme"] == "INTERNAL"


@pytest.mark.parametrize("version", [None, "", "11.0.0", "latest"])
def test_an_unlisted_version_is_filled_as_version_10(version: str | None) -> None:
    assert not known_version(version)
    assert fill(BACKEND_SERVICE, {}, "web", version)["loadBalancingScheme"] == "EXTERNAL_MANAGED"


@pytest.mark.parametrize("version", ["10.2.0", "10.0.0-alpha.1", "9.35.0", "6.67.1"])
def test_listed_versions_are_known(version: str) -> None:
    assert known_version(version)


def test_a_default_in_a_list_is_filled_in_each_element() -> None:
    backends: list[Value] = [{"group": UNKNOWN}, {"group": "b", "balancingMode": "RATE", "capacityScaler": 0}]
    assert fill(BACKEND_SERVICE, {"backends": backends}, "web", "10.2.0")["backends"] == [
        {"group": UNKNOWN, "balancingMode": "UTILIZATION", "capacityScaler": 1},
        {"group": "b", "balancingMode": "RATE", "capacityScaler": 0},
    ]


def test_the_capacity_of_a_regional_backend_has_no_default() -> None:
    filled = fill(REGION_BACKEND_SERVICE, {"backends": [{"group": "a"}]}, "web", "10.2.0")
    assert filled["backends"] == [{"group": "a", "balancingMode": "UTILIZATION"}]


def test_a_default_in_a_block_that_was_not_given_is_not_filled() -> None:
    assert "logConfig" not in fill(BACKEND_SERVICE, {}, "web", "10.2.0")


def test_a_default_in_a_given_block_is_filled() -> None:
    filled = fill(BACKEND_SERVICE, {"logConfig": {"enable": True}}, "web", "10.2.0")
    assert filled["logConfig"] == {"enable": True, "sampleRate": 1}


@pytest.mark.parametrize("block", [UNKNOWN, [UNKNOWN], "text"])
def test_a_block_that_cannot_be_looked_into_stays(block: Value) -> None:
    assert fill(BACKEND_SERVICE, {"backends": block}, "web", "10.2.0")["backends"] == block


def test_a_secret_block_is_filled_and_stays_secret() -> None:
    filled = fill(BACKEND_SERVICE, {"logConfig": Secret({"enable": True})}, "web", "10.2.0")
    assert filled["logConfig"] == Secret({"enable": True, "sampleRate": 1})


def test_a_default_that_check_does_not_fill_stays_absent() -> None:
    assert "enableCdn" not in fill(BACKEND_SERVICE, {}, "web", "10.2.0")


def test_a_default_in_conflict_with_a_sibling_is_not_filled() -> None:
    assert fill(CLUSTER, {}, "web", "10.2.0")["enableShieldedNodes"] is True
    assert "enableShieldedNodes" not in fill(CLUSTER, {"enableAutopilot": True}, "web", "10.2.0")


def test_an_unnamed_resource_gets_a_name() -> None:
    name = fill(BACKEND_SERVICE, {}, "web", "10.2.0")["name"]
    assert isinstance(name, str)
    assert name.startswith("web-")
    assert len(name) == len("web-") + 7


def test_a_made_up_name_is_the_same_in_every_run() -> None:
    assert fill(BACKEND_SERVICE, {}, "web", None)["name"] == fill(BACKEND_SERVICE, {}, "web", "10.2.0")["name"]


def test_namesakes_under_different_parents_get_different_names() -> None:
    one, other = (fill(BACKEND_SERVICE, {}, "web", None, urn=urn)["name"] for urn in ("urn:a", "urn:b"))
    assert one != other


def test_a_made_up_name_may_be_longer_than_the_api_takes() -> None:
    assert len(str(fill(BACKEND_SERVICE, {}, "w" * 60, "10.2.0")["name"])) == 68


def test_a_stack_can_say_how_names_are_made_up() -> None:
    assert fill(BACKEND_SERVICE, {}, "web", "10.2.0", made_up="web")["name"] == "web"


def test_a_made_up_account_id_obeys_its_limit() -> None:
    account = fill(ACCOUNT, {}, "a-very-long-name-for-a-service-account", None)["accountId"]
    assert isinstance(account, str)
    assert len(account) <= 30


def test_a_type_that_is_not_listed_stays_as_it_is() -> None:
    assert fill("aws:s3/bucket:Bucket", {"a": 1}, "web", "10.2.0") == {"a": 1}


def test_the_address_of_a_service_account_is_known_at_preview() -> None:
    assert planned_outputs(ACCOUNT, {"accountId": "web", "project": "shop"}, None) == {
        "email": "web@shop.iam.gserviceaccount.com",
        "member": "serviceAccount:web@shop.iam.gserviceaccount.com",
    }


def test_the_project_of_a_service_account_may_be_the_providers() -> None:
    assert planned_outputs(ACCOUNT, {"accountId": "web"}, "shop")["email"] == "web@shop.iam.gserviceaccount.com"


def test_a_domain_scoped_project_turns_round_in_the_address() -> None:
    assert planned_outputs(ACCOUNT, {"accountId": "web"}, "example.com:shop")["email"] == (
        "web@shop.example.com.iam.gserviceaccount.com"
    )


@pytest.mark.parametrize("inputs", [{"accountId": UNKNOWN, "project": "p"}, {"accountId": "a", "project": UNKNOWN}])
def test_the_address_of_a_service_account_of_unknown_parts_is_unknown(inputs: dict[str, Value]) -> None:
    assert planned_outputs(ACCOUNT, inputs, "shop") == {}


def test_the_table_names_its_sources() -> None:
    assert set(json.loads(TABLE.read_text())["source"]) == {"defaults", "names", "filledByCheck", "properties"}


def test_the_generator_keeps_only_what_check_fills(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    repository = {"repository": "r", "commit": "c", "commitDate": "d", "module": "m", "version": "v", "package": "p"}
    properties = {
        "name": {"presence": "autoname"},
        "mode": {"presence": "optional", "default": "ON", "unless": ["off"]},
        "debug": {"presence": "optional", "default": False, "filled": False},
        "tags[]": {"kind": "string"},
    }
    schema = tmp_path / "schema.json"
    schema.write_text(
        json.dumps(
            {
                "source": dict.fromkeys(("provider", "naming", "bridge", "sdk"), repository),
                "types": {"a:b:C": {"properties": properties}, "a:b:D": {"properties": {}}},
            }
        )
    )
    script = Path(__file__).parents[2] / "tools" / "provider_defaults.py"
    monkeypatch.setattr(sys, "argv", [str(script), str(schema)])
    with pytest.raises(SystemExit) as ended:
        runpy.run_path(str(script), run_name="__main__")
    assert ended.value.code == 0
    assert json.loads(capsys.readouterr().out)["types"] == {
        "a:b:C": {"autoname": ["name"], "defaults": {"mode": "ON"}, "unless": {"mode": ["off"]}}
    }


def test_the_address_of_a_service_account_without_any_project_is_unknown() -> None:
    assert planned_outputs(ACCOUNT, {"accountId": "web"}, None) == {}
