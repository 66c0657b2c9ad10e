"""Small programs for the page of a new rule, made from what is known of the provider's resources."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from policypack.gcp.properties import properties_of, required_of

if TYPE_CHECKING:
    from collections.abc import Mapping


def violating(type_token: str) -> str:
    """Write a program with a resource that has only what it must have."""
    return _program(type_token, {})


def complying(type_token: str, name: str) -> str:
    """Write a program whose resource also has one more property."""
    return _program(type_token, {name: _value(type_token, name, "    ")})


def undecidable(type_token: str, name: str) -> str:
    """Write a program whose resource has that property with a value that only the deployment tells."""
    value = f"other.id.apply(lambda _: {_value(type_token, name, '    ')})"
    return _program(
        type_token, {name: value}, 'other = gcp.compute.Network("other", auto_create_subnetworks=False)\n\n'
    )


def _program(type_token: str, extra: Mapping[str, str], before: str = "") -> str:
    _, module, class_name = type_token.split(":")
    arguments = _arguments(type_token, "", "    ") | dict(extra)
    call = f"gcp.{module.partition('/')[0]}.{class_name}("
    written = [f"    {snake(name)}={value}," for name, value in arguments.items()]
    body = "\n".join([call, '    "example",', *written, ")"]) if written else f'{call}"example")'
    return f"import pulumi_gcp as gcp\n\n{before}{body}"


def _arguments(type_token: str, prefix: str, indent: str) -> dict[str, str]:
    """Give what must be given directly below a place, each with a value of its kind."""
    names = [path.removeprefix(prefix) for path in required_of(type_token) if path.startswith(prefix)]
    return {name: _value(type_token, f"{prefix}{name}", indent) for name in names if name.isalnum()}


def _value(type_token: str, path: str, indent: str) -> str:
    kind = properties_of(type_token).get(path, "string")
    if kind == "list":
        return f"[{_value(type_token, f'{path}[]', indent)}]"
    if kind == "object":
        inner = _arguments(type_token, f"{path}.", indent + "    ")
        lines = [f'{indent}    "{snake(name)}": {value},' for name, value in inner.items()]
        return "\n".join(["{", *lines, f"{indent}}}"]) if lines else "{}"
    return {"number": "1", "bool": "True", "map": '{"team": "example"}'}.get(kind, '"example"')


def snake(name: str) -> str:
    """Give the name that Python programs use for a property: `min_tls_version` for `minTlsVersion`."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()
