"""Rules over one resource, where a page would need too much room: parameters, odd values, what is partly known."""

from __future__ import annotations

from typing import Any, ClassVar

import pytest

from policypack.engine.verdict import Status
from policypack.gcp import types as t
from policypack.model.resource import Options
from policypack.model.values import UNKNOWN, Secret
from policypack.rules.registry import rules_by_name
from tests.rules.judging import judge
from tests.support.graphs import blank, ref, res, stack

PASS, FAIL, UNDECIDED, NOT_APPLICABLE = Status.PASS, Status.FAIL, Status.UNDECIDED, Status.NOT_APPLICABLE


def status(rule: str, token: str, props: dict[str, Any], *, defaults: bool = True, **parameters: object) -> Status:
    deployment = stack(res(token, "one", props, defaults=defaults))
    return judge(deployment, {rule: parameters}).status(rules_by_name()[rule])


@pytest.mark.parametrize(
    ("props", "expected"),
    [
        ({"minTlsVersion": "TLS_1_2", "profile": "COMPATIBLE"}, PASS),
        ({"minTlsVersion": "TLS_1_3", "profile": "RESTRICTED"}, PASS),
        ({"minTlsVersion": "TLS_1_0", "profile": "RESTRICTED"}, PASS),
        ({"minTlsVersion": "TLS_1_2", "profile": "FIPS_202205"}, PASS),
        ({"minTlsVersion": "TLS_1_2", "profile": UNKNOWN}, PASS),
        ({"minTlsVersion": "TLS_1_0", "profile": "MODERN"}, FAIL),
        ({"minTlsVersion": "TLS_1_1", "profile": "CUSTOM"}, FAIL),
        ({"profile": "CUSTOM"}, FAIL),
        ({"profile": "FIPS_202205"}, FAIL),
        ({"minTlsVersion": "TLS_1_0", "profile": UNKNOWN}, UNDECIDED),
        ({"minTlsVersion": UNKNOWN, "profile": "MODERN"}, UNDECIDED),
        ({"minTlsVersion": "1.2"}, UNDECIDED),
        ({"minTlsVersion": ["TLS_1_2"]}, UNDECIDED),
    ],
)
def test_tls_policy_min_version(props: dict[str, Any], expected: Status) -> None:
    assert status("tls-policy-min-version", t.SSL_POLICY, props) is expected


def test_a_policy_without_the_provider_s_defaults_has_them_all_the_same() -> None:
    found = status("tls-policy-min-version", t.SSL_POLICY, {"description": "x"}, defaults=False)
    assert found is FAIL


@pytest.mark.parametrize(("version", "expected"), [("TLS_1_2", FAIL), ("TLS_1_3", PASS)])
def test_tls_1_3_can_be_demanded(version: str, expected: Status) -> None:
    props = {"minTlsVersion": version, "profile": "RESTRICTED"}
    assert status("tls-policy-min-version", t.SSL_POLICY, props, minimum="TLS_1_3") is expected


@pytest.mark.parametrize(
    ("policy", "expected"), [("", FAIL), (None, FAIL), (UNKNOWN, PASS), ("projects/p/global/sslPolicies/s", PASS)]
)
def test_tls_proxy_requires_ssl_policy(policy: Any, expected: Status) -> None:
    props = {"urlMap": "map", "sslPolicy": policy}
    assert status("tls-proxy-requires-ssl-policy", t.TARGET_HTTPS_PROXY, props) is expected


def test_a_proxy_of_which_nothing_is_known_is_undecided() -> None:
    judgement = judge(stack(blank(t.TARGET_HTTPS_PROXY, "one")))
    assert judgement.status(rules_by_name()["tls-proxy-requires-ssl-policy"]) is UNDECIDED


@pytest.mark.parametrize(
    ("props", "expected"),
    [
        ({"rotationPeriod": "7776000s"}, PASS),
        ({"rotationPeriod": "7776000.5s"}, FAIL),
        ({"rotationPeriod": "7776001s"}, FAIL),
        ({}, FAIL),
        ({"purpose": "ENCRYPT_DECRYPT"}, FAIL),
        ({"purpose": UNKNOWN}, UNDECIDED),
        ({"purpose": UNKNOWN, "rotationPeriod": "7776000s"}, PASS),
        ({"rotationPeriod": "90d"}, UNDECIDED),
        ({"purpose": "MAC"}, NOT_APPLICABLE),
        ({"importOnly": True}, NOT_APPLICABLE),
        ({"versionTemplate": {"protectionLevel": "EXTERNAL_VPC"}}, NOT_APPLICABLE),
        ({"versionTemplate": {"protectionLevel": "HSM"}}, FAIL),
    ],
)
def test_kms_key_rotation(props: dict[str, Any], expected: Status) -> None:
    assert status("kms-key-rotation-90-days", t.CRYPTO_KEY, {"keyRing": "ring", **props}) is expected


def test_the_longest_time_between_rotations_is_a_parameter() -> None:
    props = {"keyRing": "ring", "rotationPeriod": "7776000s"}
    assert status("kms-key-rotation-90-days", t.CRYPTO_KEY, props, days=30) is FAIL


