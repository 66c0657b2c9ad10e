"""Unknowns and secrets as outputs: the form in which transforms get to see them.

A transform is a function of the program. What is not known yet reaches it as an output without a value, as any other
code of the program would see it, so that it can be passed on and built upon.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from google.protobuf import struct_pb2

from policypack.sources.wire import OUTPUT, SECRET, SIGNATURE, UNKNOWN_TEXT

if TYPE_CHECKING:
    from collections.abc import Callable


def with_outputs(struct: struct_pb2.Struct, made_from: Mapping[str, Iterable[str]]) -> struct_pb2.Struct:
    """Turn every unknown and every secret into an output.

    Args:
        struct: The properties of a resource.
        made_from: For each property that has to be an output as a whole, the URNs that it was made from.
    """
    upgraded = _each(struct, _upgrade)
    for key, urns in made_from.items():
        if key in upgraded.fields and list(urns):
            value = upgraded.fields[key]
            if _signature(value) != OUTPUT:
                value = _output(value, secret=False)
            for urn in sorted(urns):
                value.struct_value.fields["dependencies"].list_value.values.add().string_value = urn
            upgraded.fields[key].CopyFrom(value)
    return upgraded


def without_outputs(struct: struct_pb2.Struct) -> struct_pb2.Struct:
    """Turn every output back into its value, an unknown or a secret."""
    return _each(struct, _downgrade)


def _each(struct: struct_pb2.Struct, change: Callable[[struct_pb2.Value], struct_pb2.Value]) -> struct_pb2.Struct:
    return struct_pb2.Struct(fields={key: change(value) for key, value in struct.fields.items()})


def _upgrade(value: struct_pb2.Value) -> struct_pb2.Value:
    if value.string_value == UNKNOWN_TEXT:
        return _output(None, secret=False)
    signature = _signature(value)
    if signature == SECRET:
        inner = value.struct_value.fields["value"]
        return _output(None if inner.string_value == UNKNOWN_TEXT else _upgrade(inner), secret=True)
    return value if signature else _inside(value, _upgrade)


def _downgrade(value: struct_pb2.Value) -> struct_pb2.Value:
    if _signature(value) != OUTPUT:
        return value if _signature(value) else _inside(value, _downgrade)
    fields = value.struct_value.fields
    inner = _downgrade(fields["value"]) if "value" in fields else struct_pb2.Value(string_value=UNKNOWN_TEXT)
    if not ("secret" in fields and fields["secret"].bool_value):
        return inner
    secret = {SIGNATURE: struct_pb2.Value(string_value=SECRET), "value": inner}
    return struct_pb2.Value(struct_value=struct_pb2.Struct(fields=secret))


def _inside(value: struct_pb2.Value, change: Callable[[struct_pb2.Value], struct_pb2.Value]) -> struct_pb2.Value:
    kind = value.WhichOneof("kind")
    if kind == "struct_value":
        return struct_pb2.Value(struct_value=_each(value.struct_value, change))
    if kind == "list_value":
        return struct_pb2.Value(list_value=struct_pb2.ListValue(values=map(change, value.list_value.values)))
    return value


def _output(value: struct_pb2.Value | None, *, secret: bool) -> struct_pb2.Value:
    fields = {SIGNATURE: struct_pb2.Value(string_value=OUTPUT)}
    if value is not None:
        fields["value"] = value
    if secret:
        fields["secret"] = struct_pb2.Value(bool_value=True)
    return struct_pb2.Value(struct_value=struct_pb2.Struct(fields=fields))


def _signature(value: struct_pb2.Value) -> str:
    fields = value.struct_value.fields
    return fields[SIGNATURE].string_value if SIGNATURE in fields else ""
