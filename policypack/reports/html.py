"""The report as one HTML page that needs nothing else: no server, no network, no account."""

from __future__ import annotations

import functools
from collections import Counter
from datetime import date, datetime, timezone
from typing import TYPE_CHECKING, Final

from markdown_it import MarkdownIt
from markupsafe import Markup

from policypack.engine.frameworks import frameworks, outcomes
from policypack.engine.messages import crash_line, more, undecided_line
from policypack.engine.standing import Standing
from policypack.engine.verdict import Status
from policypack.model.records import dataclass
from policypack.reports.cleaning import escape
from policypack.reports.cleanup import entries_of, stale_entries
from policypack.reports.drawing import draw
from policypack.reports.frameworks import CAUTION, framework_table
from policypack.reports.hints import hint_for
from policypack.reports.pages import page
from policypack.reports.places import place_of
from policypack.reports.rule_pages import rule_page
from policypack.reports.text import conclusion
from policypack.rules.areas import AREAS
from policypack.rules.contract import Level, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from policypack.reports.audit import Audit
    from policypack.reports.cleanup import Entry
    from policypack.reports.former import Former
    from policypack.reports.frameworks import FrameworkTable
    from policypack.reports.report import Fault, Report
    from policypack.rules.contract import Rule

_RANKS: Final = ("fail", "advisory", "undecided", "accepted", "pass")
"""Classes of a box of the drawing, gravest first."""


@dataclass(frozen=True)
class Row:
    """One finding, as the page shows it.

    Attributes:
        kind: `mandatory`, `advisory`, `waived` or `known`.
        severity: `critical`, `high`, `medium` or `low`.
        rule: Name of the rule.
        area: Its area, in words.
        urn, name, type, path: The resource and the property.
        source: File and line, if they are known.
        found, expected: What is there, and what good looks like.
        write: What to write, where there is one right answer; else "".
        remark: That it is waived, by whom and until when; that a waiver has expired; that it is new.
        stack: Project and stack.
    """

    kind: str
    severity: str
    rule: str
    area: str
    urn: str
    name: str
    type: str
    path: str
    source: str
    found: str
    expected: str
    write: str
    remark: str
    stack: str


@dataclass(frozen=True)
class AreaCount:
    """How the rules of one area came out, each counted once."""

    title: str
    about: str
    failed: int
    accepted: int
    undecided: int
    passed: int
    other: int


@dataclass(frozen=True)
class Told:
    """A rule that speaks on the page: what to do, and its page."""

    name: str
    description: str
    severity: str
    area: str
    fix: str
    more: str
    controls: tuple[tuple[str, str], ...]
    page: Markup


@dataclass(frozen=True)
class Trend:
    """What has changed since a former report: findings that count, then and now."""

    date: str
    before: int
    new: int
    gone: int


@dataclass(frozen=True)
class View:
    """One deployment, as the page shows it."""

    title: str
    origin: str
    conclusion: str
    failed: bool
    counts: tuple[tuple[str, int, str], ...]
    areas: tuple[AreaCount, ...]
    drawings: tuple[Markup, ...]
    rows: tuple[Row, ...]
    undecided: tuple[tuple[str, tuple[str, ...]], ...]
    broken: tuple[str, ...]
    problems: tuple[tuple[str, str], ...]
    notes: tuple[str, ...]
    cleanup: tuple[Entry, ...]
    trend: Trend | None


def html_report(audit: Audit, *, former: Former | None = None, today: date | None = None) -> str:
    """Give one page of one deployment or several.

    Args:
        audit: What was judged.
        former: A former report, to show what has changed since.
        today: The date that the page bears; the real one (UTC) unless given.
    """
    views = [_view(report, former) for report in audit.reports]
    return page(
        "report.html",
        styles=["report.css"],
        script="report.js",
        date=(today or datetime.now(timezone.utc).date()).isoformat(),
        views=views,
        unread=audit.unread,
        stale=_stale(audit),
        frameworks=_frameworks(audit),
        caution=CAUTION,
        rules=list(_told(audit)),
        severities=[one.value for one in Severity],
        areas=sorted({row.area for view in views for row in view.rows}),
    )


def _view(report: Report, former: Former | None) -> View:
    judgement, clean = report.judgement, report.cleaner.shown
    graph = judgement.deployment.graph
    title = " / ".join(clean(part) for part in (graph.project, graph.stack) if part) or clean(report.origin.path)
    rows = tuple(_row(fault, report, title, former) for fault in report.faults)
    settings = judgement.settings
    judged = len(judgement.deployment.judged)
    return View(
        title=title,
        origin=f"{clean(report.origin.path)}: {judged} resources, judged by {report.origin.way}",
        conclusion=conclusion(report).text,
        failed=bool(report.exit_code),
        counts=_counts(report),
        areas=tuple(_areas(report)),
        drawings=_drawings(report),
        rows=rows,
        undecided=tuple(_undecided(report)),
        broken=tuple(clean(crash_line(one)) for one in judgement.with_status(Status.ERROR)),
        problems=tuple((clean(one.place), clean(one.message)) for one in settings.problems),
        notes=tuple(clean(note) for note in report.notes),
        cleanup=entries_of(report),
        trend=_trend(report, former),
    )


def _row(fault: Fault, report: Report, stack: str, former: Former | None) -> Row:
    rule, clean = fault.verdict.rule, report.cleaner.shown
    place = place_of(fault.source, report.origin)
    return Row(
        kind=fault.level.value if fault.open else fault.stand.standing.value,
        severity=rule.severity.value,
        rule=rule.name,
        area=_area(rule),
        urn=clean(fault.urn),
        name=clean(fault.name),
        type=clean(fault.type),
        path=clean(fault.path),
        source=clean(f"{place.file}:{place.line}") if place.exact else "",
        found=clean(fault.found),
        expected=clean(fault.expected),
        write=hint_for(fault, report),
        remark=clean("; ".join(_remarks(fault, former))),
        stack=stack,
    )


