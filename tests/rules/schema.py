"""What properties the provider's resources have, read off its SDK."""

from __future__ import annotations

import functools
import importlib
import typing
import warnings
from typing import Any

from pulumi import _types as sdk

from policypack.model.values import steps


def has_property(type_token: str, path: str) -> bool:
    """Tell whether resources of a type have a property at a path such as `backends[0].group`."""
    here: Any = None
    for step in steps(path):
        if here is None:
            here = _properties(type_token).get(str(step))
        elif isinstance(step, int):
            here = _argument(here, 0)
        elif sdk.is_output_type(here):
            here = sdk.output_type_types(here).get(step)
        else:
            here = _argument(here, 1)  # a map: any key will do
        here = sdk.unwrap_optional_type(here) if here is not None else None
        if here is None:
            return False
    return True


@functools.cache
def _properties(type_token: str) -> dict[str, Any]:
    package, module, name = type_token.split(":")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # the SDK's, about its own old names
        found = importlib.import_module(f"pulumi_{package}.{module.split('/')[0]}")
        hints: dict[str, Any] = sdk.resource_types(getattr(found, name))
    return hints


def _argument(hint: Any, index: int) -> Any:
    arguments = typing.get_args(hint)
    return arguments[index] if len(arguments) > index else None
