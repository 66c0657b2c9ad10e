"""The report as Markdown: a comment on a pull request, or the summary of a job."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from policypack import __version__
from policypack.engine.messages import crash_line, fixed_line, more, stale_line, undecided_line
from policypack.engine.standing import Standing
from policypack.engine.verdict import Status
from policypack.reports.layout import LINES, Page
from policypack.reports.places import place_of
from policypack.reports.text import conclusion, tree
from policypack.rules.contract import Level

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from policypack.reports.audit import Audit, Unread
    from policypack.reports.report import Fault, Report

MARK: Final = "<!-- multiregion-guard -->"
"""The first line of every report: by it a workflow finds its own comment again, and writes over it."""

LONGEST: Final = 60_000
"""Characters; a comment on GitHub may have 65,536."""

_SPECIAL: Final = re.compile(r"([\\`*_{}\[\]<>#|~&$])|(?<=http)(:)|(?<=https)(:)|(@)")


def markdown_report(audit: Audit) -> str:
    """Give the findings of one deployment or several. What would be too long for a comment is cut, and said to be."""
    parts = [MARK, *(part for report in audit.reports for part in _Writer(report).write())]
    parts += [_unread(one) for one in audit.unread]
    parts.append(f"<sub>multiregion-guard {__version__}</sub>")
    return cut(parts)


class _Writer:
    def __init__(self, report: Report) -> None:
        self._report = report
        self._judgement = report.judgement

    def write(self) -> Iterator[str]:
        report = self._report
        sign = "❌" if report.exit_code else "✅"
        graph = self._judgement.deployment.graph
        name = " / ".join(self._text(part) for part in (graph.project, graph.stack) if part)
        yield f"## {sign} {name or self._text(report.origin.path)}"
        yield self._text(conclusion(report).text)
        yield from self._problems()
        for level, title in ((Level.MANDATORY, "Mandatory"), (Level.ADVISORY, "Advisory")):
            found = [fault for fault in report.faults if fault.open and fault.level is level]
            yield from self._findings(title, found, folded=level is Level.ADVISORY)
        yield from self._accepted()
        yield from self._cleaning_up()
        yield from self._undecided()
        yield from self._load_balancers()

    def _problems(self) -> Iterator[str]:
        problems = self._judgement.settings.problems
        if problems:
            rows = [f"- {self._code(problem.place)}: {self._text(problem.message)}" for problem in problems]
            yield "\n".join(["**Mistakes in the policy configuration**", "", *rows])

    def _findings(self, title: str, faults: Sequence[Fault], *, folded: bool) -> Iterator[str]:
        if not faults:
            return
        rows = ["| rule | where | found | expected |", "|---|---|---|---|", *map(self._row, faults)]
        rules = {fault.verdict.rule for fault in faults}
        fixes = [f"- `{rule.name}`: {rule.fix} (`{more(rule)}`)" for rule in sorted(rules, key=lambda rule: rule.name)]
        told = "\n".join([*rows, "", "**What to do**", "", *fixes])
        yield details(f"{title} ({len(faults)})", told) if folded else f"### {title} ({len(faults)})\n\n{told}"

    def _row(self, fault: Fault) -> str:
        place = place_of(fault.source, self._report.origin)
        where = f"<br>{self._code(f'{place.file}:{place.line}')}" if place.exact else ""
        path = f" {self._code(fault.path)}" if fault.path else ""
        rule = f"`{fault.verdict.rule.name}`<br>{fault.verdict.rule.severity.value}"
        again = fault.stand.expired
        expired = f"<br>its waiver expired on {again.expires.isoformat()}" if again else ""
        cells = (rule, f"{self._code(fault.name)}{path}{where}", self._text(fault.found) + expired)
        return f"| {' | '.join((*cells, self._text(fault.expected)))} |"

    def _accepted(self) -> Iterator[str]:
        rows = []
        for fault in (*self._report.standing(Standing.WAIVED), *self._report.standing(Standing.KNOWN)):
            waiver = fault.stand.waiver
            why = (
                f"waived until {waiver.expires.isoformat()} by {self._text(waiver.owner)}: {self._text(waiver.reason)}"
                if waiver and not waiver.expired
                else "known: in the baseline"
            )
            rows.append(f"- `{fault.verdict.rule.name}` {self._code(fault.name)}: {why}")
        if rows:
            yield details(f"Waived or known ({len(rows)})", "\n".join(rows))

    def _cleaning_up(self) -> Iterator[str]:
        """Name the waivers that waive nothing, and what could leave the baseline."""
        rows = [f"- {self._text(stale_line(one))}" for one in self._report.stale_waivers]
        rows += [f"- baseline: {self._text(fixed_line(one))}" for one in self._report.fixed]
        if rows:
            yield details(f"To take out ({len(rows)})", "\n".join(rows))

    def _undecided(self) -> Iterator[str]:
        judgement = self._judgement
        rows = [f"- {self._text(crash_line(one))}" for one in judgement.with_status(Status.ERROR)]
        graph = judgement.deployment.graph
        told: dict[str, list[str]] = {}
        for verdict in judgement.with_status(Status.UNDECIDED):
            for why in verdict.undecided:
                told.setdefault(verdict.rule.name, []).append(self._text(undecided_line(graph, why)))
        rows += [f"- `{rule}`: {'; '.join(dict.fromkeys(lines))}" for rule, lines in told.items()]
        if rows:
            yield details(f"Could not be decided ({len(rows)})", "\n".join(rows))

    def _load_balancers(self) -> Iterator[str]:
        if self._report.load_balancers:
            page = Page(branches=LINES, width=1000)
            tree(page, self._report.load_balancers, self._report.cleaner.shown)
            drawn = page.plain().rstrip()
            fence = "`" * max(3, 1 + max((len(run) for run in re.findall("`+", drawn)), default=0))
            yield details("Load balancers", f"{fence}text\n{drawn}\n{fence}")

    def _text(self, text: str) -> str:
        """Write text of a program so that it means nothing to Markdown, mentions nobody and links nowhere."""
        return escaped(self._report.cleaner.shown(text))

    def _code(self, text: str) -> str:
        return code(self._report.cleaner.shown(text))


def escaped(text: str) -> str:
    """Write text so that it means nothing to Markdown, mentions nobody and links nowhere."""
    # A word joiner, which nobody sees, keeps a name from being a mention: an escaped one still is.
    return _SPECIAL.sub(
        lambda found: "@\N{WORD JOINER}" if found[0] == "@" else f"\\{found[0]}", " ".join(text.split())
    )


def code(text: str) -> str:
    r"""Write text as code, whatever backquotes it has; a bar would end the cell of a table even there."""
    text = " ".join(text.split()).replace("|", "\\|")
    run = max((len(found) for found in re.findall("`+", text)), default=0)
    quote = "`" * (run + 1)
    space = " " if text.startswith("`") or text.endswith("`") else ""
    return f"{quote}{space}{text}{space}{quote}" if text else ""


def details(title: str, body: str) -> str:
    """Give a part that the reader unfolds."""
    return f"<details><summary>{title}</summary>\n\n{body}\n\n</details>"


def _unread(one: Unread) -> str:
    return f"## ❌ {code(one.path)}\n\nNot judged: {escaped(one.what)}. {escaped(one.what_to_do)}"


def cut(parts: Sequence[str], longest: int = LONGEST) -> str:
    """Put the parts together as far as they go; a part that is too long for all loses its last lines."""
    kept: list[str] = []
    room = longest
    for part in parts:
        if len(part) + 2 > room:
            lines = part[: max(room - 400, 0)].splitlines()[:-1]
            ending = "\n\n</details>" if part.startswith("<details>") and lines else ""
            kept.append("\n".join(lines) + ending)
            kept.append("**Too long for a comment: the rest is cut.** The JSON report has all of it.")
            break
        kept.append(part)
        room -= len(part) + 2
    return "\n\n".join(part for part in kept if part) + "\n"
