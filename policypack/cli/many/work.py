"""Judges one stack of many, in whatever process, and keeps of it what the report of them all needs."""

from __future__ import annotations

import traceback
from typing import TYPE_CHECKING

from policypack.cli.failures import explained
from policypack.cli.judging import judged
from policypack.cli.known import to_know
from policypack.cli.many.parts import written_parts
from policypack.engine.baseline import baseline_of
from policypack.model.records import dataclass, field, replace
from policypack.reports.audit import Unread
from policypack.reports.organisation.summary import StackSummary, summary_of
from policypack.sources.errors import InputError, NoStateError
from policypack.sources.stores import StateFile, tags_of

if TYPE_CHECKING:
    from types import TracebackType

    from typing_extensions import Self

    from policypack.cli.many.parts import Part, Tests
    from policypack.engine.settings import Settings
    from policypack.model.finding import Finding
    from policypack.reports.report import Report


@dataclass(frozen=True)
class Task:
    """One file, and its place among all."""

    number: int
    file: StateFile


@dataclass(frozen=True)
class Judged:
    """What came of one file.

    Attributes:
        summary: What is kept of the stack; None if the file could not be judged.
        unread: Why it could not be judged.
        no_state: True if the file is sound, no state, and nobody said that it is one.
        stack: Name of the stack, and project.
        to_know: What a baseline that is written takes from it: rule, and finding.
        tests: What its part of a JUnit report counts.
        trace: Python's traceback, if it was the pack itself that broke.
    """

    summary: StackSummary | None = None
    unread: Unread | None = None
    no_state: bool = False
    stack: tuple[str, str] = ("", "")
    to_know: tuple[tuple[str, Finding], ...] = ()
    tests: Tests = field(default_factory=dict)
    trace: str = ""


@dataclass(frozen=True)
class Work:
    """What is done with every file. It travels to the processes once.

    Attributes:
        settings: The configuration.
        parts: What is written of each stack.
        to_be_known: True if a baseline is written of what is found: it is then shown as known.
        grows: False if nothing new comes into that baseline.
    """

    settings: Settings
    parts: tuple[Part, ...] = ()
    to_be_known: bool = False
    grows: bool = True

    def __call__(self, task: Task) -> Judged:
        """Judge a file. Whatever is wrong with it is told of, and never the end of the others."""
        broken = _Broken()
        with broken:
            return self._judge(task)
        return broken.told(task.file)

    def _judge(self, task: Task) -> Judged:
        report = judged(task.file, self.settings, one_of_many=True)
        tags, note = _tags(task.file)
        if note:
            report = replace(report, notes=(*report.notes, note))
        graph = report.judgement.deployment.graph
        found = tuple(to_know(report, grows=self.grows)) if self.to_be_known else ()
        if self.to_be_known:
            report = _knowing(report, found)
        tests = written_parts(self.parts, task.number, report)
        summary = summary_of(report, tags=tags)
        return Judged(summary, stack=(graph.stack, graph.project), to_know=found, tests=tests)


def _tags(file: StateFile) -> tuple[dict[str, str], str]:
    """Give the tags of a stack, and what to say if they cannot be read: the stack is judged without them."""
    try:
        return dict(tags_of(file)), ""
    except InputError as error:
        return {}, f"the tags of the stack cannot be read: {error.what}"


def _knowing(report: Report, found: tuple[tuple[str, Finding], ...]) -> Report:
    """Give a report in which what goes into the baseline is known: the stack's own entries of it tell."""
    judgement = report.judgement
    settings = replace(judgement.settings, baseline=baseline_of(found))
    return replace(report, judgement=replace(judgement, settings=settings))


class _Broken:
    """Keeps what a file could not be judged for."""

    def __init__(self) -> None:
        self._error: Exception | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, frames: TracebackType | None
    ) -> bool:
        if isinstance(error, Exception):
            self._error = error
        return self._error is not None

    def told(self, file: StateFile) -> Judged:
        error = self._error
        if error is None:
            raise RuntimeError("nothing broke")
        if isinstance(error, NoStateError) and not file.named:
            return Judged(no_state=True)
        trace = "" if isinstance(error, InputError) else "".join(traceback.format_exception(error))
        return Judged(unread=unread(explained(error), file.name), trace=trace)


def unread(error: InputError, name: str) -> Unread:
    """Give what a report says of something that could not be judged."""
    return Unread(name, error.what, error.where, error.what_to_do)
