"""Audits many stacks: judges each, and tells of them together."""

from __future__ import annotations

import contextlib
import shutil
import sys
import tempfile
import time
from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING, Final

from policypack.cli.failures import told
from policypack.cli.known import require_all_judged, write_baseline
from policypack.cli.many.cpus import processes_for
from policypack.cli.many.memory import Tidy
from policypack.cli.many.output import Results, write_each
from policypack.cli.many.parts import JOINED, Part
from policypack.cli.many.pool import Died, Pool
from policypack.cli.many.work import Judged, Task, Work, unread
from policypack.cli.output import read_back, write_pieces
from policypack.cli.screen import Screen, counting
from policypack.model.records import dataclass, replace
from policypack.reports.cleaning import escape
from policypack.reports.organisation.former import former_organisation
from policypack.reports.organisation.organisation import Organisation, today
from policypack.reports.organisation.text import text_organisation
from policypack.reports.text_standing import number
from policypack.sources.errors import InputError
from policypack.sources.state.files import STANDARD_INPUT

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterable, Iterator, Sequence

    from policypack.cli.output import Wanted
    from policypack.engine.baseline import Baseline
    from policypack.engine.settings import Settings
    from policypack.reports.audit import Unread
    from policypack.reports.organisation.summary import StackSummary
    from policypack.sources.stores import Found, StateFile

_SHOWN: Final = 10
"""How many files that could not be judged are told of one by one; the report has them all."""

_SINCE: Final = "Name a file that `audit --format json` wrote of a folder, or of another place with many stacks."


@dataclass(frozen=True)
class Run:
    """What is asked for.

    Attributes:
        chosen: The command line.
        settings: The configuration.
        started: When the command began, on the clock that only goes forward.
    """

    chosen: argparse.Namespace
    settings: Settings
    started: float


def audit_many(run: Run, found: Found) -> int:
    """Judge everything that was found, and report.

    Raises:
        InputError: Nothing of it is a state, or a report or baseline cannot be written.
    """
    since = run.chosen.since
    former = read_back(since, former_organisation, _SINCE) if since else None
    with contextlib.ExitStack() as folders:
        parts = list(_parts(run.chosen, folders))
        work = Work(
            run.settings,
            tuple(parts),
            to_be_known=run.chosen.write_baseline is not None,
            grows=not run.chosen.ratchet,
        )
        judged = _judge(found.files, work, run.chosen.jobs)
        _tell_of_defects(judged, trace=run.chosen.trace)
        lost = [unread(error, error.where) for error in found.trouble]
        lost += [one.unread for one in judged if one.unread is not None]
        numbers = [place for place, one in enumerate(judged) if one.summary is not None]
        kept = [judged[place] for place in numbers]
        _require_apart(run.chosen.each, [found.files[place] for place in numbers])
        _tell_of_the_rest(found, judged, lost)
        baseline = _baseline(run, kept, lost)
        known_elsewhere = baseline.without(_stacks(kept)).count() if baseline is not None else 0
        organisation = Organisation(
            tuple(_summaries(kept)),
            tuple(lost),
            time.perf_counter() - run.started,
            former,
            date=run.chosen.as_of.isoformat() if run.chosen.as_of else today(),
            known_elsewhere=known_elsewhere,
        )
        _write(run, Results(organisation, parts, numbers, [one.tests for one in kept]))
    return organisation.exit_code


def _require_apart(each: Sequence[Wanted], states: Sequence[StateFile]) -> None:
    """Find out before anything is written that the reports of single stacks could go over states that were read.

    Raises:
        InputError: They could.
    """
    folders = {Path(state.location).parent.resolve() for state in states if state.store is None}
    for wanted in each:
        if wanted.file.resolve() in folders:
            raise InputError(
                "the reports of each stack would stand among the states that are read, and could replace one",
                where=str(wanted.file),
                what_to_do="Give the reports a folder of their own.",
            )


def _parts(chosen: argparse.Namespace, folders: contextlib.ExitStack) -> Iterator[Part]:
    """Make a folder for each part that is to be written of every stack; they go when all is done."""
    forms = {one.format for one in chosen.report} | {chosen.format}
    for form in sorted(forms & JOINED):
        yield Part(form, Path(folders.enter_context(tempfile.TemporaryDirectory(prefix="multiregion-guard-"))), False)
    for each in chosen.each:
        if chosen.each.count(each) > 1:
            raise InputError(f"--each {each.format}={each.file} is there twice", what_to_do="Leave one out.")
        folder = _folder_in(each.file)
        folders.callback(shutil.rmtree, folder)
        yield Part(each.format, folder, True)


def _folder_in(folder: Path) -> Path:
    """Make a folder for what is not finished, where there is room for it, and whence it gets to its place in one step.

    Raises:
        InputError: The folder around it cannot be made, or not be written to.
    """
    try:
        folder.mkdir(exist_ok=True)
        return Path(tempfile.mkdtemp(prefix=".multiregion-guard-", dir=folder))
    except OSError as error:
        reason = error.strerror or str(error)
        raise InputError(
            f"the folder for reports cannot be used: {reason}", str(folder), "Name one that may be written to."
        ) from error


