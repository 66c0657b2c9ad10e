"""`multiregion-guard audit`: judges what Pulumi wrote down of stacks: exports, previews, and whole backends."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING, Final

from policypack.cli.failures import told
from policypack.cli.judging import judged
from policypack.cli.known import settings_for, written
from policypack.cli.output import (
    read_former,
    rendered,
    require_not_read,
    require_places,
    write_report,
    write_reports,
)
from policypack.cli.screen import Screen, progress
from policypack.reports.audit import Audit, Outcome, Unread, text_summary
from policypack.reports.report import Report
from policypack.reports.text import text_report
from policypack.sources.errors import InputError
from policypack.sources.stores import find

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence

    from policypack.engine.settings import Settings
    from policypack.sources.stores import StateFile


ONE_BY_ONE: Final = 100
"""Files that are judged one by one if the user names each. Their whole reports are kept, which take a mebibyte each."""


def audit(chosen: argparse.Namespace) -> int:
    """Run the command.

    A file that cannot be read is told of, and does not keep the others from being judged.

    Raises:
        InputError: The configuration cannot be read, there is nothing to judge, or the report has no place to go.
    """
    started = time.perf_counter()
    settings = settings_for(chosen)
    require_places(chosen.report, chosen.output, chosen.write_baseline)
    with progress("looking for states"):
        found = find(chosen.files)
    written_over = [*(one.file for one in chosen.report), chosen.output, chosen.write_baseline]
    require_not_read(written_over, [file.location for file in found.files if file.store is None])
    too_many = len(found.files) > ONE_BY_ONE
    if found.many or chosen.organisation or chosen.each or too_many:
        if too_many and not (found.many or chosen.organisation):
            told_why = f"more than {ONE_BY_ONE} files, so there is one report of them all"
            print(f"{told_why}; --each FORMAT=DIR writes that of each", file=sys.stderr)
        # What few files need not is loaded for many.
        from policypack.cli.many.audit import Run, audit_many

        return audit_many(Run(chosen, settings, started), found)
    return _audit_named(chosen, found.files, settings, started)


def _audit_named(chosen: argparse.Namespace, files: Sequence[StateFile], settings: Settings, started: float) -> int:
    """Judge files that the user named one by one, and give the whole report of each."""
    former = read_former(chosen.since) if chosen.since else None
    screen = Screen(no_color=chosen.no_color)
    in_text = chosen.format == "text" or chosen.output is not None
    outcomes: list[Outcome] = []
    for file in files:
        outcome = _outcome(file, settings, one_of_many=len(files) > 1)
        outcomes.append(outcome)
        if isinstance(outcome, Report) and in_text and chosen.write_baseline is None:
            _show(screen, outcome, one_of_many=len(files) > 1)
    done = written(chosen, Audit(tuple(outcomes), time.perf_counter() - started))
    if in_text and chosen.write_baseline is not None:
        for report in done.reports:
            _show(screen, report, one_of_many=len(files) > 1)
    if in_text and len(files) > 1:
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


def _outcome(file: StateFile, settings: Settings, *, one_of_many: bool) -> Outcome:
    try:
        with progress(f"judging {file.name}"):
            return judged(file, settings, one_of_many=one_of_many)
    except InputError as error:
        # In its place between the reports, where both go to one terminal.
        sys.stdout.flush()
        print(told(error), file=sys.stderr)
        return Unread(file.name, error.what, error.where, error.what_to_do)
