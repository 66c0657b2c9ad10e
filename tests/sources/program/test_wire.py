"""Values on the wire, and back."""

from __future__ import annotations

import pytest
from google.protobuf import json_format, struct_pb2

from policypack.model.values import UNKNOWN, Secret, Value
from policypack.sources.program.wire import UNKNOWN_TEXT, decode, decode_properties, encode, encode_properties

SIGNATURE = "4dabf18193072939515e22adb298388d"
OUTPUT = "d0e6a833031e9bbcd3f4e8bde6ca49a4"
REFERENCE = "5cf8f73096256a8f31e491e813e4eb8e"


def struct(content: dict[str, object]) -> struct_pb2.Struct:
    return json_format.ParseDict(content, struct_pb2.Struct())


@pytest.mark.parametrize(
    "value", ["a", "", 1.5, True, False, UNKNOWN, Secret("a"), Secret(UNKNOWN), [], ["a", UNKNOWN], {"a": {"b": [1.0]}}]
)
def test_a_value_survives_the_way_there_and_back(value: Value) -> None:
    assert decode(encode(value)) == value


def test_null_properties_are_left_out() -> None:
    assert decode_properties(struct({"a": None, "b": 1})) == {"b": 1}


def test_nothing_is_written_as_null() -> None:
    assert json_format.MessageToDict(encode_properties({"a": None})) == {"a": None}


def test_a_text_around_an_unknown_value_is_unknown() -> None:
    assert decode_properties(struct({"a": f"x-{UNKNOWN_TEXT}-y"})) == {"a": UNKNOWN}


def test_an_output_without_a_value_is_unknown() -> None:
    assert decode_properties(struct({"a": {SIGNATURE: OUTPUT}})) == {"a": UNKNOWN}


def test_an_output_with_a_value_is_that_value() -> None:
    assert decode_properties(struct({"a": {SIGNATURE: OUTPUT, "value": "x"}})) == {"a": "x"}


def test_a_secret_output_is_a_secret() -> None:
    assert decode_properties(struct({"a": {SIGNATURE: OUTPUT, "value": "x", "secret": True}})) == {"a": Secret("x")}


def test_a_reference_to_a_resource_with_an_id_is_that_id() -> None:
    assert decode_properties(struct({"a": {SIGNATURE: REFERENCE, "urn": "urn:x", "id": "x"}})) == {"a": "x"}


@pytest.mark.parametrize("known", ["", UNKNOWN_TEXT])
def test_a_reference_to_a_new_resource_is_unknown(known: str) -> None:
    assert decode_properties(struct({"a": {SIGNATURE: REFERENCE, "urn": "urn:x", "id": known}})) == {"a": UNKNOWN}


def test_a_reference_to_a_component_is_its_urn() -> None:
    assert decode_properties(struct({"a": {SIGNATURE: REFERENCE, "urn": "urn:x"}})) == {"a": "urn:x"}


def test_an_asset_is_what_it_holds() -> None:
    assert decode_properties(struct({"a": {SIGNATURE: "c44067f5952c0a294b673a41bacd8c17", "text": "x"}})) == {
        "a": {"text": "x"}
    }
