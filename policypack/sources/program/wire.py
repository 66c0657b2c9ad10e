"""Values as they travel between a Pulumi program and its engine, and as rules read them.

Pulumi sends values as protobuf structs. What JSON has no word for (secrets, unknowns, assets, references to
resources) travels as a reserved string or as an object with a signature.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from google.protobuf import struct_pb2

from policypack.model.values import UNKNOWN, Secret, Unknown, Value

if TYPE_CHECKING:
    from collections.abc import Iterable

UNKNOWN_TEXT: Final = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
"""Stands for any value that is not known yet."""

_SIGNATURE: Final = "4dabf18193072939515e22adb298388d"
_SECRET: Final = "1b47061264138c4ac30d75fd1eb44270"
_OUTPUT: Final = "d0e6a833031e9bbcd3f4e8bde6ca49a4"
_REFERENCE: Final = "5cf8f73096256a8f31e491e813e4eb8e"


def decode_properties(struct: struct_pb2.Struct) -> dict[str, Value]:
    """Read an object from the wire. Absent and null properties are left out."""
    decoded = {key: decode(value) for key, value in struct.fields.items()}
    return {key: value for key, value in decoded.items() if value is not None}


def decode(value: struct_pb2.Value) -> Value:
    """Read a value from the wire."""
    kind = value.WhichOneof("kind")
    if kind == "string_value":
        # The reserved text inside a longer one: the program built a text from a value that nobody knows.
        return UNKNOWN if UNKNOWN_TEXT in value.string_value else value.string_value
    if kind == "number_value":
        return value.number_value
    if kind == "bool_value":
        return value.bool_value
    if kind == "list_value":
        return [decode(item) for item in value.list_value.values]
    if kind == "struct_value":
        return _decode_struct(value.struct_value)
    return None


def _decode_struct(struct: struct_pb2.Struct) -> Value:
    fields = struct.fields
    signature = fields[_SIGNATURE].string_value if _SIGNATURE in fields else ""
    if signature == _SECRET:
        return Secret(decode(fields["value"]))
    if signature == _OUTPUT:
        inner = decode(fields["value"]) if "value" in fields else UNKNOWN
        return Secret(inner) if "secret" in fields and fields["secret"].bool_value else inner
    if signature == _REFERENCE:
        return _decode_reference(fields)
    return {key: decode(item) for key, item in fields.items() if key != _SIGNATURE}


def _decode_reference(fields: Mapping[str, struct_pb2.Value]) -> Value:
    """Give what a provider gets to see of a resource: the id of a custom one, the URN of a component."""
    if "id" not in fields:
        return decode(fields["urn"])
    found = decode(fields["id"])
    return found if found not in (None, "") else UNKNOWN


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
        secret = {_SIGNATURE: struct_pb2.Value(string_value=_SECRET), "value": encode(value.value)}
        return struct_pb2.Value(struct_value=struct_pb2.Struct(fields=secret))
    if value is None:
        return struct_pb2.Value(null_value=struct_pb2.NULL_VALUE)
    if isinstance(value, bool):
        return struct_pb2.Value(bool_value=value)
    if isinstance(value, (int, float)):
        return struct_pb2.Value(number_value=value)
    if isinstance(value, str):
        return struct_pb2.Value(string_value=value)
    if isinstance(value, Mapping):
        return struct_pb2.Value(struct_value=encode_properties(value))
    return struct_pb2.Value(list_value=struct_pb2.ListValue(values=_encoded(value)))


def _encoded(values: Iterable[Value]) -> list[struct_pb2.Value]:
    return [encode(value) for value in values]
