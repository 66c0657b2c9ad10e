"""Writes remedies into the properties of a resource as the engine sent them: what is not touched stays to the byte."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from google.protobuf import struct_pb2
from pulumi.runtime.proto import analyzer_pb2

from policypack import __version__
from policypack.engine.remedies import NoPlace, mend
from policypack.model.values import steps
from policypack.sources.crossguard.metadata import PACK_NAME
from policypack.sources.wire import OUTPUT, SECRET, SIGNATURE, encode

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from policypack.engine.remedies import Change
    from policypack.engine.settings import Settings
    from policypack.engine.verdict import Verdict
    from policypack.model.finding import Finding
    from policypack.model.resource import Resource
    from policypack.model.values import Step, Value
    from policypack.rules.contract import Rule


def remediated(
    properties: struct_pb2.Struct,
    resource: Resource,
    rules: Sequence[Rule],
    settings: Settings,
    spared: Callable[[Verdict, Finding], bool],
) -> analyzer_pb2.RemediateResponse:
    """Give what each rule at level `remediate` makes of the properties of a resource.

    The engine takes the properties of the last one, so each builds on the one before it.

    Args:
        properties: The properties, as the engine sent them.
        resource: The resource, as rules read it.
        rules: The resource rules of its type.
        settings: The configuration.
        spared: Tells of a finding whether it stays as it is.
    """
    answer = analyzer_pb2.RemediateResponse()
    for mended in mend(resource, rules, settings, spared):
        try:
            properties = _with(properties, mended.changes)
        except NoPlace:
            # What was sent is less tidy than what rules read. The rule then says what is wrong, when it is asked.
            continue
        answer.remediations.add(
            policyName=mended.rule.name,
            policyPackName=PACK_NAME,
            policyPackVersion=__version__,
            description=mended.rule.description,
            properties=properties,
        )
    return answer


def _with(properties: struct_pb2.Struct, changes: Iterable[Change]) -> struct_pb2.Struct:
    whole = struct_pb2.Value()
    whole.struct_value.CopyFrom(properties)
    for change in changes:
        _write(whole, steps(change.path), change.value)
    return whole.struct_value


def _write(value: struct_pb2.Value, path: Sequence[Step], new: Value) -> None:
    """Write a value at a path, in place.

    Raises:
        NoPlace: Something on the way is no object or list, or is not known.
    """
    kind = value.WhichOneof("kind")
    if kind == "struct_value" and SIGNATURE in value.struct_value.fields:
        fields = value.struct_value.fields
        if fields[SIGNATURE].string_value not in {SECRET, OUTPUT} or "value" not in fields:
            raise NoPlace
        _write(fields["value"], path, new)
    elif not path:
        _replace(value, new)
    elif isinstance(path[0], int):
        if kind != "list_value" or path[0] >= len(value.list_value.values):
            raise NoPlace
        _write(value.list_value.values[path[0]], path[1:], new)
    elif kind in {None, "null_value", "struct_value"}:
        _write(value.struct_value.fields[path[0]], path[1:], new)
    else:
        raise NoPlace


def _replace(value: struct_pb2.Value, new: Value) -> None:
    if value.WhichOneof("kind") != "struct_value" or not isinstance(new, Mapping):
        value.CopyFrom(encode(new))
        return
    for key, item in new.items():
        # What the program has said counts.
        if key not in value.struct_value.fields:
            value.struct_value.fields[key].CopyFrom(encode(item))
