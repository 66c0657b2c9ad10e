"""Builds deployments by hand, for tests of the model, the views and the rules.

    deployment = stack(
        res(HEALTH_CHECK, "probe", {"httpsHealthCheck": {"port": 443}}),
        res(BACKEND_SERVICE, "api", {"healthChecks": ref("probe"), "backends": [{"group": ref("group")}]}),
        res(INSTANCE_GROUP_MANAGER, "group", {"zone": "europe-west1-b", …}),
    )
    api = get(deployment, "api")

`stack` makes a deployment as it is read after an update: every reference is a known id. `preview` makes the same
deployment as it is seen before the first update: ids are unknown, references carry the resources they were made from.
A rule gives the same definite verdict on both unless its page says otherwise.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from policypack.engine.deployment import deployment_of
from policypack.gcp import types as t
from policypack.gcp.locations import location_of
from policypack.gcp.provider_defaults import fill
from policypack.gcp.schemes import SCHEMES, resource_path
from policypack.model.resource import Provider, Resource, SourcePosition
from policypack.model.values import UNKNOWN, Unknown, Value

if TYPE_CHECKING:
    from policypack.topology import Deployment

PROJECT = "test-project"
VERSION = "10.2.0"
STACK_REFERENCE = "pulumi:pulumi:StackReference"


@dataclass(frozen=True)
class Ref:
    """A reference to another resource of the same hand-made stack."""

    name: str
    type: str | None = None


@dataclass(frozen=True)
class UnknownRef:
    """An unknown value that was made from resources of the same hand-made stack."""

    names: tuple[str, ...]


def ref(name: str, type_token: str | None = None) -> Any:
    """Refer to a resource by its name in the program: known in `stack`, unknown in `preview`.

    Args:
        name: Its name.
        type_token: Its type, where two resources of the stack share the name.
    """
    return Ref(name, type_token)


def unknown_ref(*names: str) -> Any:
    """Give a value that is unknown, also in `stack`, and was made from these resources.

    As in the engine, what a value was made from is kept per top-level property, not per element.
    """
    return UnknownRef(names)


@dataclass(frozen=True)
class Draft:
    """A resource before its references are resolved."""

    type: str
    name: str
    props: Mapping[str, Any] | None = None
    options: Mapping[str, Any] = field(default_factory=dict)


def res(
    type_token: str,
    name: str,
    props: Mapping[str, Any] | None = None,
    *,
    defaults: bool = True,
    region: str | None = None,
    zone: str | None = None,
    project: str | None = PROJECT,
    version: str = VERSION,
    line: int | None = None,
    **fields: Any,
) -> Draft:
    """Draft a managed resource.

    Args:
        type_token: Its type.
        name: Its name in the program.
        props: Its inputs, in the provider's names; values may be `ref(…)`, `unknown_ref(…)` or `UNKNOWN`.
        defaults: Whether to fill what the provider fills: static defaults and made-up names.
        region: Region of its provider.
        zone: Zone of its provider.
        project: Project of its provider.
        version: Version of its provider.
        line: Line of `__main__.py` it was made in.
        fields: Further fields of `Resource`: `outputs`, `options`, `property_dependencies`, …
    """
    provider = {"project": project, "region": region, "zone": zone}
    given = {key: value for key, value in provider.items() if value is not None}
    fields["provider"] = Provider(urn="", version=version, inputs=given)
    if line is not None:
        fields["source"] = SourcePosition("__main__.py", line)
    fields["_defaults"] = defaults
    return Draft(type_token, name, props or {}, fields)


def blank(type_token: str, name: str) -> Draft:
    """Draft a resource of which nothing is known: a new one that `--target` left out."""
    return Draft(type_token, name, None, {})


def read(type_token: str, name: str, /, **outputs: Any) -> Draft:
    """Draft what `.get()` gives: something that is read, not managed."""
    return Draft(type_token, name, {}, {"external": True, "outputs": outputs, "_defaults": False})


def stack_reference(name: str) -> Draft:
    """Draft a reference to another stack; use it with `unknown_ref(name)`."""
    return Draft(STACK_REFERENCE, name, {"name": f"org/other/{name}"}, {"_defaults": False})


def urn(type_token: str, name: str) -> str:
    """Give the URN that a hand-made resource has."""
    return f"urn:pulumi:dev::shop::{type_token}::{name}"


def stack(*drafts: Draft) -> Deployment:
    """Make a deployment of which every reference is known, as after an update."""
    return _build(drafts, known=True)


def preview(*drafts: Draft) -> Deployment:
    """Make a deployment as it is before its first update: ids, and so references, are unknown."""
    return _build(drafts, known=False)


def get(deployment: Deployment, name: str, type_token: str | None = None) -> Resource:
    """Give a resource of a deployment by its name in the program."""
    found = [one for one in deployment.graph.resources if one.name == name and type_token in {None, one.type}]
    assert len(found) == 1, f"{len(found)} resources are named {name!r}"
    return found[0]


def _build(drafts: tuple[Draft, ...], *, known: bool) -> Deployment:
    return deployment_of(
        (_resource(draft, drafts, known=known) for draft in map(_filled, drafts)), project="shop", stack="dev"
    )


def _filled(draft: Draft) -> Draft:
    if draft.props is None or not draft.options.get("_defaults"):
        return draft
    return replace(draft, props=fill(draft.type, draft.props, draft.name, VERSION, urn=urn(draft.type, draft.name)))


def _resource(draft: Draft, drafts: tuple[Draft, ...], *, known: bool) -> Resource:
    fields = {key: value for key, value in draft.options.items() if not key.startswith("_")}
    if draft.props is None:
        return Resource(urn(draft.type, draft.name), draft.type, draft.name, inputs={}, id=UNKNOWN, **fields)
    made_from: dict[str, tuple[str, ...]] = {}
    inputs: dict[str, Value] = {}
    for key, value in draft.props.items():
        found: list[str] = []
        inputs[key] = _resolve(value, key, drafts, known, found)
        if found:
            made_from[key] = tuple(dict.fromkeys(found))
    made_from.update(fields.pop("property_dependencies", {}))
    dependencies = tuple(dict.fromkeys(each for several in made_from.values() for each in several))
    fields.setdefault("dependencies", dependencies)
    identity: Value = identity_of(draft) if known or fields.get("external") else UNKNOWN
    fields.setdefault("id", identity if identity is not None else UNKNOWN)
    return Resource(
        urn(draft.type, draft.name), draft.type, draft.name, inputs=inputs, property_dependencies=made_from, **fields
    )


def _resolve(value: Any, key: str, drafts: tuple[Draft, ...], known: bool, found: list[str]) -> Value:
    if isinstance(value, Ref):
        target = _draft(value, drafts)
        found.append(urn(target.type, target.name))
        # The provider knows a service account's e-mail address before the account is there.
        early = known or target.type == t.SERVICE_ACCOUNT
        text = reference_text(target, key) if early else None
        return UNKNOWN if text is None else text
    if isinstance(value, UnknownRef):
        targets = (_draft(Ref(name), drafts) for name in value.names)
        found.extend(urn(target.type, target.name) for target in targets)
        return UNKNOWN
    if isinstance(value, Mapping):
        return {inner: _resolve(item, inner, drafts, known, found) for inner, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_resolve(item, key, drafts, known, found) for item in value]
    plain: Value = value
    return plain


def _draft(wanted: Ref, drafts: tuple[Draft, ...]) -> Draft:
    found = [draft for draft in drafts if draft.name == wanted.name and wanted.type in {None, draft.type}]
    assert len(found) == 1, f"{len(found)} resources are named {wanted.name!r}"
    return _filled(found[0])


def reference_text(target: Draft, key: str = "") -> str | None:
    """Give what a program would write to refer to a resource from a property of the given name."""
    if target.type == t.SERVICE_ACCOUNT:
        return f"{(target.props or {}).get('accountId')}@{PROJECT}.iam.gserviceaccount.com"
    identity = identity_of(target)
    if identity is not None and key == "group":
        return identity.replace("/instanceGroupManagers/", "/instanceGroups/")
    return identity


def identity_of(target: Draft) -> str | None:
    """Give the id the provider gives to a resource once it is there; None where it cannot be told by hand."""
    scheme = SCHEMES.get(target.type)
    if scheme is None or target.props is None:
        return None
    props = {key: value for key, value in target.props.items() if isinstance(value, (str, Unknown))}
    fields = {key: value for key, value in target.options.items() if key == "provider"}
    bare = Resource(urn(target.type, target.name), target.type, target.name, inputs=props or {"-": "-"}, **fields)
    name = props.get("name") or props.get("accountId") or target.name
    project = props.get("project") or bare.provider.inputs.get("project") or PROJECT
    location = location_of(bare)
    if target.type == t.SERVICE_ACCOUNT:
        name = f"{name}@{PROJECT}.iam.gserviceaccount.com"
    if target.type == t.CRYPTO_KEY:
        ring = target.props.get("keyRing")
        name = f"{ring.name if isinstance(ring, Ref) else 'ring'}/{name}"
        location = location or "global"
    if isinstance(name, Unknown) or isinstance(project, Unknown) or (location is None and scheme.scope != "project"):
        return None
    return resource_path(scheme, str(name), location or "", str(project))
