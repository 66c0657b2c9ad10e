"""The report of an organisation as one page that needs nothing else, and stays usable with thousands of stacks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from markupsafe import Markup

from policypack.model.records import dataclass
from policypack.reports.frameworks import CAUTION
from policypack.reports.organisation.as_json import not_judged, tables, title_of
from policypack.reports.organisation.charts import bar, debt_chart, sparkline
from policypack.reports.organisation.page_data import page_data
from policypack.reports.organisation.text import NOBODY, change_line, difference_line, verdict_line
from policypack.reports.pages import page
from policypack.rules.contract import Severity

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from policypack.reports.organisation.organisation import Cell, Organisation, Row
    from policypack.reports.organisation.trend import Change, Point

RULES_SHOWN: Final = 12
"""Rules that are shown before the reader asks for all."""

_SIGNS: Final = {
    "mandatory": "✕",
    "advisory": "▲",
    "error": "!",
    "undecided": "?",
    "accepted": "~",
    "pass": "✓",
    "none": "·",
}
"""A sign for each verdict of a cell, so that nothing hangs on its colour."""

LEGEND: Final = (
    ("mandatory", "mandatory findings"),
    ("advisory", "advisory findings"),
    ("error", "a rule broke"),
    ("undecided", "undecided"),
    ("accepted", "waived or known only"),
    ("pass", "no finding"),
    ("none", "nothing to judge"),
)


_NUMBERS: Final[tuple[tuple[str, str, Callable[[Point], int]], ...]] = (
    ("stacks with something mandatory", "fail", lambda point: point.failed),
    ("mandatory findings", "fail", lambda point: point.mandatory),
    ("advisory findings", "advisory", lambda point: point.advisory),
    ("waived", "accepted", lambda point: point.waived),
    ("known", "accepted", lambda point: point.known),
)
"""Numbers of the summary that can be compared with a former report: name, class, and what they count."""


@dataclass(frozen=True)
class ShownCell:
    """A cell of the table: its class, and its sign with the number of what is worst there."""

    kind: str
    text: str


@dataclass(frozen=True)
class ShownRow:
    """A row of the table.

    Attributes:
        name, owner: The stack.
        failed: Whether anything in it is mandatory.
        mandatory, advisory: Findings that count.
        new, fixed: What became of its findings; "" where there is no former report.
        cells: Its areas.
    """

    name: str
    owner: str
    failed: bool
    mandatory: int
    advisory: int
    new: str
    fixed: str
    cells: tuple[ShownCell, ...]


@dataclass(frozen=True)
class Card:
    """A number of the summary: its name, its class, and how it has changed."""

    count: int
    name: str
    kind: str
    change: str = ""
    better: bool = False


@dataclass(frozen=True)
class AreaTrend:
    """How the findings of an area went."""

    title: str
    now: int
    difference: int
    better: bool
    said: str
    line: Markup


def html_organisation(organisation: Organisation) -> str:
    """Give the page."""
    org = organisation
    severities = [one.value for one in Severity]
    rules = org.rule_rows
    return page(
        "organisation.html",
        styles=["report.css", "organisation.css"],
        script="organisation.js",
        org=org,
        conclusion=verdict_line(org),
        cards=list(_cards(org)),
        legend=[(kind, _SIGNS[kind], words) for kind, words in LEGEND],
        titles=[title_of(area) for area in org.areas],
        rows=[_row(row, org) for row in org.rows],
        owners=[(one, Markup(bar(one.failed / one.stacks))) for one in org.owners],
        owner_names=sorted({one.name for one in org.owners if one.name}),
        nobody=NOBODY,
        severities=severities,
        rules=[(one, title_of(one.rule.area), Markup(bar(one.failing / len(org.summaries)))) for one in rules],
        rules_shown=RULES_SHOWN,
        rule_names=sorted(one.rule.name for one in rules),
        chart=Markup(debt_chart(org.history)) if len(org.history) > 1 else "",
        trends=list(_trends(org)),
        changed=change_line(org.trend.total) if org.trend else "",
        difference=difference_line(org.trend.total).replace("-", "−") if org.trend else "",
        unread=not_judged(org.unread),
        fixed=[(row.name, entry) for row in org.rows for entry in row.summary.fixed],
        frameworks=tables(org),
        judged=len(org.summaries),
        caution=CAUTION,
        signed=signed,
        data=Markup(page_data(org)),
    )


def _cards(org: Organisation) -> Iterator[Card]:
    now = org.point
    before = org.history[-2] if org.trend and len(org.history) > 1 else None
    tally = org.tally
    yield Card(now.stacks, "stacks judged", "plain", _difference(now.stacks, before.stacks if before else None))
    for name, kind, number in _NUMBERS:
        count, former = number(now), number(before) if before else None
        better = former is not None and count < former and org.trend is not None and org.trend.total.paid
        yield Card(count, name, kind, _difference(count, former), better)
    yield Card(tally.undecided, "questions undecided", "undecided")
    if tally.errors:
        yield Card(tally.errors, "rules that broke", "fail")
    if org.unread:
        yield Card(len(org.unread), "not judged", "fail")


def _difference(now: int, before: int | None) -> str:
    return "" if before is None else signed(now - before)


def signed(difference: int) -> str:
    """Write a difference with its sign: `+3`, `−12`, `±0`."""
    return f"{difference:+d}".replace("-", "−") if difference else "±0"


def _row(row: Row, org: Organisation) -> ShownRow:
    change = org.trend.stacks.get(row.name) if org.trend else None
    return ShownRow(
        row.name,
        row.summary.owner.name,
        bool(row.summary.exit_code),
        row.tally.mandatory,
        row.tally.advisory,
        _some(change, "new"),
        _some(change, "fixed"),
        tuple(_cell(cell) for cell in row.cells),
    )


def _some(change: Change | None, what: str) -> str:
    if change is None:
        return ""
    count = change.new if what == "new" else change.fixed
    return f"{'+' if what == 'new' else '−'}{count}" if count else ""


def _cell(cell: Cell) -> ShownCell:
    return ShownCell(cell.verdict, f"{_SIGNS[cell.verdict]}{cell.count or ''}")


def _trends(org: Organisation) -> Iterator[AreaTrend]:
    """Give each area with findings, then or now."""
    if len(org.history) < 2:
        return
    for area in org.areas:
        values = [point.areas.get(area, 0) for point in org.history]
        if any(values):
            change = org.trend.areas.get(area) if org.trend else None
            said = change_line(change) if change else "nothing has changed"
            title = title_of(area)
            difference = values[-1] - values[-2]
            better = difference < 0 and change is not None and change.paid
            yield AreaTrend(title, values[-1], difference, better, said, Markup(sparkline(values, title)))
