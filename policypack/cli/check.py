"""`multiregion-guard check`: runs a program dry and judges what it would deploy."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from policypack.cli.known import settings_for, written
from policypack.cli.output import read_former, rendered, require_places, write_report, write_reports
from policypack.cli.screen import Screen, progress
from policypack.engine.deployment import deployment_of
from policypack.engine.judgement import judge_deployment
from policypack.reports.audit import Audit
from policypack.reports.report import Origin, Report
from policypack.reports.text import text_report
from policypack.rules.registry import all_rules
from policypack.sources.errors import InputError
from policypack.sources.program import run_program
from policypack.topology.tree import load_balancer_trees

if TYPE_CHECKING:
    import argparse

    from policypack.engine.settings import Settings
    from policypack.reports.layout import Page


def check(chosen: argparse.Namespace) -> int:
    """Run the command.

    Raises:
        InputError: A file that the user named cannot be used.
        ProgramError: The program could not be run to its end.
    """
    started = time.perf_counter()
    settings = settings_for(chosen)
    require_places(chosen.report, chosen.output, chosen.write_baseline)
    if chosen.fix_hints and chosen.format != "text" and chosen.output is None:
        raise InputError(
            "--fix-hints goes with the text, and the terminal gets another form",
            what_to_do=f"Leave --format out, and write --report {chosen.format}=FILE instead.",
        )
    former = read_former(chosen.since) if chosen.since else None
    judged = _judge(chosen, settings, started)
    done = written(chosen, Audit((judged,), judged.seconds))
    report = done.reports[0]
    screen = Screen(no_color=chosen.no_color)
    write_reports(chosen.report, done, one=True, former=former)
    if chosen.output is not None:
        write_report(chosen.output, rendered(chosen.format, done, one=True, former=former))
    if chosen.output is None and chosen.format != "text":
        screen.write(rendered(chosen.format, done, one=True, former=former))
    else:
        screen.show(text_report(report, width=screen.width, branches=screen.branches))
        if chosen.fix_hints:
            screen.show(_hints(screen, report))
    return report.exit_code


def _hints(screen: Screen, report: Report) -> Page:
    # Loaded for those who ask.
    from policypack.reports.hints import show_hints

    page = screen.page()
    page.line()
    show_hints(page, report)
    return page


def _judge(chosen: argparse.Namespace, settings: Settings, started: float) -> Report:
    with progress("running the program dry"):
        run = run_program(
            chosen.program,
            stack=chosen.stack,
            config=dict(chosen.config),
            python=chosen.python,
            timeout=chosen.timeout,
            answers=chosen.answers,
        )
    with progress("judging it"):
        deployment = deployment_of(run.resources, project=run.project, stack=run.stack)
        judgement = judge_deployment(deployment, all_rules(), settings)
        trees = tuple(load_balancer_trees(deployment))
    directory = run.directory.resolve()
    main = run.main.resolve()
    origin = Origin(
        kind="program",
        path=str(chosen.program),
        directory=directory,
        main=str(main.relative_to(directory) if main.is_relative_to(directory) else main),
    )
    return Report(judgement, origin, trees, tuple(run.notes), time.perf_counter() - started, run.secrets)
