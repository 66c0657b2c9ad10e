"""Every stack of this repository, run dry once and kept as what it registered."""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from policypack.engine.deployment import deployment_of
from policypack.engine.judgement import Judgement, judge_deployment
from policypack.engine.settings import Settings
from policypack.rules.contract import Level
from policypack.rules.registry import all_rules
from policypack.sources import program
from policypack.sources.program import process
from policypack.sources.program.functions import Functions, read_answers
from policypack.sources.program.languages import Python
from policypack.sources.program.monitor import Monitor
from policypack.sources.program.process import Launch
from policypack.sources.program.project import find_project
from policypack.sources.program.recording import Place, Recording
from policypack.sources.program.stack_config import read_config

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from policypack.model.resource import Resource
    from policypack.topology import Deployment
    from tests.rules.farm import Farm

ROOT = Path(__file__).parents[2]
REFERENCE = ROOT / "stacks" / "reference"
PSC, DIRECT = "regional-psc", "global-direct"
"""The two shapes of the reference stack."""


@dataclass(frozen=True)
class Stack:
    """A stack, as it came from its program.

    Attributes:
        name: What the tests call it.
        resources: Everything it registered.
    """

    name: str
    resources: tuple[Resource, ...]

    @property
    def deployment(self) -> Deployment:
        """A deployment made anew, with nothing cached."""
        return deployment_of(self.resources, project="shop", stack="dev")


def stack_names() -> tuple[str, ...]:
    """List every stack: both shapes of the reference stack, and each example."""
    examples = sorted(path.parent.relative_to(ROOT).as_posix() for path in (ROOT / "examples").glob("**/Pulumi.yaml"))
    return (PSC, DIRECT, *examples)


def record_stack(name: str, farm: Farm) -> Stack:
    """Run the program of a stack dry."""
    if name in {PSC, DIRECT}:
        return Stack(name, _record(REFERENCE, farm, {"topology": name}))
    return Stack(name, _record(ROOT / name, farm, {}))


def _record(folder: Path, farm: Farm, config: Mapping[str, str]) -> tuple[Resource, ...]:
    project = find_project(folder)
    settings = read_config(project, None, config)
    place = Place(
        project.name, settings.stack, project.directory, project.packages, program._default_provider(settings)
    )
    recording = Recording(place)
    answers = folder / "answers.json"
    functions = Functions(read_answers(answers) if answers.exists() else None)
    with Monitor(recording, functions) as monitor:
        launch = Launch(project, settings, Python(project, sys.executable), timeout=0)
        ended = farm.run(process._environment(launch, monitor.address, report=0))
    assert monitor.crash is None
    assert monitor.failure is None
    assert ended == {"outcome": "done"}, json.dumps(ended)
    return recording.resources


def judge_all(deployment: Deployment, *extra: str) -> Judgement:
    """Let every rule judge a deployment as users run them, and those that are off by default if named."""
    levels = dict.fromkeys(extra, Level.ADVISORY)
    return judge_deployment(deployment, all_rules(), Settings(levels=levels))


def changed(resources: Iterable[Resource], urn: str, new: Resource) -> tuple[Resource, ...]:
    """Put one resource in the place of another."""
    return tuple(new if resource.urn == urn else resource for resource in resources)
