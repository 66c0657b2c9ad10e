"""The pack's process, started and spoken to as the Pulumi engine does."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import grpc
from google.protobuf import empty_pb2, json_format
from pulumi.runtime.proto import analyzer_pb2, analyzer_pb2_grpc

from policypack.model.values import Value
from policypack.sources.wire import encode_properties

REPOSITORY = Path(__file__).resolve().parents[3]
PACKS = Path(__file__).parent / "packs"

LEVELS = {
    "advisory": analyzer_pb2.ADVISORY,
    "mandatory": analyzer_pb2.MANDATORY,
    "disabled": analyzer_pb2.DISABLED,
    "remediate": analyzer_pb2.REMEDIATE,
}


@dataclass(frozen=True)
class Made:
    """A resource as the engine holds it: inputs for Analyze, outputs for AnalyzeStack."""

    type: str
    name: str
    inputs: Mapping[str, Value] = field(default_factory=dict)
    outputs: Mapping[str, Value] | None = None
    provider: Mapping[str, Value] | None = field(default_factory=lambda: {"project": "p", "version": "10.2.0"})
    made_from: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    secret_outputs: tuple[str, ...] = ()
    parent: str = ""
    full_urn: str = ""
    aliases: tuple[str, ...] = ()
    protect: bool = False
    ignored: tuple[str, ...] = ()

    @property
    def urn(self) -> str:
        return self.full_urn or f"urn:pulumi:dev::test::{self.type}::{self.name}"

    def _common(self) -> dict[str, Any]:
        common: dict[str, Any] = {
            "type": self.type,
            "urn": self.urn,
            "name": self.name,
            "options": analyzer_pb2.AnalyzerResourceOptions(
                additionalSecretOutputs=self.secret_outputs,
                parent=self.parent,
                aliases=self.aliases,
                protect=self.protect,
                ignoreChanges=self.ignored,
            ),
        }
        if self.provider is not None:
            common["provider"] = analyzer_pb2.AnalyzerProviderResource(
                type="pulumi:providers:gcp",
                urn="urn:pulumi:dev::test::pulumi:providers:gcp::default",
                name="default",
                properties=encode_properties(self.provider),
            )
        return common

    def alone(self) -> analyzer_pb2.AnalyzeRequest:
        return analyzer_pb2.AnalyzeRequest(properties=encode_properties(self.inputs), **self._common())

    def in_stack(self) -> analyzer_pb2.AnalyzerResource:
        return analyzer_pb2.AnalyzerResource(
            parent=self.parent,
            dependencies=sorted({urn for urns in self.made_from.values() for urn in urns}),
            properties=encode_properties(self.inputs if self.outputs is None else self.outputs),
            propertyDependencies={
                name: analyzer_pb2.AnalyzerPropertyDependencies(urns=urns) for name, urns in self.made_from.items()
            },
            **self._common(),
        )


@dataclass(frozen=True)
class Said:
    """One diagnostic, comparable."""

    policy: str
    urn: str
    level: str
    severity: str
    message: str


def schema_of(policy: analyzer_pb2.PolicyInfo) -> dict[str, dict[str, Any]]:
    """Give the schema of each property of a policy's configuration."""
    found: dict[str, dict[str, Any]] = json_format.MessageToDict(policy.configSchema.properties)
    return found


class Pack:
    """A running pack."""

    def __init__(self, stub: analyzer_pb2_grpc.AnalyzerStub, first_line: str) -> None:
        self.stub = stub
        self.first_line = first_line
        self.stderr = ""
        self.stdout_after = ""

    def info(self) -> analyzer_pb2.AnalyzerInfo:
        answer: analyzer_pb2.AnalyzerInfo = self.stub.GetAnalyzerInfo(empty_pb2.Empty())
        return answer

    def policies(self) -> dict[str, analyzer_pb2.PolicyInfo]:
        return {policy.name: policy for policy in self.info().policies}

    def configure_stack(self, *, config: Mapping[str, str] | None = None, secret_keys: Iterable[str] = ()) -> None:
        self.stub.ConfigureStack(
            analyzer_pb2.AnalyzerStackConfigureRequest(
                project="test", stack="dev", dry_run=True, config=config or {}, config_secret_keys=secret_keys
            )
        )

    def configure(self, document: Mapping[str, Any]) -> None:
        """Send a configuration as the engine does: reconciled, so with every policy, its level and all defaults."""
        entries: dict[str, analyzer_pb2.PolicyConfig] = {}
        blanket = document.get("all")
        for policy in self.info().policies:
            entry = analyzer_pb2.PolicyConfig(enforcementLevel=policy.enforcementLevel)
            if blanket is not None:
                entry.enforcementLevel = LEVELS[blanket]
            for name, schema in schema_of(policy).items():
                if "default" in schema:
                    entry.properties[name] = schema["default"]
            entries[policy.name] = entry
        for name, said in document.items():
            entry = entries.setdefault(name, analyzer_pb2.PolicyConfig())
            given = {"enforcementLevel": said} if isinstance(said, str) else dict(said)
            if "enforcementLevel" in given:
                entry.enforcementLevel = LEVELS[given.pop("enforcementLevel")]
            entry.properties.update(json.loads(json.dumps(given)))
        self.stub.Configure(analyzer_pb2.ConfigureAnalyzerRequest(policyConfig=entries))

    def analyze(self, made: Made) -> analyzer_pb2.AnalyzeResponse:
        answer: analyzer_pb2.AnalyzeResponse = self.stub.Analyze(made.alone())
        return answer

    def analyze_stack(self, *made: Made) -> analyzer_pb2.AnalyzeResponse:
        request = analyzer_pb2.AnalyzeStackRequest(resources=[one.in_stack() for one in made])
        answer: analyzer_pb2.AnalyzeResponse = self.stub.AnalyzeStack(request)
        return answer

    def run(self, *made: Made) -> list[Said]:
        """Do what a preview does, and give what users would be shown."""
        shown: list[Said] = []
        for one in made:
            shown += [spoken(diagnostic, one.urn) for diagnostic in self.analyze(one).diagnostics]
        return shown + [spoken(diagnostic) for diagnostic in self.analyze_stack(*made).diagnostics]


def spoken(diagnostic: analyzer_pb2.AnalyzeDiagnostic, urn: str = "") -> Said:
    return Said(
        diagnostic.policyName,
        diagnostic.urn or urn,
        analyzer_pb2.EnforcementLevel.Name(diagnostic.enforcementLevel).lower(),
        analyzer_pb2.PolicySeverity.Name(diagnostic.severity).removeprefix("POLICY_SEVERITY_").lower(),
        diagnostic.message,
    )


def start(directory: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-u", "-m", "pulumi.policy", "127.0.0.1:1", str(directory)],
        cwd=directory,
        env={**os.environ, "PYTHONPATH": str(REPOSITORY)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


@contextmanager
def pack(directory: Path) -> Iterator[Pack]:
    """Run a pack; afterwards the object tells what it printed."""
    process = start(directory)
    assert process.stdout is not None
    first_line = process.stdout.readline()
    if not first_line.strip().isdigit():
        rest, errors = process.communicate(timeout=30)
        raise AssertionError(f"no port, but {first_line + rest!r} and {errors!r}")
    try:
        with grpc.insecure_channel(f"127.0.0.1:{int(first_line)}") as channel:
            running = Pack(analyzer_pb2_grpc.AnalyzerStub(channel), first_line)
            yield running
    finally:
        process.terminate()
        running.stdout_after, running.stderr = process.communicate(timeout=30)
