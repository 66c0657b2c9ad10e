"""The report of an organisation for people at a terminal: what came out, the worst stacks, and who owns them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from policypack import __version__
from policypack.reports.layout import ASCII, Branches, Page, Span, Style
from policypack.reports.organisation.as_json import not_judged, title_of
from policypack.reports.text_standing import heading, number

if TYPE_CHECKING:
    from policypack.reports.organisation.organisation import Organisation, OwnerRow, Row, Tally
    from policypack.reports.organisation.trend import Change, Trend

STACKS_SHOWN: Final = 20
"""Stacks with a line of their own; the other forms of the report have all of them."""

RULES_SHOWN: Final = 10
NAMES_SHOWN: Final = 5

NOBODY: Final = "no owner known"

_STYLES: Final = {
    "mandatory": Style.BAD,
    "advisory": Style.WARNING,
    "error": Style.BAD,
    "undecided": Style.WARNING,
    "accepted": Style.QUIET,
}
"""How the number of stacks that came out so looks; those without a finding stand beside them."""


def text_organisation(organisation: Organisation, *, width: int = 100, branches: Branches = ASCII) -> Page:
    """Lay out the report.

    Args:
        organisation: What to tell.
        width: Columns to wrap prose at.
        branches: How to draw trees.
    """
    return _Writer(organisation, Page(width, branches)).write()


def organisation_conclusion(organisation: Organisation) -> Span:
    """Give the sentence that a report ends with."""
    return Span(verdict_line(organisation), Style.BAD if organisation.exit_code else Style.GOOD)


def verdict_line(organisation: Organisation) -> str:
    """Say in one sentence what came out."""
    stacks, tally = len(organisation.summaries), organisation.tally
    failed, unread = organisation.count("failed"), len(organisation.unread)
    rest = ", ".join(findings_in_words(tally))
    more = f" {unread} could not be judged." if unread else ""
    if not stacks:
        return f"No stack was judged:{more}" if unread else "There is no stack to judge."
    have = "has" if failed == 1 else "have"
    head = f"{failed} of {number(stacks, 'stack')} {have} something mandatory" if failed else ""
    if not head:
        head = f"{number(stacks, 'stack')}, and nothing mandatory in {'it' if stacks == 1 else 'any of them'}"
    return (f"{head}: {rest}." if rest else f"{head}.") + more


def findings_in_words(tally: Tally) -> list[str]:
    """Say how many there are of each kind: `3 mandatory findings`, `2 findings waived`."""
    said = (
        (tally.mandatory, "mandatory finding", ""),
        (tally.advisory, "advisory finding", ""),
        (tally.errors, "rule broken", "rules broken"),
        (tally.undecided, "question undecided", "questions undecided"),
        (tally.waived, "finding waived", "findings waived"),
        (tally.known, "finding known", "findings known"),
    )
    return [number(count, thing, things) for count, thing, things in said if count]


def difference_line(change: Change) -> str:
    """Say how many more or fewer findings there are: `+3 findings`, `-12 findings`."""
    difference = change.difference
    if not difference:
        return "as many findings as before"
    return f"{difference:+d} {'finding' if abs(difference) == 1 else 'findings'}"


def change_line(change: Change) -> str:
    """Say what became of findings: `3 new, 12 fixed`."""
    said = (
        (change.new, "new"),
        (change.fixed, "fixed"),
        (change.unsure, "no longer looked for or undecided"),
        (change.came, "with stacks that came"),
        (change.left, "with stacks that left"),
    )
    return ", ".join(f"{count} {what}" for count, what in said if count) or "nothing has changed"


class _Writer:
    def __init__(self, organisation: Organisation, page: Page) -> None:
        self._org = organisation
        self._page = page

    def write(self) -> Page:
        org, page = self._org, self._page
        page.line(
            Span("multiregion-guard", Style.STRONG), Span(f" {__version__}  organisation, {org.date}", Style.QUIET)
        )
        self._problems()
        if org.summaries:
            self._areas()
            self._stacks()
            self._owners()
            self._rules()
        if org.trend is not None:
            self._trend(org.trend)
        self._cleaning_up()
        self._unread()
        page.blank()
        page.line(organisation_conclusion(org), Span(f"  {org.seconds:.1f} s", Style.QUIET))
        return page

    def _problems(self) -> None:
        if self._org.problems:
            heading(self._page, "Mistakes in the policy configuration", "", Style.BAD)
            for place, message in self._org.problems:
                self._page.prose(message, indent=2, label=f"{place}: ")

    def _areas(self) -> None:
        heading(self._page, "Areas", "stacks, by the worst that was found there")
        head = ["area", "mandatory", "advisory", "broken", "undecided", "accepted", "no finding"]
        rows = [[Span(name, Style.QUIET) for name in head]]
        for place, area in enumerate(self._org.areas):
            verdicts = [row.cells[place].verdict for row in self._org.rows]
            if set(verdicts) == {"none"}:
                continue
            counts = [_count(verdicts.count(one), style) for one, style in _STYLES.items()]
            rows.append([Span(title_of(area)), *counts, Span(str(verdicts.count("pass")))])
        self._page.table(rows, indent=2)

    def _stacks(self) -> None:
        org, page = self._org, self._page
        shown = org.rows[:STACKS_SHOWN]
        heading(page, "Stacks", f"{len(org.rows)}, worst first")
        head = ["stack", "owner", "mandatory", "advisory", "where"]
        rows = [self._row(row) for row in shown]
        page.table([[Span(name, Style.QUIET) for name in head], *rows], indent=2, wrap_last=True)
        if len(org.rows) > len(shown):
            page.line(Span(f"and {len(org.rows) - len(shown)} more", Style.QUIET), indent=2)

    def _row(self, row: Row) -> list[Span]:
        style = Style.BAD if row.summary.exit_code else Style.PLAIN
        owner = row.summary.owner.name
        return [
            Span(row.name, style),
            Span(owner or NOBODY, Style.PLAIN if owner else Style.QUIET),
            _count(row.tally.mandatory, Style.BAD),
            _count(row.tally.advisory, Style.WARNING),
            Span(self._where(row), Style.QUIET),
        ]

    def _where(self, row: Row) -> str:
        """Name the areas with findings that count: those that stop a deployment, else the others."""
        cells = list(zip(self._org.areas, row.cells, strict=True))
        grave = [(area, cell.tally.mandatory) for area, cell in cells if cell.tally.mandatory]
        others = [(area, cell.tally.advisory) for area, cell in cells if cell.tally.advisory]
        return ", ".join(f"{title_of(area)} {count}" for area, count in grave or others)

    def _owners(self) -> None:
        heading(self._page, "Owners", f"{len(self._org.owners)}, worst first")
        head = ["owner", "stacks", "failed", "mandatory", "advisory", "accepted", "worst stack"]
        rows = [_owner(owner) for owner in self._org.owners]
        self._page.table([[Span(name, Style.QUIET) for name in head], *rows], indent=2)

    def _rules(self) -> None:
        org, page = self._org, self._page
        failing = [row for row in org.rule_rows if row.failing]
        if not failing:
            return
        heading(page, "Rules with findings in most stacks", str(len(failing)))
        head = ["stacks", "findings", "severity", "rule", "what good looks like"]
        rows = [[Span(name, Style.QUIET) for name in head]]
        for row in failing[:RULES_SHOWN]:
            found = row.tally.mandatory + row.tally.advisory
            style = Style.BAD if row.tally.mandatory else Style.WARNING
            rows.append(
                [
                    Span(str(row.failing)),
                    Span(str(found)),
                    Span(row.rule.severity.value, style),
                    Span(row.rule.name, Style.STRONG),
                    Span(row.rule.description),
                ]
            )
        page.table(rows, indent=2, wrap_last=True)
        if len(failing) > RULES_SHOWN:
            page.line(Span(f"and {len(failing) - RULES_SHOWN} more", Style.QUIET), indent=2)

    def _trend(self, trend: Trend) -> None:
        page = self._page
        heading(page, "Trend", f"since {trend.date}, {trend.name}")
        total = trend.total
        style = Style.BAD if total.difference > 0 else Style.GOOD if total.paid else Style.PLAIN
        page.line(Span(difference_line(trend.total), style), f": {change_line(trend.total)}", indent=2)
        for area, change in trend.areas.items():
            page.prose(change_line(change), indent=4, label=f"{title_of(area)}: ")
        for what, names in (("added", trend.added), ("gone", trend.gone), ("not judged this time", trend.missing)):
            if names:
                page.prose(some(names), indent=2, label=f"{number(len(names), 'stack')} {what}: ")

    def _cleaning_up(self) -> None:
        org, page = self._org, self._page
        if org.stale_waivers:
            heading(page, "Waivers that waive nothing", str(len(org.stale_waivers)), Style.WARNING)
            for one in org.stale_waivers:
                page.prose(one.said, indent=2)
        fixed = [f"{row.name}: {entry}" for row in org.rows for entry in row.summary.fixed]
        if fixed:
            heading(page, "Take out of the baseline", str(len(fixed)), Style.WARNING)
            for entry in fixed[:STACKS_SHOWN]:
                page.prose(entry, indent=2)
            if len(fixed) > STACKS_SHOWN:
                page.line(Span(f"and {len(fixed) - STACKS_SHOWN} more", Style.QUIET), indent=2)
        if org.known_elsewhere:
            page.blank()
            page.prose(
                f"The baseline has {number(org.known_elsewhere, 'finding')} of stacks that were not judged here.",
                indent=2,
            )

    def _unread(self) -> None:
        unread = not_judged(self._org.unread)
        if unread:
            heading(self._page, "Not judged", str(len(unread)), Style.BAD)
            for one in unread:
                self._page.prose(f"{one.what}. {one.what_to_do}", indent=2, label=f"{one.place}: ")


def some(names: tuple[str, ...]) -> str:
    """Name the first few of many."""
    more = len(names) - NAMES_SHOWN
    return ", ".join(names[:NAMES_SHOWN]) + (f" and {more} more" if more > 0 else "")


def _owner(owner: OwnerRow) -> list[Span]:
    return [
        Span(owner.name or NOBODY, Style.STRONG if owner.name else Style.QUIET),
        Span(str(owner.stacks)),
        _count(owner.failed, Style.BAD),
        _count(owner.tally.mandatory, Style.BAD),
        _count(owner.tally.advisory, Style.WARNING),
        _count(owner.tally.accepted, Style.QUIET),
        Span(owner.worst if owner.failed else "", Style.QUIET),
    ]


def _count(count: int, style: Style) -> Span:
    return Span(str(count), style) if count else Span("0", Style.QUIET)
