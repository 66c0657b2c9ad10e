"""Writes which properties the resource types have that the pack looks at, read off the provider's SDK.

    venv/bin/python tools/properties.py > policypack/gcp/data/properties.json

`make docs` does it, and `make docs-check` fails if the table is out of date: after a new type in
`policypack/gcp/types.py`, or with another version of `pulumi_gcp`. The tests hold every rule and every table of the
pack to it.
"""

from __future__ import annotations

import importlib
import importlib.metadata
import inspect
import json
import sys
import typing
import warnings
from typing import TYPE_CHECKING, Any, Final

from pulumi import _types as sdk

from policypack.gcp.properties import type_tokens

if TYPE_CHECKING:
    from collections.abc import Iterator

_KINDS: Final = {str: "string", bool: "bool", int: "number", float: "number"}


def table() -> dict[str, Any]:
    """Give the table: the source, and for each type its properties by path.

    Listed apart are those that must be given, and those (of the first rank) that only the provider gives.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # the SDK's, about its own old names
        types = {token: _facts(token) for token in type_tokens()}
    return {"source": f"pulumi_gcp {importlib.metadata.version('pulumi_gcp')}", "types": types}


def _facts(token: str) -> dict[str, Any]:
    package, module, name = token.split(":")
    members = importlib.import_module(f"pulumi_{package}.{module.split('/')[0]}")
    resource = getattr(members, name)
    holder = importlib.import_module(resource.__module__)
    # Where the usual name is that of a block, the SDK takes another.
    arguments = getattr(holder, f"{name}InitArgs", None) or getattr(holder, f"{name}Args")
    paths: dict[str, str] = {}
    required = list(_required(arguments, ""))
    hints = sdk.resource_types(resource)
    outputs = hints.keys() - sdk.input_type_py_to_pulumi_names(arguments).values()
    for key, hint in hints.items():
        paths.update(_below(key, hint))
        required += _required_below(members, key, hint)
    return {"required": sorted(required), "outputs": sorted(outputs), "properties": dict(sorted(paths.items()))}


def _below(path: str, hint: Any) -> Iterator[tuple[str, str]]:
    """Give a property and everything inside it, each with its kind."""
    hint = sdk.unwrap_optional_type(hint)
    if sdk.is_output_type(hint):
        yield path, "object"
        for key, inner in sdk.output_type_types(hint).items():
            yield from _below(f"{path}.{key}", inner)
    elif _is(hint, "Sequence"):
        yield path, "list"
        yield from _below(f"{path}[]", typing.get_args(hint)[0])
    elif _is(hint, "Mapping"):
        yield path, "map"
    else:
        yield path, _KINDS.get(hint, "any")


def _required_below(members: Any, path: str, hint: Any) -> Iterator[str]:
    """Give what must be given inside a property, once the property is."""
    hint = sdk.unwrap_optional_type(hint)
    if _is(hint, "Sequence"):
        yield from _required_below(members, f"{path}[]", typing.get_args(hint)[0])
    elif sdk.is_output_type(hint):
        arguments = getattr(members, f"{hint.__name__}Args", None)
        if arguments is not None:
            yield from _required(arguments, f"{path}.")
        for key, inner in sdk.output_type_types(hint).items():
            yield from _required_below(members, f"{path}.{key}", inner)


def _required(arguments: Any, before: str) -> Iterator[str]:
    names = sdk.input_type_py_to_pulumi_names(arguments)
    for name, parameter in inspect.signature(arguments.__init__).parameters.items():
        if name in names and parameter.default is inspect.Parameter.empty:
            yield f"{before}{names[name]}"


def _is(hint: Any, name: str) -> bool:
    return getattr(typing.get_origin(hint), "__name__", "") == name


def layout(found: dict[str, Any]) -> str:
    """Write one type per line, so that a change of the table can be reviewed."""
    lines = [f"  {json.dumps(token)}: {json.dumps(facts)}" for token, facts in found["types"].items()]
    return f'{{\n "source": {json.dumps(found["source"])},\n "types": {{\n' + ",\n".join(lines) + "\n }\n}\n"


if __name__ == "__main__":
    sys.stdout.write(layout(table()))
