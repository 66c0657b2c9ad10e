"""What the pack answers where rules at level `remediate` may mend a resource."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

import pytest
from google.protobuf import json_format, struct_pb2
from pulumi.runtime.proto import analyzer_pb2

from policypack import __version__
from policypack.gcp import types as t
from policypack.model.values import UNKNOWN, Secret, Value
from policypack.rules.registry import all_rules
from policypack.sources.crossguard.analyzer import Analyzer
from policypack.sources.wire import SECRET, SIGNATURE, decode_properties, encode_properties
from tests.sources.crossguard.process import REPOSITORY, Made, Pack, pack

REMEDIATE = {"tls-policy-min-version": "remediate", "tls-policy-strong-profile": "remediate"}
UNKNOWN_LIST = "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2"


@pytest.fixture(scope="module")
def process() -> Iterator[Pack]:
    """The whole pack."""
    with pack(REPOSITORY) as running:
        yield running


@pytest.fixture
def guard(process: Pack) -> Pack:
    process.configure_stack()
    process.configure(REMEDIATE)
    return process


def policy(**inputs: Value) -> Made:
    return Made(t.SSL_POLICY, "old", {"name": "old-1", **inputs})


def zone(**inputs: Value) -> Made:
    return Made(t.MANAGED_ZONE, "zone", {"dnsName": "example.org.", **inputs})


def answer(running: Pack, made: Made, properties: struct_pb2.Struct | None = None) -> analyzer_pb2.RemediateResponse:
    request = made.alone()
    if properties is not None:
        request.properties.CopyFrom(properties)
    given: analyzer_pb2.RemediateResponse = running.stub.Remediate(request)
    return given


def after(running: Pack, made: Made) -> Mapping[str, Value]:
    return decode_properties(answer(running, made).remediations[-1].properties)


def test_each_rule_mends_what_the_one_before_it_has_mended(guard: Pack) -> None:
    said = answer(guard, policy())
    assert [(one.policyName, one.policyPackName, one.policyPackVersion) for one in said.remediations] == [
        ("tls-policy-min-version", "multiregion-guard", __version__),
        ("tls-policy-strong-profile", "multiregion-guard", __version__),
    ]
    assert decode_properties(said.remediations[0].properties) == {"name": "old-1", "minTlsVersion": "TLS_1_2"}
    assert after(guard, policy()) == {"name": "old-1", "minTlsVersion": "TLS_1_2", "profile": "MODERN"}


def test_what_is_mended_passes(guard: Pack) -> None:
    made = policy()
    assert {one.policyName for one in guard.analyze(made).diagnostics} >= set(REMEDIATE)
    better = Made(made.type, made.name, after(guard, made))
    assert [one.policyName for one in guard.analyze(better).diagnostics] == []
    assert answer(guard, better) == analyzer_pb2.RemediateResponse()


@pytest.mark.parametrize("level", ["mandatory", "advisory", "disabled"])
def test_at_another_level_nothing_is_changed(guard: Pack, level: str) -> None:
    guard.configure(dict.fromkeys(REMEDIATE, level))
    assert answer(guard, policy()) == analyzer_pb2.RemediateResponse()


def test_what_is_not_known_yet_is_left_alone(guard: Pack) -> None:
    made = policy(minTlsVersion=UNKNOWN, profile="MODERN")
    assert answer(guard, made) == analyzer_pb2.RemediateResponse()


def test_secrets_stay_secret_and_what_is_not_touched_stays_to_the_byte(guard: Pack) -> None:
    guard.configure({"dns-dnssec-enabled": "remediate"})
    plain: dict[str, Any] = {
        "dnsName": "example.org.",
        "description": {SIGNATURE: SECRET, "value": "hush"},
        "labels": {"__defaults": [], "team": UNKNOWN_LIST},
        "dnssecConfig": {SIGNATURE: SECRET, "value": {"__defaults": [], "defaultKeySpecs": UNKNOWN_LIST, "kind": "x"}},
        "number": 1.5,
    }
    properties = json_format.ParseDict(plain, struct_pb2.Struct())
    (said,) = answer(guard, zone(), properties).remediations
    inner = {**plain["dnssecConfig"]["value"], "state": "on"}
    expected = {**plain, "dnssecConfig": {SIGNATURE: SECRET, "value": inner}}
    assert json_format.MessageToDict(said.properties) == expected


def test_a_secret_value_that_is_wrong_is_replaced_by_a_secret_one(guard: Pack) -> None:
    mended = after(guard, policy(minTlsVersion=Secret("TLS_1_0"), profile="MODERN"))
    assert mended["minTlsVersion"] == Secret("TLS_1_2")


def test_known_findings_are_not_mended(guard: Pack) -> None:
    known = {"tls-policy-min-version": {policy().urn: ["minTlsVersion"]}}
    guard.configure({**REMEDIATE, "guard": {"baseline": {"version": 1, "findings": known}}})
    assert [one.policyName for one in answer(guard, policy()).remediations] == ["tls-policy-strong-profile"]


class InProcess:
    """Asks an analyzer without a process between: on a day of the test's own."""

    def __init__(self, analyzer: Analyzer) -> None:
        self._analyzer = analyzer

    def __getattr__(self, name: str) -> Any:
        return lambda request: getattr(self._analyzer, name)(request, None)


def test_waived_findings_are_not_mended() -> None:
    stub: Any = InProcess(Analyzer(all_rules(), date(2026, 11, 24)))
    running = Pack(stub, "")
    waiver = {"rules": ["tls-policy-*"], "resources": ["old"], "reason": "x", "owner": "x", "expires": "2026-12-24"}
    running.configure({**REMEDIATE, "guard": {"waivers": [waiver]}})
    assert answer(running, policy()) == analyzer_pb2.RemediateResponse()
    other = Made(t.SSL_POLICY, "other", policy().inputs)
    assert len(answer(running, other).remediations) == len(REMEDIATE)


def test_a_rule_without_a_single_answer_changes_nothing_and_stops(guard: Pack) -> None:
    guard.configure({"tls-policy-combination-valid": "remediate"})
    made = policy(minTlsVersion="TLS_1_3", profile="MODERN")
    assert answer(guard, made) == analyzer_pb2.RemediateResponse()
    (said,) = [one for one in guard.analyze(made).diagnostics if one.policyName == "tls-policy-combination-valid"]
    assert said.enforcementLevel == analyzer_pb2.MANDATORY


def test_an_answer_that_would_break_another_rule_is_not_given(guard: Pack) -> None:
    guard.configure({"tls-policy-min-version": {"enforcementLevel": "remediate", "minimum": "TLS_1_3"}})
    assert answer(guard, policy(profile="MODERN")) == analyzer_pb2.RemediateResponse()
    mended = after(guard, policy(profile="RESTRICTED"))
    assert mended["minTlsVersion"] == "TLS_1_3"


@pytest.mark.parametrize("properties", [{"dnssecConfig": "on"}, {"dnssecConfig": [{"state": "off"}]}])
def test_properties_of_another_form_are_left_to_the_rule(guard: Pack, properties: dict[str, Any]) -> None:
    guard.configure({"dns-dnssec-enabled": "remediate"})
    sent = encode_properties({"dnsName": "example.org.", **properties})
    assert answer(guard, zone(), sent) == analyzer_pb2.RemediateResponse()


def test_resources_that_no_rule_mends_are_left_alone(guard: Pack) -> None:
    guard.configure({"all": "remediate"})
    for made in (Made("random:index/randomId:RandomId", "id", {"byteLength": 4}), Made(t.NETWORK, "net", {})):
        assert answer(guard, made) == analyzer_pb2.RemediateResponse()
