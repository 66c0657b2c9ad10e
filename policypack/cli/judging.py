"""Judges a file with the state of a stack."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from policypack.engine.deployment import deployment_of
from policypack.engine.judgement import judge_deployment
from policypack.reports.report import Origin, Report
from policypack.rules.registry import all_rules
from policypack.sources.state import state_of
from policypack.sources.stores import content_of
from policypack.topology.tree import load_balancer_trees

if TYPE_CHECKING:
    from policypack.engine.settings import Settings
    from policypack.sources.stores import StateFile


def judged(file: StateFile, settings: Settings, *, one_of_many: bool) -> Report:
    """Read a state, judge the stack, and give the report.

    Args:
        file: The file.
        settings: The configuration.
        one_of_many: True if other stacks are judged with it.

    Raises:
        InputError: The file cannot be read, or is broken.
        NoStateError: It is something else.
    """
    started = time.perf_counter()
    read = state_of(content_of(file), file.name)
    deployment = deployment_of(read.resources, project=read.project, stack=read.stack)
    judgement = judge_deployment(deployment, all_rules(), settings, one_of_many=one_of_many)
    trees = tuple(load_balancer_trees(deployment))
    return Report(judgement, Origin(read.kind, file.name), trees, read.notes, time.perf_counter() - started)
