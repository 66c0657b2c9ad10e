"""Values as Pulumi sends and stores them, and as rules read them.

On the wire a value is a protobuf struct; in a stack export or in preview JSON it is plain JSON. Both use the same
marks for what JSON has no word for (unknowns, secrets, assets, references to resources, outputs with their
dependencies): a reserved string, or an object with a signature.
"""

from __future__ import annotations

import json
import operator
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from google.protobuf import struct_pb2

from policypack.model.values import UNKNOWN, Secret, Unknown, Value, is_list, reveal

UNKNOWN_TEXT: Final = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
"""Stands for a value that is not known yet, and in what we send for every one of them."""

UNKNOWN_TEXTS: Final = frozenset(
    {
        UNKNOWN_TEXT,
        "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7",  # a boolean
        "3eeb2bf0-c639-47a8-9e75-3b44932eb421",  # a number
        "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2",  # a list
        "030794c1-ac77-496b-92df-f27374a8bd58",  # an asset
        "e48ece36-62e2-4504-bad9-02848725956a",  # an archive
        "dd056dcd-154b-4c76-9bd3-c8f88648b5ff",  # an object
    }
)
"""Every reserved text that stands for an unknown: senders may tell the type of what is missing."""

SIGNATURE: Final = "4dabf18193072939515e22adb298388d"
SECRET: Final = "1b47061264138c4ac30d75fd1eb44270"
OUTPUT: Final = "d0e6a833031e9bbcd3f4e8bde6ca49a4"
_REFERENCE: Final = "5cf8f73096256a8f31e491e813e4eb8e"

REDACTED: Final = "[secret]"
"""What Pulumi writes where it must not, or cannot, tell a secret: previews as JSON, states without the passphrase."""

MARKED_LENGTH: Final = len(UNKNOWN_TEXT)
"""Shorter texts, `REDACTED` apart, are what they are."""


def decode_properties(struct: struct_pb2.Struct) -> dict[str, Value]:
    """Read an object from the wire. Absent and null properties are left out."""
    decoded = _fields(struct)
    return {key: value for key, value in decoded.items() if value is not None}


def decode(value: struct_pb2.Value) -> Value:
    """Read a value from the wire."""
    kind = value.WhichOneof("kind")
    if kind == "string_value":
        return decode_text(value.string_value)
    if kind == "number_value":
        return value.number_value
    if kind == "bool_value":
        return value.bool_value
    if kind == "list_value":
        return [decode(item) for item in value.list_value.values]
    if kind == "struct_value":
        fields = _fields(value.struct_value)
        return _marked(fields) if SIGNATURE in fields else fields
    return None


def _fields(struct: struct_pb2.Struct) -> dict[str, Value]:
    # Sorted: protobuf gives the keys in an order of its own, another one in every process.
    fields: dict[str, Value] = {}
    for key, value in sorted(struct.fields.items(), key=_key):
        # Most values are texts: no call for those.
        fields[key] = decode_text(value.string_value) if value.HasField("string_value") else decode(value)
    return fields


_key: Final = operator.itemgetter(0)


def decode_plain_properties(values: Mapping[str, object]) -> dict[str, Value]:
    """Read an object from parsed JSON. Absent and null properties are left out."""
    decoded = {key: decode_plain(value) for key, value in values.items()}
    return {key: value for key, value in decoded.items() if value is not None}


def decode_plain(value: object) -> Value:
    """Read a value from parsed JSON, as in stack exports and in preview JSON."""
    if isinstance(value, str):
        return decode_text(value)
    if value is None or isinstance(value, (bool, int, float)):
        return value
    if isinstance(value, Mapping):
        fields = {str(key): decode_plain(item) for key, item in value.items()}
        return _marked(fields) if SIGNATURE in fields else fields
    if isinstance(value, Sequence):
        return [decode_plain(item) for item in value]
    raise TypeError(f"JSON has no values of type {type(value).__name__}")


def decode_text(text: str) -> Value:
    """Read a text: itself, unless it stands for something that is not known."""
    # The reserved text also counts inside a longer one: somebody built a text from a value that nobody knows.
    if len(text) < MARKED_LENGTH:
        return Secret(UNKNOWN) if text == REDACTED else text
    if text in UNKNOWN_TEXTS or UNKNOWN_TEXT in text:
        return UNKNOWN
    return text


def _marked(fields: Mapping[str, Value]) -> Value:
    """Give what an object with a signature stands for."""
    signature = fields[SIGNATURE]
    if signature == SECRET:
        return _secret(fields)
    if signature == OUTPUT:
        inner = fields.get("value", UNKNOWN)
        return Secret(reveal(inner)) if fields.get("secret") is True else inner
    if signature == _REFERENCE:
        return _reference(fields)
    # An asset or an archive, or a mark of a later engine: its parts are readable as they are.
    return {key: value for key, value in fields.items() if key != SIGNATURE}


def _secret(fields: Mapping[str, Value]) -> Value:
    """Read a secret: its value on the wire, its JSON text or its encrypted text in a stack export."""
    plain = fields.get("plaintext")
    if isinstance(plain, str):
        try:
            return Secret(reveal(decode_plain(json.loads(plain))))
        except ValueError:
            return Secret(plain)
    return Secret(reveal(fields.get("value", UNKNOWN)))


def _reference(fields: Mapping[str, Value]) -> Value:
    """Give what a provider gets to see of a resource: the id of a custom one, the URN of a component."""
    if "id" not in fields:
        return fields.get("urn")
    found = fields["id"]
    return UNKNOWN if found is None or found == "" else found


def encode_properties(values: Mapping[str, Value]) -> struct_pb2.Struct:
    """Write an object for the wire."""
    struct = struct_pb2.Struct()
    for key, value in values.items():
        struct.fields[key].CopyFrom(encode(value))
    return struct


def encode(value: Value) -> struct_pb2.Value:
    """Write a value for the wire."""
    if isinstance(value, Unknown):
        return struct_pb2.Value(string_value=UNKNOWN_TEXT)
    if isinstance(value, Secret):
        secret = {SIGNATURE: struct_pb2.Value(string_value=SECRET), "value": encode(value.value)}
        return struct_pb2.Value(struct_value=struct_pb2.Struct(fields=secret))
    if value is None:
        return struct_pb2.Value(null_value=struct_pb2.NULL_VALUE)
    if isinstance(value, bool):
        return struct_pb2.Value(bool_value=value)
    if isinstance(value, (int, float)):
        return struct_pb2.Value(number_value=value)
    if isinstance(value, str):
        return struct_pb2.Value(string_value=value)
    if is_list(value):
        return struct_pb2.Value(list_value=struct_pb2.ListValue(values=_encoded(value)))
    if isinstance(value, Mapping):
        return struct_pb2.Value(struct_value=encode_properties(value))
    raise TypeError(f"{type(value).__name__} is no value of a property")


def _encoded(values: Iterable[Value]) -> list[struct_pb2.Value]:
    return [encode(value) for value in values]
