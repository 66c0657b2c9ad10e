"""What the stand-in provider's Check does: static defaults and made-up names.

The defaults are the product's own table: what the pack expects of a provider and what this provider does are
one list, so that a preview here and the offline check see the same inputs.
"""

from __future__ import annotations

from typing import Any

from policypack.gcp import provider_defaults
from policypack.model.values import Secret, Value
from tests.e2e.gcp_cloud import SECRET

Properties = dict[str, Any]

# The value that the engine's protocol gives the key of a secret.
SECRET_SIGNATURE = "1b47061264138c4ac30d75fd1eb44270"
AUTONAMED = ("name", "accountId", "projectId", "roleId", "secretId")


def check(token: str, news: Properties, olds: Properties, *, name: str, version: str, seed: str) -> Properties:
    """The checked inputs of a resource: a name and the static defaults where the program left them out.

    Args:
        token: The type.
        news: What the program wrote.
        olds: The checked inputs of the last operation, empty for a new resource. Made-up names stay.
        name: The resource's name in the program.
        version: The provider's version; older ones have other defaults.
        seed: What makes a made-up name unique.
    """
    model = {key: _to_model(value) for key, value in news.items()}
    filled = provider_defaults.fill(token, model, name, version, urn=seed)
    checked: Properties = {key: _from_model(value) for key, value in filled.items()}
    for key in AUTONAMED:
        if key in checked and key not in news and key in olds:
            checked[key] = olds[key]
    _mark_defaults(news, checked)
    return checked


def _mark_defaults(before: Any, after: Any) -> None:
    """Leaves the bridge's `__defaults` list in each block in which a default was filled."""
    if isinstance(after, dict) and isinstance(before, dict) and SECRET not in after:
        for key, value in before.items():
            _mark_defaults(value, after.get(key))
        added = sorted(after.keys() - before.keys())
        if added:
            after["__defaults"] = added
    elif isinstance(after, list) and isinstance(before, list):
        for old, new in zip(before, after, strict=True):
            _mark_defaults(old, new)


def _to_model(value: Any) -> Value:
    if isinstance(value, dict):
        if SECRET in value:
            return Secret(_to_model(value.get("value")))
        return {key: _to_model(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_to_model(element) for element in value]
    plain: Value = value
    return plain


def _from_model(value: Any) -> Any:
    if isinstance(value, Secret):
        return {SECRET: SECRET_SIGNATURE, "value": _from_model(value.value)}
    if isinstance(value, dict):
        return {key: _from_model(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_from_model(element) for element in value]
    return value