class TestDisks:
    RULE = "disk-cmek"
    KEY = "projects/p/locations/europe-west1/keyRings/r/cryptoKeys/k"

    def test_an_unknown_disk_does_not_hide_its_neighbour(self) -> None:
        deployment = stack(res(t.INSTANCE_TEMPLATE, "one", {"disks": [UNKNOWN, {"boot": True}]}))
        verdicts = judge(deployment).of_rule[self.RULE]
        assert [(verdict.place, verdict.status) for verdict in verdicts] == [
            ("disks[0]", UNDECIDED),
            ("disks[1]", FAIL),
        ]

    @pytest.mark.parametrize(
        ("disk", "expected"),
        [
            ({"diskEncryptionKey": {"kmsKeySelfLink": KEY}}, PASS),
            ({"diskEncryptionKey": {"kmsKeySelfLink": UNKNOWN}}, PASS),
            ({"diskEncryptionKey": UNKNOWN}, UNDECIDED),
            ({"diskEncryptionKey": {}}, FAIL),
            ({"type": "PERSISTENT"}, FAIL),
            ({"type": "SCRATCH"}, NOT_APPLICABLE),
            ({"diskType": "projects/p/zones/europe-west1-b/diskTypes/local-ssd"}, NOT_APPLICABLE),
            ({"source": "existing"}, NOT_APPLICABLE),
            ({"type": UNKNOWN}, UNDECIDED),
        ],
    )
    def test_disk_of_a_template(self, disk: dict[str, Any], expected: Status) -> None:
        assert status(self.RULE, t.REGION_INSTANCE_TEMPLATE, {"disks": [disk]}) is expected

    @pytest.mark.parametrize(
        ("props", "expected"),
        [
            ({"bootDisk": {"kmsKeySelfLink": KEY}}, PASS),
            ({"bootDisk": {"diskEncryptionKeyRaw": Secret("c2VjcmV0")}}, PASS),
            ({"bootDisk": {"source": "existing"}}, NOT_APPLICABLE),
            ({"bootDisk": {"initializeParams": {"image": "debian"}}}, FAIL),
            ({"bootDisk": UNKNOWN}, UNDECIDED),
            ({"bootDisk": "debian"}, UNDECIDED),
        ],
    )
    def test_disk_of_an_instance(self, props: dict[str, Any], expected: Status) -> None:
        assert status(self.RULE, t.INSTANCE, props) is expected

    @pytest.mark.parametrize(
        ("token", "name"), [(t.DISK, "kmsKeySelfLink"), (t.REGION_DISK, "kmsKeyName"), (t.DISK, "rawKeyWo")]
    )
    def test_disk(self, token: str, name: str) -> None:
        assert status(self.RULE, token, {"size": 10, "diskEncryptionKey": {name: self.KEY}}) is PASS


class TestAutohealing:
    RULE = "mig-autohealing-configured"
    HEALING: ClassVar = {"healthCheck": "check", "initialDelaySec": 300}

    @pytest.mark.parametrize(
        ("policy", "expected"),
        [
            ({"onFailedHealthCheck": "DO_NOTHING"}, FAIL),
            ({"onFailedHealthCheck": "DEFAULT_ACTION", "defaultActionOnFailure": "DO_NOTHING"}, FAIL),
            ({"onFailedHealthCheck": "REPAIR", "defaultActionOnFailure": "DO_NOTHING"}, PASS),
            ({"defaultActionOnFailure": "REPAIR"}, PASS),
            ({"onFailedHealthCheck": UNKNOWN}, UNDECIDED),
        ],
    )
    def test_lifecycle_policy(self, policy: dict[str, Any], expected: Status) -> None:
        props = {"autoHealingPolicies": self.HEALING, "instanceLifecyclePolicy": policy}
        assert status(self.RULE, t.REGION_INSTANCE_GROUP_MANAGER, props) is expected

    def test_a_policy_without_a_check_heals_nothing(self) -> None:
        props = {"autoHealingPolicies": {"initialDelaySec": 300}}
        assert status(self.RULE, t.INSTANCE_GROUP_MANAGER, props) is FAIL

    def test_an_unknown_policy_may_well_have_no_health_check(self) -> None:
        assert status(self.RULE, t.INSTANCE_GROUP_MANAGER, {"autoHealingPolicies": UNKNOWN}) is UNDECIDED


@pytest.mark.parametrize(
    ("ignored", "expected"), [((), FAIL), (("backends",), NOT_APPLICABLE), (("backends[0].group",), NOT_APPLICABLE)]
)
def test_backends_that_something_else_fills_in(ignored: tuple[str, ...], expected: Status) -> None:
    service = res(t.BACKEND_SERVICE, "one", {}, options=Options(ignore_changes=ignored))
    assert judge(stack(service)).status(rules_by_name()["lb-backend-service-has-backends"]) is expected


def test_a_string_where_the_list_of_backends_belongs_is_undecided() -> None:
    assert status("lb-backend-service-has-backends", t.BACKEND_SERVICE, {"backends": "group"}) is UNDECIDED


@pytest.mark.parametrize(("there", "expected"), [(3, FAIL), (1, PASS), (UNKNOWN, PASS)])
def test_an_update_policy_without_a_number_keeps_the_one_of_the_deployed_group(there: Any, expected: Status) -> None:
    policy = {"type": "PROACTIVE", "minimalAction": "REPLACE"}
    group = res(
        t.REGION_INSTANCE_GROUP_MANAGER,
        "group",
        {"region": "europe-west1", "targetSize": 3, "updatePolicy": policy},
        outputs={"updatePolicy": {**policy, "maxUnavailableFixed": there}},
    )
    deployment = stack(group, res(t.BACKEND_SERVICE, "api", {"backends": [{"group": ref("group")}]}))
    assert judge(deployment).status(rules_by_name()["mig-update-policy-safe"]) is expected
