"""`multiregion-guard audit`: judges what Pulumi wrote down of stacks: exports, and previews as JSON."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING

from policypack.cli.failures import told
from policypack.cli.known import settings_for, written
from policypack.cli.output import read_former, rendered, require_places, write_report, write_reports
from policypack.cli.screen import Screen, progress
from policypack.engine.deployment import deployment_of
from policypack.engine.judgement import judge_deployment
from policypack.reports.audit import Audit, Outcome, Unread, text_summary
from policypack.reports.report import Origin, Report
from policypack.reports.text import text_report
from policypack.rules.registry import all_rules
from policypack.sources.errors import InputError
from policypack.sources.state import read_state
from policypack.topology.tree import load_balancer_trees

if TYPE_CHECKING:
    import argparse
    from pathlib import Path

    from policypack.engine.settings import Settings


def audit(chosen: argparse.Namespace) -> int:
    """Run the command.

    A file that cannot be read is told of, and does not keep the others from being judged.

    Raises:
        InputError: The configuration cannot be read, or the report has no place to go.
    """
    started = time.perf_counter()
    settings = settings_for(chosen)
    require_places(chosen.report, chosen.output)
    former = read_former(chosen.since) if chosen.since else None
    screen = Screen(no_color=chosen.no_color)
    in_text = chosen.format == "text" or chosen.output is not None
    outcomes: list[Outcome] = []
    for file in chosen.files:
        outcome = _outcome(file, settings, one_of_many=len(chosen.files) > 1)
        outcomes.append(outcome)
        if isinstance(outcome, Report) and in_text and chosen.write_baseline is None:
            _show(screen, outcome, one_of_many=len(chosen.files) > 1)
    done = written(chosen, Audit(tuple(outcomes), time.perf_counter() - started))
    if in_text and chosen.write_baseline is not None:
        for report in done.reports:
            _show(screen, report, one_of_many=len(chosen.files) > 1)
    if in_text and len(chosen.files) > 1:
        screen.show(text_summary(done, width=screen.width, branches=screen.branches))
    write_reports(chosen.report, done, one=False, former=former)
    if chosen.output is not None:
        write_report(chosen.output, rendered(chosen.format, done, one=False, former=former))
    elif not in_text:
        screen.write(rendered(chosen.format, done, one=False, former=former))
    return done.exit_code


def _show(screen: Screen, report: Report, *, one_of_many: bool) -> None:
    screen.show(text_report(report, width=screen.width, branches=screen.branches))
    screen.write("\n" if one_of_many else "")


def _outcome(file: Path, settings: Settings, *, one_of_many: bool) -> Outcome:
    try:
        return _judge(file, settings, one_of_many=one_of_many)
    except InputError as error:
        # In its place between the reports, where both go to one terminal.
        sys.stdout.flush()
        print(told(error), file=sys.stderr)
        return Unread(str(file), error.what, error.where, error.what_to_do)


def _judge(file: Path, settings: Settings, *, one_of_many: bool) -> Report:
    started = time.perf_counter()
    with progress(f"judging {file.name}"):
        read = read_state(file)
        deployment = deployment_of(read.resources, project=read.project, stack=read.stack)
        judgement = judge_deployment(deployment, all_rules(), settings, one_of_many=one_of_many)
        trees = tuple(load_balancer_trees(deployment))
    return Report(judgement, Origin(read.kind, str(file)), trees, read.notes, time.perf_counter() - started)
