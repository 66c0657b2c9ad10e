"""Which properties the provider's resources have: data for tools and tests, never asked while a stack is judged.

The table in `data/properties.json` is written by `tools/properties.py` and names its source.
"""

from __future__ import annotations

import functools
import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from policypack.gcp import types

if TYPE_CHECKING:
    from collections.abc import Mapping

TABLE: Final = Path(__file__).parent / "data" / "properties.json"

_INDEX: Final = re.compile(r"\[\d+\]")


def type_tokens() -> tuple[str, ...]:
    """List every type that `gcp/types.py` names, sorted."""
    return tuple(sorted(value for value in vars(types).values() if isinstance(value, str) and value.startswith("gcp:")))


def properties_of(type_token: str) -> Mapping[str, str]:
    """Give every property of a type by its path (`backends[].group`), with its kind; none if the type is not listed.

    Kinds are `string`, `number`, `bool`, `list`, `object`, `map` and `any`.
    """
    found: Mapping[str, str] = _types().get(type_token, {}).get("properties", {})
    return found


def required_of(type_token: str) -> tuple[str, ...]:
    """List the properties that a program must give, those inside a block included, sorted."""
    return tuple(_types().get(type_token, {}).get("required", ()))


def outputs_of(type_token: str) -> tuple[str, ...]:
    """List the properties of the first rank that a program cannot give, sorted."""
    return tuple(_types().get(type_token, {}).get("outputs", ()))


def has_property(type_token: str, path: str) -> bool:
    """Tell whether resources of a type have a property, such as `backends[0].group` or a key of a map."""
    known = properties_of(type_token)
    pattern = _INDEX.sub("[]", path)
    if pattern in known:
        return True
    before, dot, _ = pattern.rpartition(".")
    return bool(dot) and known.get(before) == "map"


@functools.cache
def _types() -> Mapping[str, Any]:
    listed: Mapping[str, Any] = json.loads(TABLE.read_text(encoding="utf-8"))["types"]
    return listed
