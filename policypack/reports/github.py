"""The findings as GitHub annotations: lines that a workflow's log turns into marks at the lines of the program."""

from __future__ import annotations

from typing import TYPE_CHECKING

from policypack.engine.messages import more
from policypack.reports.cleaning import escape
from policypack.reports.places import place_of
from policypack.rules.contract import Level

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from policypack.reports.audit import Audit, Unread
    from policypack.reports.report import Fault, Report


def github_annotations(audit: Audit) -> str:
    """Give a line for each finding that counts, gravest first: GitHub shows the first ten of each kind."""
    return "".join(github_joined(map(github_lines, audit.reports), audit.unread))


def github_lines(report: Report) -> str:
    """Give the lines of one deployment."""
    return "".join(f"{line}\n" for line in _of(report))


def github_joined(lines: Iterable[str], unread: Iterable[Unread]) -> Iterator[str]:
    """Put the lines of deployments together, piece by piece, with those of what could not be judged."""
    yield from lines
    for one in unread:
        told = escape(f"{one.what}: {one.where}")
        yield f"{_line('error', {'title': 'could not be judged'}, told)}\n"


def _of(report: Report) -> Iterator[str]:
    clean = report.cleaner.shown
    settings = report.judgement.settings
    for problem in settings.problems:
        kind = "error" if settings.on_config_error == "mandatory" else "warning"
        yield _line(kind, {"title": "policy configuration"}, clean(f"{problem.place}: {problem.message}"))
    for fault in report.faults:
        if fault.open:
            yield _finding(fault, report)


def _finding(fault: Fault, report: Report) -> str:
    rule, clean = fault.verdict.rule, report.cleaner.shown
    place = place_of(fault.source, report.origin)
    path = f" {fault.path}" if fault.path else ""
    told = clean(f"{fault.name}{path}: {fault.found}. Expected: {fault.expected}. {rule.fix}")
    marks = {"file": clean(place.file), **({"line": str(place.line)} if place.exact else {}), "title": rule.name}
    return _line("error" if fault.level is Level.MANDATORY else "warning", marks, f"{told}\n{more(rule)}")


def _line(kind: str, marks: dict[str, str], text: str) -> str:
    written = ",".join(f"{name}={_property(value)}" for name, value in marks.items())
    return f"::{kind} {written}::{_data(text)}"


def _data(text: str) -> str:
    """Write text so that it stays one line, and begins no other command."""
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
