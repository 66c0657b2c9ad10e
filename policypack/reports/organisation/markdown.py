"""The report of an organisation as Markdown: the summary of a job, or a page of a wiki."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from policypack import __version__
from policypack.reports.markdown import code, cut, details, escaped
from policypack.reports.organisation.as_json import not_judged, title_of
from policypack.reports.organisation.text import NOBODY, change_line, difference_line, some, verdict_line

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from policypack.reports.organisation.organisation import Cell, Organisation, Row
    from policypack.reports.organisation.trend import Trend

MARK: Final = "<!-- multiregion-guard organisation -->"
"""The first line: by it a workflow finds its own comment again, and writes over it."""

STACKS_SHOWN: Final = 50
RULES_SHOWN: Final = 15

_SIGNS: Final = {
    "mandatory": "🔴",
    "advisory": "🟡",
    "error": "⚠️",
    "undecided": "❔",
    "accepted": "⚪",
    "pass": "✅",
    "none": "",
}
_LEGEND: Final = (
    "🔴 mandatory findings, 🟡 advisory ones, ⚠️ a rule broke, ❔ undecided, ⚪ waived or known only, ✅ no finding"
)


def markdown_organisation(organisation: Organisation) -> str:
    """Give the report. What would be too long for the summary of a job or a comment is cut, and said to be."""
    return cut([MARK, *_parts(organisation), f"<sub>multiregion-guard {__version__}</sub>"])


def _parts(org: Organisation) -> Iterator[str]:
    sign = "❌" if org.exit_code else "✅"
    yield f"## {sign} Organisation, {org.date}"
    yield escaped(verdict_line(org))
    if org.problems:
        rows = [f"- {code(place)}: {escaped(message)}" for place, message in org.problems]
        yield "\n".join(["**Mistakes in the policy configuration**", "", *rows])
    if org.trend is not None:
        yield _trend(org.trend)
    if org.unread:
        rows = [f"- {code(one.place)}: {escaped(f'{one.what}. {one.what_to_do}')}" for one in not_judged(org.unread)]
        yield "\n".join([f"### Not judged ({len(org.unread)})", "", *rows])
    if org.summaries:
        yield _stacks(org)
        yield _owners(org)
    yield from _rules(org)
    yield from _cleaning_up(org)


def _trend(trend: Trend) -> str:
    rows = [
        f"| {escaped(title_of(area))} | {change.difference:+d} | {change.new} | {change.fixed} |"
        for area, change in trend.areas.items()
    ]
    moved = [
        f"{what}: {', '.join(escaped(name) for name in some(names).split(', '))}"
        for what, names in (("Added", trend.added), ("Gone", trend.gone), ("Not judged this time", trend.missing))
        if names
    ]
    said = [
        f"### Since {escaped(trend.date)}",
        "",
        f"**{difference_line(trend.total)}**: {escaped(change_line(trend.total))}.",
        *(["", "  \n".join(moved)] if moved else []),
        *(["", *_table(("area", "difference", "new", "fixed"), rows, numbers=3)] if rows else []),
    ]
    return "\n".join(said)


def _stacks(org: Organisation) -> str:
    rows = [_row(row) for row in org.rows[:STACKS_SHOWN]]
    titles = [title_of(area) for area in org.areas]
    more = len(org.rows) - len(rows)
    rest = ["", f"And {more} more: the HTML and the JSON report have them all."] if more > 0 else []
    return "\n".join(["### Stacks, worst first", "", _LEGEND, "", *_table(("stack", "owner", *titles), rows), *rest])


def _row(row: Row) -> str:
    owner = escaped(row.summary.owner.name) or f"*{NOBODY}*"
    return f"| {escaped(row.name)} | {owner} | {' | '.join(_cell(cell) for cell in row.cells)} |"


def _cell(cell: Cell) -> str:
    return f"{_SIGNS[cell.verdict]} {cell.count or ''}".strip()


def _owners(org: Organisation) -> str:
    rows = [
        f"| {escaped(one.name) or f'*{NOBODY}*'} | {one.stacks} | {one.failed} | {one.tally.mandatory} "
        f"| {one.tally.advisory} | {one.tally.accepted} |"
        for one in org.owners
    ]
    names = ("owner", "stacks", "failed", "mandatory", "advisory", "waived or known")
    return "\n".join(["### Owners", "", *_table(names, rows, numbers=5)])


def _rules(org: Organisation) -> Iterator[str]:
    failing = [row for row in org.rule_rows if row.failing]
    if failing:
        rows = [
            f"| {row.failing} | {row.tally.mandatory + row.tally.advisory} | {row.rule.severity.value} "
            f"| {code(row.rule.name)} | {escaped(row.rule.description)} |"
            for row in failing[:RULES_SHOWN]
        ]
        table = _table(("stacks", "findings", "severity", "rule", "what good looks like"), rows)
        yield details(f"Rules with findings in most stacks ({len(failing)})", "\n".join(table))


def _cleaning_up(org: Organisation) -> Iterator[str]:
    rows = [f"- {escaped(one.said)}" for one in org.stale_waivers]
    rows += [f"- baseline of {escaped(row.name)}: {escaped(entry)}" for row in org.rows for entry in row.summary.fixed]
    if rows:
        yield details(f"To take out ({len(rows)})", "\n".join(rows))


def _table(names: Sequence[str], rows: Sequence[str], *, numbers: int = 0) -> list[str]:
    """Lay out a table; its last columns are numbers."""
    lines = ["---"] * (len(names) - numbers) + ["--:"] * numbers
    return [f"| {' | '.join(names)} |", f"|{'|'.join(lines)}|", *rows]
