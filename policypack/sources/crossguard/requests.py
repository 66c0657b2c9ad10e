"""Resources as the engine sends them, and as rules read them.

Values are normalised here, and not when the graph is made, since what Analyze tells is needed twice.
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Final

from google.protobuf import struct_pb2
from pulumi.runtime.proto import analyzer_pb2

from policypack.gcp.normal import normalise
from policypack.model.resource import Options, Provider, Resource
from policypack.model.values import Secret, Value
from policypack.sources.wire import decode_properties

if TYPE_CHECKING:
    from collections.abc import Mapping

LOOKED_AT: Final = ("gcp:",)
"""Packages whose resources rules and views look at. The properties of others are not even decoded."""

_PROVIDERS: Final = "pulumi:providers:"


def analyzed(request: analyzer_pb2.AnalyzeRequest) -> Resource:
    """Read a resource that is about to be made: its inputs."""
    return Resource(
        urn=request.urn,
        type=request.type,
        name=request.name,
        inputs=_normal(request.type, _properties(request.type, request.properties, request.options)),
        provider=_provider(request.provider) if request.HasField("provider") else Provider(),
        options=_options(request.options),
        parent=request.options.parent or None,
        custom=_custom(request.type, has_provider=request.HasField("provider")),
    )


def gives_nothing(request: analyzer_pb2.AnalyzeRequest) -> bool:
    """Tell whether a resource is to be made without any property, automatic ones included."""
    return all(value.WhichOneof("kind") in {None, "null_value"} for value in request.properties.fields.values())


def deployed(
    message: analyzer_pb2.AnalyzerResource, inputs: Mapping[str, Value] | None, *, bare: bool = False
) -> Resource:
    """Read a resource of the whole stack: its outputs, with the inputs that were heard of before.

    Args:
        message: The resource.
        inputs: Its inputs, None if the engine never asked about it.
        bare: Whether the engine asked about it, and gave no property at all.
    """
    outputs = _properties(message.type, message.properties, message.options)
    return Resource(
        urn=message.urn,
        type=message.type,
        name=message.name,
        inputs=inputs,
        outputs=_normal(message.type, outputs),
        id=None if outputs is None else outputs.get("id"),
        provider=_provider(message.provider) if message.HasField("provider") else Provider(),
        options=_options(message.options),
        parent=message.parent or message.options.parent or None,
        dependencies=tuple(message.dependencies),
        property_dependencies={name: tuple(made.urns) for name, made in message.propertyDependencies.items()},
        custom=_custom(message.type, has_provider=message.HasField("provider")),
        # The protocol does not mark what is only read (`pulumi policy analyze` sends that too). Such a resource
        # has properties although nobody gave it any; one that is managed never has, not even an automatic name.
        external=bare and bool(outputs) and message.type.startswith(LOOKED_AT),
    )


def _properties(
    type_token: str, struct: struct_pb2.Struct, options: analyzer_pb2.AnalyzerResourceOptions
) -> dict[str, Value] | None:
    if not type_token.startswith(LOOKED_AT):
        return None
    properties = decode_properties(struct)
    for name in options.additionalSecretOutputs:
        if name in properties:
            properties[name] = Secret(properties[name])
    return properties


def _normal(type_token: str, values: Mapping[str, Value] | None) -> Mapping[str, Value] | None:
    return None if values is None else normalise(type_token, values)


def _custom(type_token: str, *, has_provider: bool) -> bool:
    """Tell a resource from a component: only a resource is made by a provider, or is one."""
    return has_provider or type_token.startswith((*LOOKED_AT, _PROVIDERS))


def _options(message: analyzer_pb2.AnalyzerResourceOptions) -> Options:
    return Options(
        protect=message.protect,
        ignore_changes=tuple(message.ignoreChanges),
        delete_before_replace=message.deleteBeforeReplace,
        aliases=tuple(message.aliases),
    )


def _provider(message: analyzer_pb2.AnalyzerProviderResource) -> Provider:
    # A stack has few providers and many resources: each provider is decoded once.
    return _decoded_provider(message.urn, message.properties.SerializeToString())


@functools.lru_cache(maxsize=256)
def _decoded_provider(urn: str, properties: bytes) -> Provider:
    inputs = decode_properties(struct_pb2.Struct.FromString(properties))
    version = inputs.get("version")
    return Provider(urn=urn, version=version if isinstance(version, str) else None, inputs=normalise("", inputs))
