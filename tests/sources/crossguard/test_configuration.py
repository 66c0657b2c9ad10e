"""Levels, parameters and settings, as the engine sends them."""

from __future__ import annotations

from typing import Any

import grpc
import pytest

from policypack.model.values import UNKNOWN
from tests.sources.crossguard.process import Made, Pack, Said

DISK = Made("gcp:compute/disk:Disk", "disk", {"size": 15, "type": "pd-standard"})
SMALL = Made("gcp:compute/disk:Disk", "small", {"size": 5})
BROKEN = Made("gcp:compute/disk:Disk", "broken", {"size": 50, "description": "bomb"})
PROXY = Made("gcp:compute/targetHttpsProxy:TargetHttpsProxy", "front", {"urlMap": "u"})
UNDECIDED = Made("gcp:compute/targetHttpsProxy:TargetHttpsProxy", "front", {"sslPolicy": UNKNOWN})


def levels(said: list[Said]) -> dict[str, str]:
    return {one.policy: one.level for one in said}


def guard(sample: Pack, document: dict[str, Any]) -> list[tuple[str, str]]:
    sample.configure(document)
    return [(one.level, one.message.split("\n")[1]) for one in sample.run(DISK) if one.policy == "guard"]


@pytest.mark.parametrize(
    ("level", "spoken"),
    [("advisory", "advisory"), ("mandatory", "mandatory"), ("remediate", "mandatory")],
)
def test_a_rule_speaks_at_the_level_that_is_set(sample: Pack, level: str, spoken: str) -> None:
    sample.configure({"tls-proxy-names-policy": level})
    assert levels(sample.run(PROXY)) == {"tls-proxy-names-policy": spoken}


def test_a_disabled_rule_is_silent(sample: Pack) -> None:
    sample.configure({"tls-proxy-names-policy": "disabled"})
    assert sample.run(PROXY) == []


def test_all_sets_the_level_of_every_rule(sample: Pack) -> None:
    sample.configure({"all": "mandatory"})
    assert levels(sample.run(SMALL)) == {"disk-is-large": "mandatory"}


def test_a_rule_of_its_own_level_is_not_touched_by_all(sample: Pack) -> None:
    sample.configure({"all": "disabled", "disk-is-large": "advisory"})
    assert levels(sample.run(SMALL, PROXY)) == {"disk-is-large": "advisory"}


def test_all_does_not_switch_on_an_opt_in_rule(sample: Pack) -> None:
    sample.configure({"all": "mandatory"})
    assert sample.run(DISK) == []


def test_an_opt_in_rule_speaks_once_it_is_named(sample: Pack) -> None:
    sample.configure({"disk-type-is-ours": "advisory"})
    assert levels(sample.run(DISK)) == {"disk-type-is-ours": "advisory"}


def test_an_opt_in_rule_with_a_parameter_of_its_own_speaks_under_all(sample: Pack) -> None:
    sample.configure({"all": "mandatory", "disk-type-is-ours": {"enforcementLevel": "mandatory", "ours": "pd-extreme"}})
    assert levels(sample.run(DISK)) == {"disk-type-is-ours": "mandatory"}


def test_a_parameter_is_heard(sample: Pack) -> None:
    sample.configure({"disk-is-large": {"enforcementLevel": "advisory", "minimum": 20}})
    (said,) = sample.run(DISK)
    assert "size: 15 GB\nexpected: 20 GB\n" in said.message


def test_a_parameter_without_a_level_leaves_the_level(sample: Pack) -> None:
    sample.configure({"disk-is-large": {"minimum": 20}})
    assert levels(sample.run(DISK)) == {"disk-is-large": "advisory"}


def test_an_alias_configures_its_rule_although_the_engine_sends_the_rule_too(sample: Pack) -> None:
    sample.configure({"zz-old-name": "advisory"})
    assert levels(sample.run(PROXY)) == {"tls-proxy-names-policy": "advisory"}


def test_a_sound_configuration_is_not_mentioned(sample: Pack) -> None:
    assert guard(sample, {"guard": {"version": 1, "onUndecided": "ignore"}, "disk-is-large": "advisory"}) == []