def _judge(files: Sequence[StateFile], work: Work, jobs: int | None) -> list[Judged]:
    """Judge files; give what came of them in their order."""
    judged: dict[int, Judged] = {}
    failed = lost = 0
    with counting("judging", len(files)) as done:
        for place, one in _in_any_order(files, work, jobs):
            judged[place] = one
            failed += one.summary is not None and one.summary.exit_code != 0
            lost += one.unread is not None
            done(f"{failed} failed" + (f", {lost} not judged" if lost else ""))
    return [judged[place] for place in range(len(files))]


def _in_any_order(files: Sequence[StateFile], work: Work, jobs: int | None) -> Iterator[tuple[int, Judged]]:
    tasks = [Task(place, file) for place, file in enumerate(files)]
    count = processes_for(files, jobs)
    # The standard input is ours alone.
    here = [task for task in tasks if count == 1 or task.file.location == str(STANDARD_INPUT)]
    with Tidy() as tidy:
        for task in here:
            yield task.number, work(task)
            tidy.after_one()
    there = [task for task in tasks if task not in here] if count > 1 else []
    if there:
        with contextlib.closing(Pool(count, work).run(there)) as results:
            for place, result in results:
                task = there[place]
                yield task.number, _died(task.file, result) if isinstance(result, Died) else result


def _died(file: StateFile, died: Died) -> Judged:
    said = f"the process that judged it was ended {died.how}, twice"
    error = InputError(said, file.name, "It may need more memory than there is: judge it alone, on a larger machine.")
    return Judged(unread=unread(error, file.name))


def _tell_of_defects(judged: Iterable[Judged], *, trace: bool) -> None:
    for one in judged:
        if trace and one.trace:
            print(one.trace, file=sys.stderr)


def _tell_of_the_rest(found: Found, judged: Sequence[Judged], lost: Sequence[Unread]) -> None:
    """Tell of what could not be judged, and of what was not even tried.

    Raises:
        InputError: There was nothing else.
    """
    sys.stdout.flush()
    for one in lost[:_SHOWN]:
        print(told(InputError(one.what, one.where or one.path, one.what_to_do)), file=sys.stderr)
    if len(lost) > _SHOWN:
        print(f"error: {len(lost) - _SHOWN} more could not be judged; the report has all of them", file=sys.stderr)
    foreign = [file.name for file, one in zip(found.files, judged, strict=True) if one.no_state]
    reasons = [f"{reason} ({count})" for reason, count in found.passed_over.items()]
    if foreign:
        such = ", such as " if len(foreign) > 1 else ": "
        reasons.insert(0, f"files that are no state ({len(foreign)}{such}{escape(foreign[0])})")
    if not lost and len(foreign) == len(judged):
        raise InputError(
            f"no state of a stack is among {number(len(judged), 'file')}",
            where=foreign[0],
            what_to_do="Name the folder that has them: exports, or the .pulumi of a self-managed backend.",
        )
    if reasons:
        print(f"passed over: {', '.join(reasons)}", file=sys.stderr)


def _baseline(run: Run, kept: Sequence[Judged], lost: Sequence[Unread]) -> Baseline | None:
    """Write the baseline, if the user wants one; give the one that holds in the end."""
    before = run.settings.baseline
    file = run.chosen.write_baseline
    if file is None:
        return before
    require_all_judged(file, all_judged=bool(kept) and not lost)
    return write_baseline(file, (each for one in kept for each in one.to_know), _stacks(kept), before)


def _summaries(kept: Sequence[Judged]) -> Iterator[StackSummary]:
    """Give the summaries; where several states have one stack's name, with a word about it: URNs are the same then."""
    places: dict[tuple[str, str], list[str]] = defaultdict(list)
    for one in kept:
        if one.summary is not None and one.stack[0]:
            places[one.stack].append(one.summary.place)
    for one in kept:
        others = [place for place in places[one.stack] if one.summary is not None and place != one.summary.place]
        if one.summary is not None and others:
            note = f"another state has the same project and stack, and a baseline cannot tell them apart: {others[0]}"
            yield replace(one.summary, notes=(*one.summary.notes, note))
        elif one.summary is not None:
            yield one.summary


def _stacks(kept: Iterable[Judged]) -> frozenset[tuple[str, str]]:
    return frozenset(one.stack for one in kept if one.stack[0])


def _write(run: Run, judged: Results) -> None:
    """Write every report that was asked for."""
    chosen = run.chosen
    write_each(judged, chosen.each)
    for wanted in chosen.report:
        write_pieces(wanted.file, judged.pieces(wanted.format))
    screen = Screen(no_color=chosen.no_color)
    if chosen.output is not None:
        write_pieces(chosen.output, judged.pieces(chosen.format))
    elif chosen.format != "text":
        for piece in judged.pieces(chosen.format):
            screen.write(piece)
        return
    screen.show(text_organisation(judged.organisation, width=screen.width, branches=screen.branches))
