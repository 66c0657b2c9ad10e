"""What the stand-in gcp provider answers: checked inputs, planned state and the state after an operation.

The real provider is a bridge over Terraform's: its Check fills static defaults and names, and at a preview it
answers with Terraform's plan, in which what Google decides is still unknown. The facts that differ by type
(which properties Google writes, what a left-out property is in a plan, what forces a replacement) are data, in
`gcp_plan.json`:

* `outputs`: properties that only Google writes;
* `computed`: optional properties that Google decides when they are left out, with their kind;
* `absent`: per block (`""` is the resource, `a[]` each element of the list `a`), what a left-out property is in
  a plan: the empty list for lists of blocks, `""` for strings inside set blocks, and the static defaults that
  Check does not fill;
* `fromProvider`: properties taken from the provider's configuration, with a fallback;
* `forceNew`: properties whose change replaces the resource.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from tests.e2e import gcp_cloud

# How the engine's protocol writes a value that cannot be known yet.
UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
# Left to the provider, these stay unknown in a plan although the provider's configuration is known.
UNKNOWN_THOUGH_CONFIGURED = {
    ("gcp:compute/instanceTemplate:InstanceTemplate", "region"),
    ("gcp:storage/bucket:Bucket", "project"),
}
SERVICE_ACCOUNT = "gcp:serviceaccount/account:Account"

Properties = dict[str, Any]


@cache
def _types() -> dict[str, dict[str, Any]]:
    text = (Path(__file__).parent / "gcp_plan.json").read_text(encoding="utf-8")
    types: dict[str, dict[str, Any]] = json.loads(text)
    return types


def facts(token: str) -> dict[str, Any]:
    """The facts about a type token; a type that is not in the data has no outputs and no defaults."""
    return _types().get(token, {})


def plan(token: str, inputs: Properties, config: Mapping[str, Any], old: Properties | None) -> Properties:
    """The planned state of a resource: checked inputs, completed as the provider's plan completes them.

    Args:
        token: The type.
        inputs: What Check answered; unknown values are `UNKNOWN`.
        config: The provider's configuration.
        old: The state before an update. What Google decided once stays; None when the resource is new.

    Returns:
        The outputs that the engine is given; what Google will decide is `UNKNOWN`.
    """
    known = facts(token)
    planned: Properties = _without_marks(inputs)
    for path, values in known.get("absent", {}).items():
        for block in _blocks(planned, path):
            for name, value in values.items():
                block.setdefault(name, [] if value == [] else value)
    for name, (key, *fallback) in known.get("fromProvider", {}).items():
        configured = config.get(key) or (fallback[0] if fallback else UNKNOWN)
        planned.setdefault(name, UNKNOWN if (token, name) in UNKNOWN_THOUGH_CONFIGURED else configured)
    for name in (*known.get("computed", {}), *known.get("outputs", ())):
        planned.setdefault(name, UNKNOWN if old is None else old.get(name, UNKNOWN))
    planned.update(_labels(known, inputs))
    if token == SERVICE_ACCOUNT:
        planned.update(_service_account(planned))
    return planned


def apply(token: str, name: str, planned: Properties) -> tuple[str, Properties]:
    """The id and the state of a resource after it was created or updated: the plan with nothing unknown."""
    kinds: dict[str, str] = facts(token).get("computed", {})
    known = {key: value for key, value in planned.items() if value != UNKNOWN}
    resource_id = gcp_cloud.resource_id(token, name, known)
    for key in planned.keys() - known.keys():
        kind = kinds.get(key, "output")
        if kind != "object":  # a single block that Google decides on stays absent
            known[key] = gcp_cloud.decided(token, key, kind, resource_id, known)
    return resource_id, known


def changed(token: str, old_inputs: Properties, new_inputs: Properties) -> tuple[list[str], list[str]]:
    """The top-level properties that an update changes, and those of them that replace the resource."""
    old, new = _without_marks(old_inputs), _without_marks(new_inputs)
    differing = sorted(key for key in old.keys() | new.keys() if old.get(key) != new.get(key))
    force = facts(token).get("forceNew", ())
    return differing, [key for key in differing if key in force]


def _without_marks(value: Any) -> Any:
    """A copy without the bridge's own `__…` keys, and with each list of scalars known as a whole or not at all."""
    if isinstance(value, dict):
        if gcp_cloud.SECRET in value:
            return {**value, "value": _without_marks(value.get("value"))}
        return {key: _without_marks(inner) for key, inner in value.items() if not key.startswith("__")}
    if isinstance(value, list):
        if UNKNOWN in value and not any(isinstance(element, dict) for element in value):
            return UNKNOWN
        return [_without_marks(element) for element in value]
    return value


def _blocks(planned: Properties, path: str) -> Iterator[Properties]:
    """The objects at a path such as `pathMatchers[].routeRules[]`; `""` is the resource itself."""
    level: list[Any] = [planned]
    for step in path.split(".") if path else ():
        name = step.removesuffix("[]")
        found = [block[name] for block in level if isinstance(block, dict) and name in block]
        if step.endswith("[]"):
            found = [element for each in found if isinstance(each, list) for element in each]
        level = found
    yield from (block for block in level if isinstance(block, dict) and gcp_cloud.SECRET not in block)


def _labels(known: Mapping[str, Any], inputs: Properties) -> Properties:
    """The two label outputs that the provider's plan computes itself."""
    labels = inputs.get("labels", {})
    if "effectiveLabels" not in known.get("outputs", ()) or not isinstance(labels, dict):
        return {}
    if gcp_cloud.SECRET in labels:
        labels = labels["value"]
    own = {key: value for key, value in labels.items() if not key.startswith("__")}
    return {"pulumiLabels": own, "effectiveLabels": {**own, "goog-pulumi-provisioned": "true"}}


def _service_account(planned: Properties) -> Properties:
    """A service account's e-mail and member, which the provider's plan knows from its id and project."""
    account, project = planned.get("accountId"), planned.get("project")
    if not isinstance(account, str) or not isinstance(project, str) or UNKNOWN in (account, project):
        return {}
    email = f"{account}@{project}.iam.gserviceaccount.com"
    return {"email": email, "member": f"serviceAccount:{email}"}