def _remarks(fault: Fault, former: Former | None) -> Iterator[str]:
    waiver = fault.stand.waiver
    if waiver and fault.stand.standing is Standing.WAIVED:
        ticket = f", {waiver.ticket}" if waiver.ticket else ""
        yield f"waived until {waiver.expires.isoformat()} by {waiver.owner}: {waiver.reason}{ticket}"
    elif waiver:
        yield f"its waiver expired on {waiver.expires.isoformat()}"
    elif fault.stand.standing is Standing.KNOWN:
        yield "known: the baseline has it"
    if former is not None and fault.open and not former.has(fault.verdict.rule.name, fault.urn, fault.path):
        yield "new since the former report"


def _area(rule: Rule) -> str:
    return AREAS[rule.area].title if rule.area in AREAS else rule.area


def _counts(report: Report) -> tuple[tuple[str, int, str], ...]:
    judgement = report.judgement
    counted = (
        ("mandatory", report.count(Level.MANDATORY), "fail"),
        ("advisory", report.count(Level.ADVISORY), "advisory"),
        ("waived", len(report.standing(Standing.WAIVED)), "accepted"),
        ("known", len(report.standing(Standing.KNOWN)), "accepted"),
        ("rules undecided", judgement.count(Status.UNDECIDED), "undecided"),
        ("rules passed", judgement.count(Status.PASS), "pass"),
    )
    return tuple(one for one in counted if one[1] or one[0] not in {"waived", "known"})


def _areas(report: Report) -> Iterator[AreaCount]:
    judgement = report.judgement
    for name, about in AREAS.items():
        rules = [rule for rule in judgement.enabled if rule.area == name]
        if not rules:
            continue
        accepted = sum(rule in judgement.accepted for rule in rules)
        status = Counter(judgement.status(rule) for rule in rules if rule not in judgement.accepted)
        yield AreaCount(
            about.title,
            about.about,
            status[Status.FAIL] + status[Status.ERROR],
            accepted,
            status[Status.UNDECIDED],
            status[Status.PASS],
            status[Status.NOT_APPLICABLE],
        )


def _drawings(report: Report) -> tuple[Markup, ...]:
    colours = _colours(report)
    clean = report.cleaner.shown
    drawn = (draw(tree, colours, clean) for tree in report.load_balancers)
    return tuple(Markup(one) for one in drawn)


def _colours(report: Report) -> Mapping[str, str]:
    """Give the class of each resource: the gravest of what is said of it."""
    found: dict[str, str] = {}

    def note(urn: str, kind: str) -> None:
        found[urn] = min(found.get(urn, kind), kind, key=_RANKS.index)

    for verdict in report.judgement.verdicts:
        if verdict.status is Status.PASS:
            note(verdict.urn, "pass")
        elif verdict.status is Status.UNDECIDED:
            note(verdict.urn, "undecided")
    for fault in report.faults:
        grave = "fail" if fault.level is Level.MANDATORY else "advisory"
        note(fault.urn, grave if fault.open else "accepted")
    return found


def _undecided(report: Report) -> Iterator[tuple[str, tuple[str, ...]]]:
    judgement = report.judgement
    lines: dict[str, list[str]] = {}
    for verdict in judgement.with_status(Status.UNDECIDED):
        for why in verdict.undecided:
            told = report.cleaner.shown(undecided_line(judgement.deployment.graph, why))
            lines.setdefault(verdict.rule.name, []).append(told)
    for rule, several in lines.items():
        yield rule, tuple(dict.fromkeys(several))


def _trend(report: Report, former: Former | None) -> Trend | None:
    if former is None:
        return None
    graph = report.judgement.deployment.graph
    before = former.of_stack(graph.project, graph.stack)
    now = {(fault.verdict.rule.name, fault.urn, fault.path) for fault in report.faults if fault.open}
    return Trend(former.name, len(before), len(now - before), len(before - now))


def _frameworks(audit: Audit) -> list[FrameworkTable]:
    judgements = [report.judgement for report in audit.reports]
    known = frameworks(judgements[0].rules) if judgements else ()
    stacks = [outcomes(each) for each in judgements]
    return [framework_table(one, stacks) for one in known]


def _stale(audit: Audit) -> tuple[Entry, ...]:
    """Give the waivers that waive nothing in any stack, where there are several; of one its own view tells."""
    if not audit.stale_waivers:
        return ()
    choice = audit.reports[0].judgement.settings.on_stale_waiver
    return stale_entries(audit.stale_waivers, choice, escape)


def _told(audit: Audit) -> Iterator[Told]:
    speaking = {fault.verdict.rule for report in audit.reports for fault in report.faults}
    markdown = _markdown()
    for rule in sorted(speaking, key=lambda rule: rule.name):
        controls = tuple((framework, ", ".join(ids)) for framework, ids in sorted(rule.controls.items()))
        _, _, body = rule_page(rule).partition("\n")
        page = Markup(markdown.render(body))
        yield Told(rule.name, rule.description, rule.severity.value, _area(rule), rule.fix, more(rule), controls, page)


@functools.cache
def _markdown() -> MarkdownIt:
    """Give a reader of Markdown that lets no HTML through."""
    return MarkdownIt("commonmark", {"html": False}).enable("table")
