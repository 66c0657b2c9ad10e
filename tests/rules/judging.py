"""Judges small programs as the offline check does, with every rule switched on."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from policypack.engine.deployment import deployment_of
from policypack.engine.judgement import Judgement, judge_deployment
from policypack.engine.settings import Settings
from policypack.rules.contract import Level
from policypack.rules.registry import all_rules
from policypack.sources.program import process
from policypack.sources.program.functions import Functions
from policypack.sources.program.languages import Python
from policypack.sources.program.monitor import Monitor
from policypack.sources.program.process import Launch
from policypack.sources.program.project import Project
from policypack.sources.program.recording import Place, Recording
from policypack.sources.program.stack_config import StackConfig
from policypack.topology import Deployment

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from tests.rules.farm import Farm

PROJECT = "shop"


def judge_program(source: str, farm: Farm, folder: Path) -> Judgement:
    """Run a program dry, in preview, and let every rule judge it."""
    return judge(record_program(source, farm, folder))


def record_program(source: str, farm: Farm, folder: Path) -> Deployment:
    """Run a program dry, in preview, and give what it registered; a program is run only once."""
    if source not in farm.recorded:
        farm.recorded[source] = _run(source, farm, folder).graph
    return Deployment(farm.recorded[source])


def _run(source: str, farm: Farm, folder: Path) -> Deployment:
    main = folder / "__main__.py"
    main.write_text(source, encoding="utf-8")
    recording = Recording(Place(PROJECT, "dev", folder, defaults={"project": PROJECT}))
    config = StackConfig("dev", {"gcp:project": PROJECT}, (), ())
    project = Project(PROJECT, folder, main)
    launch = Launch(project, config, Python(project, sys.executable), timeout=0)
    with Monitor(recording, Functions(None)) as monitor:
        environment = process._environment(launch, monitor.address, report=0)
        ended = farm.run(environment)
    assert monitor.crash is None
    assert monitor.failure is None
    assert ended == {"outcome": "done"}, str(ended)
    return deployment_of(recording.resources, project=PROJECT, stack="dev")


def judge(deployment: Deployment, parameters: Mapping[str, Mapping[str, object]] | None = None) -> Judgement:
    """Let every rule judge a deployment; none is switched off.

    Args:
        deployment: What is judged.
        parameters: Parameters by name of the rule, where they are not to have their defaults.
    """
    rules = all_rules()
    levels = {rule.name: Level.ADVISORY for rule in rules if rule.opt_in}
    return judge_deployment(deployment, rules, Settings(levels=levels, parameters=parameters or {}))
