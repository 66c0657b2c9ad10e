"""One deployment, written down as each way in would get it.

A program is recorded twice: as a first preview sees it, and as it is after a deployment, where a stand-in for the
cloud has answered every resource with its id and its outputs.
"""

from __future__ import annotations

import dataclasses
import json
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from google.protobuf import json_format
from google.protobuf.message import Message
from pulumi.runtime.proto import resource_pb2

from policypack.model.resource import Resource
from policypack.model.values import Value
from policypack.sources import program
from policypack.sources.program import process
from policypack.sources.program.functions import Functions, read_answers
from policypack.sources.program.languages import Python
from policypack.sources.program.monitor import Monitor
from policypack.sources.program.process import Launch
from policypack.sources.program.project import find_project
from policypack.sources.program.recording import Place, Recording
from policypack.sources.program.stack_config import read_config
from policypack.sources.wire import UNKNOWN_TEXT, decode_plain_properties, encode_properties
from tests.e2e.gcp_plan import apply, plan
from tests.rules.farm import Farm
from tests.sources.crossguard.process import Made

Json = dict[str, Any]

PROVIDER_TYPE = "pulumi:providers:gcp"


class Cloud(Recording):
    """Records a deployment: every resource gets its id and its outputs at once."""

    def register(self, request: Any, asked: Any) -> Resource:
        resource = super().register(request, asked)
        if not resource.type.startswith("gcp:"):
            return resource
        plan_of_it = planned(resource)
        if resource.type.startswith("gcp:compute/"):
            # What the stand-in's data does not tell of rare types all types of this API have in common.
            plan_of_it.setdefault("name", f"{resource.name}-0123456")
            plan_of_it.setdefault("selfLink", UNKNOWN_TEXT)
        made_id, outputs = apply(resource.type, resource.name, plan_of_it)
        known = decode_plain_properties(outputs)
        deployed = dataclasses.replace(resource, id=made_id, outputs={**known, "id": made_id})
        self._resources[resource.urn] = deployed
        return deployed


class Engine(Monitor):
    """Answers the program as in an update: the ids are known."""

    def _register(self, request: Any) -> Message:
        answer = super()._register(request)
        assert isinstance(answer, resource_pb2.RegisterResourceResponse)
        found = self._recording.find(answer.urn)
        if found is not None and isinstance(found.id, str):
            answer.id = found.id
        return answer


def record(folder: Path, config: Mapping[str, str], farm: Farm, *, deployed: bool) -> tuple[Resource, ...]:
    """Run a program, and give what it registers: in a first preview, or in a deployment."""
    project = find_project(folder)
    settings = read_config(project, None, config)
    place = Place(
        project.name, settings.stack, project.directory, project.packages, program._default_provider(settings)
    )
    recording = Cloud(place) if deployed else Recording(place)
    answers = folder / "answers.json"
    functions = Functions(read_answers(answers) if answers.exists() else None)
    with (Engine if deployed else Monitor)(recording, functions) as monitor:
        launch = Launch(project, settings, Python(project, sys.executable), timeout=0)
        ended = farm.run(process._environment(launch, monitor.address, report=0))
    assert (monitor.crash, monitor.failure) == (None, None)
    assert ended == {"outcome": "done"}, json.dumps(ended)
    return recording.resources


def planned(resource: Resource) -> Json:
    """Give what the provider plans for a resource, as plain JSON."""
    config = plain({**resource.provider.inputs})
    return plan(resource.type, plain(resource.inputs or {}), config, None)


def plain(values: Mapping[str, Value]) -> Json:
    """Give properties as the JSON that Pulumi writes."""
    written: Json = json_format.MessageToDict(encode_properties(values))
    return written


def engine_provider(resource: Resource) -> Json:
    """Give the configuration of the provider, as the engine knows it: with the version the program asks for."""
    return {**resource.provider.inputs, **({"version": resource.provider.version} if resource.provider.version else {})}


def sent(resource: Resource, *, deployed: bool) -> Made:
    """Give a resource as the engine sends it to a policy pack."""
    outputs: Mapping[str, Value] | None = None
    if resource.type.startswith("gcp:"):
        outputs = resource.outputs if deployed else decode_plain_properties(planned(resource))
    return Made(
        resource.type,
        resource.name,
        inputs=resource.inputs or {},
        outputs=outputs,
        provider=engine_provider(resource) if resource.type.startswith("gcp:") else None,
        made_from=resource.property_dependencies,
        parent=resource.parent or "",
        full_urn=resource.urn,
        protect=resource.options.protect,
        ignored=resource.options.ignore_changes,
    )


def preview_document(resources: Iterable[Resource]) -> Json:
    """Give what `pulumi preview --json` writes of a first preview."""
    written = list(resources)
    states = [*default_providers(written), *(state(resource, deployed=False) for resource in written)]
    reads = {resource.urn for resource in written if resource.external}
    return {
        "steps": [
            {"op": "read" if one["urn"] in reads else "create", "urn": one["urn"], "newState": one} for one in states
        ],
        "changeSummary": {"create": len(states)},
    }


def export_document(resources: Iterable[Resource]) -> Json:
    """Give what `pulumi stack export` writes of a deployed stack."""
    written = list(resources)
    states = [*default_providers(written), *(state(resource, deployed=True) for resource in written)]
    return {"version": 3, "deployment": {"manifest": {}, "resources": states}}


def state(resource: Resource, *, deployed: bool) -> Json:
    """Give one resource as Pulumi writes it down."""
    known_id = resource.id if isinstance(resource.id, str) else ""
    found: Json = {
        "urn": resource.urn,
        "custom": resource.custom,
        "type": resource.type,
        "inputs": {} if deployed and resource.external else plain(resource.inputs or {}),
        "parent": resource.parent or "",
        "dependencies": list(resource.dependencies),
        "propertyDependencies": {key: list(urns) for key, urns in resource.property_dependencies.items()},
    }
    if resource.options.protect:
        found["protect"] = True
    if resource.options.ignore_changes:
        found["ignoreChanges"] = list(resource.options.ignore_changes)
    if resource.source is not None:
        found["sourcePosition"] = f"project:///{resource.source.file}#{resource.source.line}"
    if resource.type.startswith("gcp:"):
        found["provider"] = f"{provider_urn(resource)}::0000"
    if deployed:
        found |= {"id": known_id, "external": resource.external, "outputs": plain(resource.outputs or {})}
        if resource.external:
            found["outputs"] = plain({**(resource.inputs or {}), "id": known_id})
    return found


def provider_urn(resource: Resource) -> str:
    """Give the URN of the provider: the default one of a version has a name of its own."""
    if resource.provider.urn:
        return resource.provider.urn
    stack, project = resource.urn.removeprefix("urn:pulumi:").split("::")[:2]
    name = f"default_{resource.provider.version}".replace(".", "_")
    return f"urn:pulumi:{stack}::{project}::{PROVIDER_TYPE}::{name}"


def default_providers(resources: Iterable[Resource]) -> list[Json]:
    """Give the providers that the engine makes by itself, once each."""
    found = {
        provider_urn(resource): resource
        for resource in resources
        if resource.type.startswith("gcp:") and not resource.provider.urn
    }
    return [
        {"urn": urn, "custom": True, "id": "0000", "type": PROVIDER_TYPE, "inputs": plain(engine_provider(resource))}
        for urn, resource in sorted(found.items())
    ]