def test_a_misspelt_rule_is_a_mandatory_finding_that_names_the_near_match(sample: Pack) -> None:
    assert guard(sample, {"disk-is-larg": "advisory"}) == [
        ("mandatory", "disk-is-larg: there is no such rule; did you mean disk-is-large?")
    ]


def test_a_misspelt_parameter_is_a_finding_that_names_the_near_match(sample: Pack) -> None:
    assert guard(sample, {"disk-is-large": {"minimun": 3}}) == [
        ("mandatory", "disk-is-large.minimun: the rule has no such parameter; did you mean minimum?")
    ]


def test_a_parameter_of_a_wrong_type_is_a_finding_and_the_default_applies(sample: Pack) -> None:
    sample.configure({"disk-is-large": {"minimum": "many"}})
    said = sample.run(DISK, SMALL)
    assert [(one.policy, one.message.split("\n")[1]) for one in said] == [
        ("disk-is-large", "size: 5 GB"),
        ("guard", "disk-is-large.minimum: is 'many', and must be a whole number; the default 10 applies"),
    ]


def test_each_mistake_is_said_once_however_many_resources_there_are(sample: Pack) -> None:
    sample.configure({"disk-is-larg": "advisory", "guard": {"onUndecidet": "fail"}})
    said = sample.run(DISK, BROKEN, PROXY)
    assert len([one for one in said if one.policy == "guard"]) == 2


def test_mistakes_are_advisory_if_guard_says_so(sample: Pack) -> None:
    document = {"disk-is-larg": "advisory", "guard": {"onConfigError": "advisory"}}
    assert [level for level, _ in guard(sample, document)] == ["advisory"]


def test_the_level_of_guard_itself_says_nothing(sample: Pack) -> None:
    assert [level for level, _ in guard(sample, {"guard": "disabled", "disk-is-larg": "advisory"})] == ["mandatory"]


def test_a_guard_document_of_a_later_version_is_an_invalid_argument(sample: Pack) -> None:
    with pytest.raises(grpc.RpcError) as refused:
        sample.configure({"guard": {"version": 2}})
    assert refused.value.code() is grpc.StatusCode.INVALID_ARGUMENT
    assert refused.value.details() == (
        "guard.version is 2.0, and this pack reads version 1: update the pack, or the configuration"
    )


def test_a_refused_configuration_leaves_the_former_one(sample: Pack) -> None:
    sample.configure({"tls-proxy-names-policy": "advisory"})
    with pytest.raises(grpc.RpcError):
        sample.configure({"guard": {"version": 2}, "tls-proxy-names-policy": "disabled"})
    assert levels(sample.run(PROXY)) == {"tls-proxy-names-policy": "advisory"}


@pytest.mark.parametrize(
    ("choice", "expected"),
    [("advisory", ["advisory"]), ("fail", ["mandatory"]), ("ignore", [])],
)
def test_what_is_undecided_speaks_as_guard_says(sample: Pack, choice: str, expected: list[str]) -> None:
    sample.configure({"tls-proxy-policy-is-modern": "mandatory", "guard": {"onUndecided": choice}})
    assert [one.level for one in sample.run(UNDECIDED)] == expected


@pytest.mark.parametrize("choice", ["advisory", "fail"])
def test_an_undecided_rule_that_is_advisory_stops_nobody(sample: Pack, choice: str) -> None:
    sample.configure({"tls-proxy-policy-is-modern": "advisory", "guard": {"onUndecided": choice}})
    assert [one.level for one in sample.run(UNDECIDED)] == ["advisory"]


@pytest.mark.parametrize(("choice", "expected"), [("advisory", "advisory"), ("fail", "mandatory")])
def test_a_rule_that_breaks_speaks_as_guard_says(sample: Pack, choice: str, expected: str) -> None:
    sample.configure({"guard": {"onError": choice}})
    assert levels(sample.run(BROKEN)) == {"disk-description-is-plain": expected}


def test_an_undecided_rule_that_is_disabled_is_silent(sample: Pack) -> None:
    sample.configure({"tls-proxy-policy-is-modern": "disabled", "guard": {"onUndecided": "fail"}})
    assert sample.run(UNDECIDED) == []
