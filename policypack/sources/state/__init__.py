"""Reads what Pulumi wrote down of a stack: a stack export, or the JSON of a preview. Programs in any language."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from policypack.gcp.provider_defaults import planned_outputs
from policypack.model.graph import urn_name, urn_type
from policypack.model.records import dataclass
from policypack.model.resource import Options, Provider, Resource, SourcePosition
from policypack.model.values import UNKNOWN, Value
from policypack.sources.errors import InputError, NoStateError
from policypack.sources.state.files import EXPORT_HINT, PREVIEW_HINT, bytes_of, document_of, too_deep
from policypack.sources.wire import UNKNOWN_TEXTS, decode_plain_properties

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

__all__ = ["StateRead", "read_state", "state_of"]

OLDEST_VERSION: Final = 3
"""The deployment format of `pulumi stack export` since Pulumi 2; the older ones have another shape."""

NEWEST_VERSION: Final = 4
"""The newest format known here: the one before with a list of features."""

GONE: Final = frozenset({"delete", "delete-replaced", "read-discard", "discard-replaced", "remove-pending-replace"})
"""Steps of a preview after which the resource is no longer there."""

READS: Final = frozenset({"read", "read-replacement"})
"""Steps that only read what another program manages."""

KEPT: Final = {"same": ("id", "outputs"), "update": ("id",)}
"""What a step does not change of a resource. A new state in a preview has neither id nor outputs."""

_OURS: Final = "urn:multiregion-guard:"
"""How the names of our own documents begin. Reports have a key `deployment`, too."""

FAILED_HINT: Final = "Find the error in its `diagnostics`, mend the program, and write the preview again."


@dataclass(frozen=True)
class StateRead:
    """What a file says of a stack.

    Attributes:
        project: Name of the Pulumi project.
        stack: Name of the stack.
        resources: Everything the stack has, components and providers included, sorted by URN.
        notes: What the report should say of the file.
        kind: `stack export` or `preview`.
    """

    project: str
    stack: str
    resources: tuple[Resource, ...]
    notes: tuple[str, ...]
    kind: str


def read_state(path: Path) -> StateRead:
    """Read a file with a stack export (deployment version 3) or the JSON of a preview.

    Raises:
        InputError: The file is missing, is no JSON, is of another or of an older format, or is malformed.
        NoStateError: It is sound JSON of another kind.
    """
    return state_of(bytes_of(path), str(path))


def state_of(content: bytes, where: str) -> StateRead:
    """Read a stack export or a preview that was fetched from anywhere.

    Args:
        content: What the file holds, packed or not.
        where: What to call the file in an error.

    Raises:
        InputError: It is no JSON, is of another or of an older format, or is malformed.
        NoStateError: It is sound JSON of another kind.
    """
    document = document_of(content, where)
    if str(document.get("$schema", "")).startswith(_OURS):
        raise NoStateError(
            "this is a report of multiregion-guard, or its configuration, and no state", where, EXPORT_HINT
        )
    # The file of a stack in a self-managed backend wraps the same deployment in another name.
    checkpoint = document.get("checkpoint")
    named = ""
    if isinstance(checkpoint, Mapping):
        named = str(checkpoint.get("stack") or "")
        document = {"version": document.get("version"), "deployment": checkpoint.get("latest") or {}}
    if "deployment" in document:
        records, notes = _export(document, where)
        kind = "stack export"
    elif "steps" in document or "changeSummary" in document or "diagnostics" in document:
        records, notes = _preview(document, where)
        kind = "preview"
    else:
        found = ", ".join(sorted(document)[:5]) or "nothing"
        raise NoStateError(f"this is neither a stack export nor a preview (it has {found})", where, PREVIEW_HINT)
    try:
        resources = tuple(sorted(_resources(records, where), key=lambda resource: resource.urn))
    except RecursionError:
        raise too_deep(where) from None
    stack, project = _names(resources) if resources else _empty_stack(named)
    return StateRead(project, stack, resources, notes, kind)


def _export(document: Mapping[str, Any], where: str) -> tuple[Sequence[Mapping[str, Any]], tuple[str, ...]]:
    version = _version(document.get("version"), where)
    # A stack that was never deployed may have none.
    deployment = {} if document["deployment"] is None else document["deployment"]
    if not isinstance(deployment, Mapping):
        raise InputError("the deployment of the export is no object", where, EXPORT_HINT)
    notes = []
    if deployment.get("pending_operations"):
        notes.append(
            "an operation on the stack was cut off: what is written of some resources may not be what is there"
        )
    if version > NEWEST_VERSION:
        notes.append(
            f"the export has version {version}; it was read as version {NEWEST_VERSION}, the newest known here"
        )
    # A stack that was never deployed has no list at all.
    records = deployment.get("resources")
    return [] if records is None else _records(records, where, "deployment.resources"), tuple(notes)


def _version(written: object, where: str) -> int:
    """Give the version of an export. Newer ones are read as far as they are alike."""
    if isinstance(written, int) and not isinstance(written, bool) and written >= OLDEST_VERSION:
        return written
    again = "Export the stack again with a current Pulumi CLI: `pulumi stack export > state.json`."
    if written is None:
        said = f"the export has no version; version {OLDEST_VERSION} or newer is needed"
    elif isinstance(written, int) and not isinstance(written, bool):
        said = f"the export has version {written}; version {OLDEST_VERSION} or newer is needed"
    else:
        said = f"the version of the export is {json.dumps(written)[:40]}, which is no whole number"
        again = f"Pulumi writes a plain number, such as {OLDEST_VERSION}. {again}"
    raise InputError(said, where, again)


def _preview(document: Mapping[str, Any], where: str) -> tuple[list[Mapping[str, Any]], tuple[str, ...]]:
    """Give the states after the preview: the new state of each step that leaves something behind."""
    # A preview that came to no step at all, since it failed before the first, leaves the key out.
    steps = _records(document.get("steps", []), where, "steps")
    _require_unchanged(document, steps, where)
    after: dict[str, Mapping[str, Any]] = {}
    for step in steps:
        state, does = step.get("newState"), str(step.get("op"))
        if does in GONE or not isinstance(state, Mapping):
            continue
        after[str(state.get("urn"))] = {**_kept(step), **state, "read": does in READS}
    if not _failed(document):
        return list(after.values()), ()
    if not any(state.get("custom") is True for state in after.values()):
        raise InputError("the preview ended with an error before its first resource", where, FAILED_HINT)
    return list(after.values()), ("the preview ended with an error: it may not hold every resource",)


def _failed(document: Mapping[str, Any]) -> bool:
    said = document.get("diagnostics")
    return isinstance(said, list) and any(
        isinstance(entry, Mapping) and entry.get("severity") == "error" for entry in said
    )


def _kept(step: Mapping[str, Any]) -> dict[str, Any]:
    """Give what a new state does not say because it stays what it was."""
    before = step.get("oldState")
    kept = KEPT.get(str(step.get("op")), ())
    return {key: before[key] for key in kept if key in before} if isinstance(before, Mapping) else {}


def _require_unchanged(document: Mapping[str, Any], steps: Sequence[Mapping[str, Any]], where: str) -> None:
    """Refuse a preview without the resources that it would leave as they are: it shows no more than a part."""
    summary = document.get("changeSummary")
    unchanged = summary.get("same") if isinstance(summary, Mapping) else None
    missing = unchanged - sum(step.get("op") == "same" for step in steps) if isinstance(unchanged, int) else 0
    if missing > 0:
        raise InputError(
            f"the preview leaves out {missing} unchanged resources, so most of the stack is not there to be judged",
            where,
            "Write it again with `pulumi preview --json --show-sames > preview.json`.",
        )


def _records(value: object, where: str, name: str) -> Sequence[Mapping[str, Any]]:
    if not isinstance(value, list) or not all(isinstance(item, Mapping) for item in value):
        raise InputError(f"{name} is no list of objects", where, PREVIEW_HINT)
    return value


def _resources(records: Iterable[Mapping[str, Any]], where: str) -> Iterator[Resource]:
    """Make resources of the records of a state, the pending deletions aside."""
    kept = [record for record in records if not record.get("delete")]
    providers = {str(record.get("urn")): _object(record, "inputs") for record in kept}
    for index, record in enumerate(kept):
        urn = record.get("urn")
        if not isinstance(urn, str) or not _is_urn(urn):
            raise InputError(f"resource {index} has no URN", where, PREVIEW_HINT)
        yield _resource(urn, record, providers)


def _is_urn(text: str) -> bool:
    return text.startswith("urn:pulumi:") and text.count("::") >= 3  # between stack, project, type and name


def _resource(urn: str, record: Mapping[str, Any], providers: Mapping[str, Mapping[str, Value]]) -> Resource:
    type_token = str(record.get("type") or urn_type(urn))
    inputs, provider = _object(record, "inputs"), _provider(record, providers)
    # Where there is no answer of the provider yet, some of it is certain all the same.
    outputs = _object(record, "outputs") or planned_outputs(type_token, inputs, provider.inputs.get("project"))
    return Resource(
        urn=urn,
        type=type_token,
        name=urn_name(urn),
        inputs=inputs,
        outputs=outputs or None,
        id=_id(record),
        provider=provider,
        options=Options(
            protect=record.get("protect") is True,
            ignore_changes=_texts(record.get("ignoreChanges")),
            retain_on_delete=record.get("retainOnDelete") is True,
            aliases=_texts(record.get("aliases")),
        ),
        parent=_text(record.get("parent")),
        dependencies=_texts(record.get("dependencies")),
        property_dependencies=_made_from(record.get("propertyDependencies")),
        source=_source(record.get("sourcePosition")),
        custom=record.get("custom") is True,
        external=record.get("external") is True or record.get("read") is True,
    )


def _object(record: Mapping[str, Any], key: str) -> dict[str, Value]:
    value = record.get(key)
    return decode_plain_properties(value) if isinstance(value, Mapping) else {}


def _id(record: Mapping[str, Any]) -> Value:
    found = _text(record.get("id"))
    if found is None or found in UNKNOWN_TEXTS:
        return UNKNOWN if record.get("custom") is True else None
    return found


def _provider(record: Mapping[str, Any], providers: Mapping[str, Mapping[str, Value]]) -> Provider:
    """Find the provider: a reference is its URN and its id, joined like the parts of a URN."""
    urn = str(record.get("provider") or "").rpartition("::")[0]
    inputs = providers.get(urn, {})
    version = inputs.get("version")
    return Provider(urn, version if isinstance(version, str) else None, inputs)


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value else None


def _made_from(value: object) -> dict[str, tuple[str, ...]]:
    return {str(key): _texts(urns) for key, urns in value.items()} if isinstance(value, Mapping) else {}


def _texts(value: object) -> tuple[str, ...]:
    return tuple(item for item in value if isinstance(item, str)) if isinstance(value, list) else ()


def _source(position: object) -> SourcePosition | None:
    """Read `project:///__main__.py#3`, with or without a column behind a comma."""
    if not isinstance(position, str) or "#" not in position:
        return None
    file, _, place = position.partition("#")
    line = place.partition(",")[0]
    return SourcePosition(file.removeprefix("project:///"), int(line)) if line.isdecimal() else None


def _names(resources: Sequence[Resource]) -> tuple[str, str]:
    """Read stack and project out of the first URN: all resources of a state share them."""
    _, _, rest = resources[0].urn.partition("urn:pulumi:")
    stack, project, *_ = rest.split("::")
    return stack, project


def _empty_stack(named: str) -> tuple[str, str]:
    """Read stack and project of a stack without resources: `organization/PROJECT/STACK`, or the stack alone."""
    *_, project, stack = ["", *named.split("/")]
    return stack, project
