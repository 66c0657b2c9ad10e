"""Runs a Pulumi program against a stand-in engine, as at preview, and prints what it registered as JSON.

Started as a script, in a process of its own, because the SDK keeps global state:
`python capture.py PROGRAM_DIRECTORY`, with the stack's configuration as a JSON object on standard input.
Property names are the provider's (camelCase); a value that only the deployment would tell is `"<unknown>"`.
"""

from __future__ import annotations

import asyncio
import json
import os
import runpy
import subprocess
import sys
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import grpc
import pulumi
from google.protobuf import empty_pb2, json_format, struct_pb2
from pulumi.runtime import stack
from pulumi.runtime.proto import engine_pb2, engine_pb2_grpc, resource_pb2, resource_pb2_grpc
from typing_extensions import override

UNKNOWN = "<unknown>"
PROJECT = "multiregion-inference"
_UNKNOWN_SENTINEL = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
_PROJECT_NUMBER = "123456789012"
_STACK_TYPE = "pulumi:pulumi:Stack"
_STORAGE_AGENT = f"service-{_PROJECT_NUMBER}@gs-project-accounts.iam.gserviceaccount.com"
_ANSWERS = {
    "gcp:organizations/getProject:getProject": {"projectId": "example-project", "number": _PROJECT_NUMBER},
    "gcp:storage/getProjectServiceAccount:getProjectServiceAccount": {"emailAddress": _STORAGE_AGENT},
}


@dataclass(frozen=True)
class Registered:
    """One resource as the engine would have been told of it."""

    urn: str
    type: str
    name: str
    custom: bool
    parent: str
    protect: bool
    inputs: dict[str, Any]
    dependencies: list[str]
    property_dependencies: dict[str, list[str]]


@dataclass
class Captured:
    """What one run of the program registered."""

    resources: list[Registered] = field(default_factory=list)
    finished: list[str] = field(default_factory=list)
    outputs: dict[str, Any] = field(default_factory=dict)
    error: str = ""

    @cached_property
    def by_urn(self) -> dict[str, Registered]:
        return {resource.urn: resource for resource in self.resources}

    def of(self, kind: str) -> list[Registered]:
        """All resources whose type token ends in `:KIND`."""
        return [resource for resource in self.resources if resource.type.endswith(f":{kind}")]

    def one(self, kind: str, name: str) -> Registered:
        """The resource of that kind and logical name."""
        (found,) = [resource for resource in self.of(kind) if resource.name == name]
        return found

    def targets(self, resource: Registered, prop: str) -> list[str]:
        """`Kind name` of everything that a property was made from."""
        return sorted(self._label(urn) for urn in resource.property_dependencies[prop])

    def waits_for(self, resource: Registered) -> set[str]:
        """`Kind name` of everything that is created before the resource."""
        return {self._label(urn) for urn in resource.dependencies}

    def _label(self, urn: str) -> str:
        target = self.by_urn[urn]
        return f"{target.type.rsplit(':', 1)[1]} {target.name}"


def capture(program: Path, config: Mapping[str, Any]) -> Captured:
    """Runs `program` with `config` (full keys) and returns what it registered."""
    run = subprocess.run(
        [sys.executable, __file__, str(program)],
        input=json.dumps(config),
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
        env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
    )
    if run.returncode:
        raise AssertionError(f"the program did not run:\n{run.stderr}")
    data = json.loads(run.stdout)
    return Captured(**{**data, "resources": [Registered(**entry) for entry in data["resources"]]})


