"""The form in which transforms get to see unknowns and secrets."""

from __future__ import annotations

import pytest
from google.protobuf import json_format

from policypack.model.values import UNKNOWN, Secret, Value
from policypack.sources.program.output_values import with_outputs, without_outputs
from policypack.sources.wire import OUTPUT, SIGNATURE, encode_properties
from tests.sources.program.dry_run import Record, named

MADE_FROM = ["urn:b", "urn:a"]


def shown(properties: dict[str, Value], made_from: list[str] | None = None) -> object:
    upgraded = with_outputs(encode_properties(properties), {"a": made_from or []})
    return json_format.MessageToDict(upgraded)["a"]


def test_an_unknown_is_an_output_without_a_value() -> None:
    assert shown({"a": UNKNOWN}) == {SIGNATURE: OUTPUT}


def test_a_secret_is_a_secret_output() -> None:
    assert shown({"a": Secret("x")}) == {SIGNATURE: OUTPUT, "value": "x", "secret": True}


def test_an_unknown_secret_is_a_secret_output_without_a_value() -> None:
    assert shown({"a": Secret(UNKNOWN)}) == {SIGNATURE: OUTPUT, "secret": True}


def test_an_unknown_in_a_list_in_an_object_is_an_output_there() -> None:
    assert shown({"a": [{"b": UNKNOWN}, "x"]}) == [{"b": {SIGNATURE: OUTPUT}}, "x"]


def test_a_property_that_was_made_from_something_is_an_output_as_a_whole() -> None:
    assert shown({"a": ["x"]}, MADE_FROM) == {SIGNATURE: OUTPUT, "value": ["x"], "dependencies": ["urn:a", "urn:b"]}


def test_an_unknown_that_was_made_from_something_says_so() -> None:
    assert shown({"a": UNKNOWN}, MADE_FROM) == {SIGNATURE: OUTPUT, "dependencies": ["urn:a", "urn:b"]}


@pytest.mark.parametrize(
    "value", ["x", UNKNOWN, Secret("x"), Secret(UNKNOWN), [UNKNOWN, {"b": Secret("x")}], {"b": [1.0, True]}]
)
def test_outputs_turn_back_into_what_they_were(value: Value) -> None:
    given = encode_properties({"a": value})
    assert without_outputs(with_outputs(given, {"a": MADE_FROM})) == given


def test_an_asset_stays_as_it_is() -> None:
    given = encode_properties({"a": {SIGNATURE: "c44067f5952c0a294b673a41bacd8c17", "text": "x"}})
    assert without_outputs(with_outputs(given, {})) == given


def test_a_transform_that_changes_nothing_leaves_unknowns_and_secrets_as_they_were(record: Record) -> None:
    run = record(
        """
        nothing = pulumi.ResourceOptions(transforms=[lambda args: None])
        a = Made("a")
        Made("b", {"description": a.selfLink, "labels": {"k": pulumi.Output.secret("v")}}, nothing)
        """
    )
    inputs = named(run, "b").inputs or {}
    assert (inputs["description"], inputs["labels"]) == (UNKNOWN, {"k": Secret("v")})
    assert [key for key, made in named(run, "b").property_dependencies.items() if made] == ["description"]
