"""Pulumi's marks in values, as protobuf and as JSON."""

from __future__ import annotations

import json
from typing import Any

import pytest
from google.protobuf import json_format, struct_pb2

from policypack.model.values import UNKNOWN, Secret, Value
from policypack.sources.wire import (
    UNKNOWN_TEXT,
    UNKNOWN_TEXTS,
    decode_plain,
    decode_plain_properties,
    decode_properties,
    encode_properties,
)

SIGNATURE = "4dabf18193072939515e22adb298388d"
SECRET = "1b47061264138c4ac30d75fd1eb44270"
OUTPUT = "d0e6a833031e9bbcd3f4e8bde6ca49a4"
REFERENCE = "5cf8f73096256a8f31e491e813e4eb8e"
ASSET = "c44067f5952c0a294b673a41bacd8c17"


def both(value: Any) -> Value:
    """Decode a value both ways in; they must agree."""
    plain = decode_plain(value)
    struct = json_format.ParseDict({"it": value}, struct_pb2.Struct())
    wired = decode_properties(struct).get("it")
    assert repr(wired) == repr(plain) or wired == plain
    return plain


@pytest.mark.parametrize("text", sorted(UNKNOWN_TEXTS))
def test_every_reserved_text_is_unknown(text: str) -> None:
    assert both(text) is UNKNOWN


def test_a_text_built_from_an_unknown_is_unknown() -> None:
    assert both(f"https://{UNKNOWN_TEXT}/path") is UNKNOWN


@pytest.mark.parametrize(
    "value", ["", "text", "x" * 36, 0.0, 1.5, True, False, [], ["a", 1.0], {}, {"a": {"b": [None]}}]
)
def test_a_plain_value_is_itself(value: Any) -> None:
    assert both(value) == value


def test_a_null_property_is_absent() -> None:
    assert decode_plain_properties({"gone": None, "here": 1}) == {"here": 1}
    assert decode_properties(json_format.ParseDict({"gone": None, "here": 1}, struct_pb2.Struct())) == {"here": 1}


def test_a_secret_keeps_its_mark() -> None:
    assert both({SIGNATURE: SECRET, "value": "hidden"}) == Secret("hidden")


def test_a_secret_in_a_list_in_a_secret_keeps_both_marks() -> None:
    inner = {SIGNATURE: SECRET, "value": "hidden"}
    assert both({SIGNATURE: SECRET, "value": [inner]}) == Secret([Secret("hidden")])


def test_an_encrypted_secret_is_an_unknown_secret() -> None:
    assert both({SIGNATURE: SECRET, "ciphertext": "v1:abc"}) == Secret(UNKNOWN)


def test_a_secret_written_in_plain_text_is_the_json_of_its_value() -> None:
    assert both({SIGNATURE: SECRET, "plaintext": json.dumps({"a": [1, "b"]})}) == Secret({"a": [1, "b"]})


def test_plain_text_that_is_no_json_is_itself() -> None:
    assert both({SIGNATURE: SECRET, "plaintext": "no json"}) == Secret("no json")


def test_a_redacted_secret_is_an_unknown_secret() -> None:
    assert both("[secret]") == Secret(UNKNOWN)
    assert both({SIGNATURE: SECRET, "value": "[secret]"}) == Secret(UNKNOWN)


def test_an_output_is_its_value() -> None:
    assert both({SIGNATURE: OUTPUT, "value": "a", "dependencies": ["urn"]}) == "a"


def test_a_secret_output_is_a_secret() -> None:
    assert both({SIGNATURE: OUTPUT, "value": "a", "secret": True}) == Secret("a")


def test_an_output_without_a_value_is_unknown() -> None:
    assert both({SIGNATURE: OUTPUT}) is UNKNOWN


def test_a_reference_to_a_resource_is_its_id() -> None:
    assert both({SIGNATURE: REFERENCE, "urn": "urn:x", "id": "projects/p/disks/d"}) == "projects/p/disks/d"


@pytest.mark.parametrize("missing", ["", UNKNOWN_TEXT])
def test_a_reference_to_a_resource_without_an_id_yet_is_unknown(missing: str) -> None:
    assert both({SIGNATURE: REFERENCE, "urn": "urn:x", "id": missing}) is UNKNOWN


def test_a_reference_to_a_component_is_its_urn() -> None:
    assert both({SIGNATURE: REFERENCE, "urn": "urn:x"}) == "urn:x"


def test_an_asset_is_what_it_says_of_itself() -> None:
    assert both({SIGNATURE: ASSET, "text": "echo", "hash": "h"}) == {"text": "echo", "hash": "h"}


def test_values_come_back_as_they_were_sent() -> None:
    values: dict[str, Value] = {
        "flag": True,
        "list": [UNKNOWN, {"deep": Secret(["x", UNKNOWN])}],
        "number": 1.5,
        "text": "a",
        "unknown": UNKNOWN,
    }
    assert repr(decode_properties(encode_properties(values))) == repr(values)


def test_nothing_is_written_as_null() -> None:
    assert json_format.MessageToDict(encode_properties({"gone": None})) == {"gone": None}


def test_keys_come_in_a_stable_order() -> None:
    names = [f"key-{number:02}" for number in range(40)]
    assert list(decode_properties(encode_properties(dict.fromkeys(reversed(names), 1)))) == names


def test_an_object_that_is_no_value_is_refused() -> None:
    with pytest.raises(TypeError, match="JSON has no values of type object"):
        decode_plain(object())