def settings_errors(program: Path, configs: Sequence[Mapping[str, Any]]) -> list[str]:
    """What the `Settings` of a program say to each configuration: the error's text, or "" if there is none."""
    run = subprocess.run(
        [sys.executable, "-c", _SETTINGS_PROBE, str(program), PROJECT],
        input=json.dumps([_as_text(config) for config in configs]),
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    if run.returncode:
        raise AssertionError(f"the settings could not be read:\n{run.stderr}")
    errors: list[str] = json.loads(run.stdout)
    return errors


_SETTINGS_PROBE = """
import json, sys
sys.path.insert(0, sys.argv[1])
sys.dont_write_bytecode = True
import pulumi
from config_reader import SettingsError
from settings import Settings

pulumi.runtime.configure(pulumi.runtime.Settings(project=sys.argv[2], stack="dev"))
errors = []
for config in json.load(sys.stdin):
    pulumi.runtime.set_all_config(config)
    try:
        Settings.load()
        errors.append("")
    except SettingsError as error:
        errors.append(str(error))
print(json.dumps(errors))
"""


def _as_text(config: Mapping[str, Any]) -> dict[str, str]:
    """Configuration as the engine hands it over: every value that is no string, as JSON."""
    return {key: value if isinstance(value, str) else json.dumps(value) for key, value in config.items()}


class _Monitor(resource_pb2_grpc.ResourceMonitorServicer):
    """Records what is registered; knows no output but the inputs, as an engine at preview."""

    def __init__(self) -> None:
        self.result: dict[str, Any] = {"resources": [], "finished": [], "outputs": {}, "error": ""}

    @override
    def SupportsFeature(self, request: Any, context: grpc.ServicerContext) -> Any:
        supported = request.id in {"secrets", "resourceReferences"}
        return resource_pb2.SupportsFeatureResponse(hasSupport=supported)

    @override
    def RegisterPackage(self, request: Any, context: grpc.ServicerContext) -> Any:
        return resource_pb2.RegisterPackageResponse(ref="gcp")

    @override
    def RegisterResource(self, request: Any, context: grpc.ServicerContext) -> Any:
        urn = f"urn:pulumi:dev::{PROJECT}::{request.type}::{request.name}"
        if request.type != _STACK_TYPE:
            used = {name: list(item.urns) for name, item in request.propertyDependencies.items()}
            self.result["resources"].append(
                {
                    "urn": urn,
                    "type": request.type,
                    "name": request.name,
                    "custom": request.custom,
                    "parent": request.parent,
                    "protect": request.protect,
                    "inputs": _plain(json_format.MessageToDict(request.object)),
                    "dependencies": list(request.dependencies),
                    "property_dependencies": used,
                }
            )
        return resource_pb2.RegisterResourceResponse(urn=urn, object=request.object)

    @override
    def RegisterResourceOutputs(self, request: Any, context: grpc.ServicerContext) -> Any:
        self.result["finished"].append(request.urn)
        if f"::{_STACK_TYPE}::" in request.urn:
            self.result["outputs"] = _plain(json_format.MessageToDict(request.outputs))
        return empty_pb2.Empty()

    @override
    def Invoke(self, request: Any, context: grpc.ServicerContext) -> Any:
        if request.tok not in _ANSWERS:
            context.abort(grpc.StatusCode.UNIMPLEMENTED, f"nothing offline can answer {request.tok}")
        answer = struct_pb2.Struct()
        answer.update(_ANSWERS[request.tok])
        response = resource_pb2.ResourceInvokeResponse()
        getattr(response, "return").CopyFrom(answer)
        return response

    @override
    def SignalAndWaitForShutdown(self, request: Any, context: grpc.ServicerContext) -> Any:
        return empty_pb2.Empty()


class _Engine(engine_pb2_grpc.EngineServicer):
    """The rest of the engine: takes log lines and has no root resource yet."""

    @override
    def Log(self, request: Any, context: grpc.ServicerContext) -> Any:
        return empty_pb2.Empty()

    @override
    def GetRootResource(self, request: Any, context: grpc.ServicerContext) -> Any:
        return engine_pb2.GetRootResourceResponse()

    @override
    def SetRootResource(self, request: Any, context: grpc.ServicerContext) -> Any:
        return engine_pb2.SetRootResourceResponse()


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    return UNKNOWN if value == _UNKNOWN_SENTINEL else value


def _run(program: Path, config: Mapping[str, Any]) -> dict[str, Any]:
    """The child's side: serves the engine's protocols on a loopback port and runs the program on them."""
    monitor = _Monitor()
    server = grpc.server(ThreadPoolExecutor(max_workers=8))
    resource_pb2_grpc.add_ResourceMonitorServicer_to_server(monitor, server)
    engine_pb2_grpc.add_EngineServicer_to_server(_Engine(), server)
    address = f"127.0.0.1:{server.add_insecure_port('127.0.0.1:0')}"
    server.start()
    pulumi.runtime.configure(
        pulumi.runtime.Settings(
            project=PROJECT, stack="dev", monitor=address, engine=address, dry_run=True, parallel=16
        )
    )
    pulumi.runtime.set_all_config(_as_text(config))
    sys.path.insert(0, str(program))
    os.chdir(program)

    def main() -> None:
        runpy.run_path(str(program), run_name="__main__")

    try:
        asyncio.run(stack.run_in_stack(main))
    except pulumi.RunError as error:
        monitor.result["error"] = str(error)
    return monitor.result


if __name__ == "__main__":
    sys.stdout.write(json.dumps(_run(Path(sys.argv[1]).resolve(), json.load(sys.stdin))))
    sys.stdout.flush()
    # The SDK's and the server's threads would keep the process alive.
    os._exit(0)
