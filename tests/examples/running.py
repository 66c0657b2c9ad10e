"""Runs the examples dry: before their first deployment, and as if they had been deployed.

In the second case every resource answers as its provider would when it is there, with an id and the links that other
resources refer to. So the program itself puts the known ids where they belong.
"""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from pulumi.runtime.proto import resource_pb2

from policypack.engine.deployment import deployment_of
from policypack.model.values import UNKNOWN, Value
from policypack.sources.program import process
from policypack.sources.program.functions import Functions
from policypack.sources.program.languages import Python
from policypack.sources.program.monitor import Monitor
from policypack.sources.program.process import Launch
from policypack.sources.program.project import find_project
from policypack.sources.program.recording import Place, Recording
from policypack.sources.program.stack_config import read_config
from tests.e2e.gcp_cloud import decided, resource_id

if TYPE_CHECKING:
    from google.protobuf.message import Message

    from policypack.model.resource import Resource
    from policypack.topology import Deployment
    from tests.rules.farm import Farm

EXAMPLES: Final = Path(__file__).parents[2] / "examples"
UNSOUND: Final = frozenset({"starting_program"})
"""The example that shows what the pack finds."""

PROJECT: Final = "example-project"
_DECIDED: Final = ("selfLink", "selfLinkUnique", "instanceGroup", "address", "ipAddress")
"""What only Google writes, and programs refer to."""


def sound_examples() -> list[str]:
    """List the folders of the sound examples."""
    return sorted(path.parent.name for path in EXAMPLES.glob("*/Pulumi.yaml") if path.parent.name not in UNSOUND)


def record_example(name: str, farm: Farm, *, deployed: bool = False) -> Deployment:
    """Run an example.

    Args:
        name: Its folder.
        farm: What runs it.
        deployed: Whether ids and links are known, as after its deployment.
    """
    project = find_project(EXAMPLES / name)
    settings = read_config(project, None, {"gcp:project": PROJECT})
    place = Place(project.name, settings.stack, project.directory, project.packages, {"project": PROJECT})
    recording = _Deployed(place) if deployed else Recording(place)
    serving = _Deploying if deployed else Monitor
    launch = Launch(project, settings, Python(project, sys.executable), timeout=0)
    with serving(recording, Functions(None)) as monitor:
        ended = farm.run(process._environment(launch, monitor.address, report=0))
    assert monitor.crash is None
    assert monitor.failure is None
    assert ended == {"outcome": "done"}, f"{name}: {ended}"
    return deployment_of(recording.resources, project=project.name, stack=settings.stack)


class _Deployed(Recording):
    """Records resources as they are once they are there."""

    def register(self, request: Any, asked: Any) -> Resource:
        recorded = super().register(request, asked)
        if not request.custom or request.type.startswith("pulumi:"):
            return recorded
        state: dict[str, Value] = {"project": PROJECT, **(recorded.inputs or {}), **(recorded.outputs or {})}
        state.setdefault("name", request.name)
        identity = resource_id(request.type, request.name, state)
        for key in _DECIDED:
            if state.get(key, UNKNOWN) is UNKNOWN:
                state[key] = decided(request.type, key, "output", identity, state)
        there = replace(recorded, id=identity, outputs=state)
        self._resources[there.urn] = there
        return there


class _Deploying(Monitor):
    """Answers with the ids of what is there."""

    def _register(self, request: Any) -> Message:
        answer = super()._register(request)
        assert isinstance(answer, resource_pb2.RegisterResourceResponse)
        there = self._recording.find(answer.urn)
        assert there is not None
        answer.id = there.id if isinstance(there.id, str) else ""
        return answer
