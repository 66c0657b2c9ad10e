"""Resources as the engine sends them, and as rules read them."""

from __future__ import annotations

import functools
import sys
from typing import TYPE_CHECKING, Final

from google.protobuf import struct_pb2
from pulumi.runtime.proto import analyzer_pb2

from policypack.gcp.normal import normalise
from policypack.model.records import dataclass
from policypack.model.resource import Options, Provider, Resource
from policypack.model.values import Secret, Value, secret_texts
from policypack.sources.wire import decode_properties

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from policypack.sources.crossguard.reading import PropertyReader

LOOKED_AT: Final = ("gcp:",)
"""Packages whose resources rules and views look at. The properties of others are not even decoded."""

_CUSTOM: Final = (*LOOKED_AT, "pulumi:providers:")


@dataclass(frozen=True)
class Told:
    """A resource as a request tells of it.

    Attributes:
        resource: The resource.
        secrets: Every text inside secrets of its properties and of its provider.
    """

    resource: Resource
    secrets: frozenset[str]


def analyzed(request: analyzer_pb2.AnalyzeRequest, reader: PropertyReader) -> Told:
    """Read a resource that is about to be made: its inputs."""
    inputs, secrets = _properties(request.type, request.properties, request.options.additionalSecretOutputs, reader)
    provider, hidden = _provider(request.provider) if request.HasField("provider") else _NO_PROVIDER
    resource = Resource(
        urn=request.urn,
        type=request.type,
        name=request.name,
        inputs=inputs,
        provider=provider,
        options=_options(request.options),
        parent=request.options.parent or None,
        custom=_custom(request.type, has_provider=provider is not _NO_PROVIDER[0]),
    )
    return Told(resource, secrets | hidden if hidden else secrets)


def gives_nothing(properties: struct_pb2.Struct) -> bool:
    """Tell whether an object has no property, automatic ones included."""
    return all(value.WhichOneof("kind") in {None, "null_value"} for value in properties.fields.values())


def deployed(
    message: analyzer_pb2.AnalyzerResource,
    inputs: Mapping[str, Value] | None,
    reader: PropertyReader,
    *,
    bare: bool = False,
) -> Told:
    """Read a resource of the whole stack: its outputs, with the inputs that were heard of before.

    Args:
        message: The resource.
        inputs: Its inputs, None if the engine never asked about it.
        reader: Reads the properties.
        bare: Whether the engine asked about it, and gave no property at all.
    """
    token = sys.intern(message.type)
    same = reader.same.__getitem__
    given = message.options
    options = _options(given)
    # Most resources have no options at all.
    hidden_outputs = () if options is _NO_OPTIONS else given.additionalSecretOutputs
    outputs, secrets = _properties(token, message.properties, hidden_outputs, reader)
    provider, hidden = _provider(message.provider) if message.HasField("provider") else _NO_PROVIDER
    resource = Resource(
        same(message.urn),  # by position, as far as that goes: names cost twice as much
        token,
        message.name,
        inputs,
        outputs,
        None if outputs is None else outputs.get("id"),
        provider,
        options,
        message.parent or given.parent or None,
        tuple(map(same, message.dependencies)),
        {sys.intern(name): tuple(map(same, made.urns)) for name, made in message.propertyDependencies.items()},
        custom=_custom(token, has_provider=provider is not _NO_PROVIDER[0]),
        # The protocol does not mark what is only read (`pulumi policy analyze` sends that too). Such a resource
        # has properties although nobody gave it any; one that is managed never has, not even an automatic name.
        external=bare and token.startswith(LOOKED_AT) and not gives_nothing(message.properties),
    )
    return Told(resource, secrets | hidden if hidden else secrets)


def _properties(
    type_token: str,
    struct: struct_pb2.Struct,
    hidden_outputs: Iterable[str],
    reader: PropertyReader,
) -> tuple[dict[str, Value] | None, frozenset[str]]:
    if not type_token.startswith(LOOKED_AT):
        return None, frozenset()
    properties, secrets = reader.read(type_token, struct)
    for name in hidden_outputs:
        if name in properties:
            properties[name] = Secret(properties[name])
            secrets |= secret_texts(properties[name])
    return properties, secrets


def _custom(type_token: str, *, has_provider: bool) -> bool:
    """Tell a resource from a component: only a resource is made by a provider, or is one."""
    return has_provider or type_token.startswith(_CUSTOM)


def _options(message: analyzer_pb2.AnalyzerResourceOptions) -> Options:
    return _read_options(message.SerializeToString()) if message.ByteSize() else _NO_OPTIONS


@functools.lru_cache(maxsize=256)
def _read_options(told: bytes) -> Options:
    message = analyzer_pb2.AnalyzerResourceOptions.FromString(told)
    return Options(
        protect=message.protect,
        ignore_changes=tuple(message.ignoreChanges),
        delete_before_replace=message.deleteBeforeReplace,
        aliases=tuple(message.aliases),
    )


_NO_OPTIONS: Final = Options()


def _provider(message: analyzer_pb2.AnalyzerProviderResource) -> tuple[Provider, frozenset[str]]:
    # A stack has few providers and many resources: each provider is read once.
    return _read_provider(message.SerializeToString())


@functools.lru_cache(maxsize=256)
def _read_provider(told: bytes) -> tuple[Provider, frozenset[str]]:
    message = analyzer_pb2.AnalyzerProviderResource.FromString(told)
    inputs = normalise("", decode_properties(message.properties))
    version = inputs.get("version")
    provider = Provider(urn=message.urn, version=version if isinstance(version, str) else None, inputs=inputs)
    return provider, frozenset(secret_texts(inputs))


_NO_PROVIDER: Final[tuple[Provider, frozenset[str]]] = (Provider(), frozenset())
