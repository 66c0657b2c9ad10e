"""The parts of the report for people that tell of findings which do not count, and of what could be cleaned up."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from policypack.engine.messages import fault, fixed_line, stale_line, standing_line, waiver_line
from policypack.engine.standing import Standing
from policypack.model.finding import Finding
from policypack.reports.layout import Page, Span, Style

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from policypack.engine.verdict import Verdict
    from policypack.engine.waivers import StaleWaiver
    from policypack.reports.report import Fault, Report

_TITLES = {Standing.WAIVED: "Waived findings", Standing.KNOWN: "Known findings"}


def show_fault(page: Page, report: Report, one: Fault) -> None:
    """Show one finding: its place, its resource, what is wrong, and why it does not count, or counts again."""
    clean = report.cleaner.shown
    where = f"{clean(report.origin.nearest(one.source))}  " if one.source else ""
    kind = one.type.rsplit(":", 1)[-1]
    page.line(Span(where, Style.HINT), clean(one.name), Span(f" ({clean(kind)})", Style.QUIET), indent=4)
    page.prose(clean(fault(Finding(one.urn, one.path, one.expected, one.found))), indent=6)
    stand = one.stand
    if stand.standing is Standing.WAIVED or stand.expired is not None:
        page.prose(clean(standing_line(stand)), indent=6, style=Style.WARNING if one.open else Style.QUIET)


def place(one: Fault) -> tuple[str, int, str, str]:
    """Order findings as the program makes their resources."""
    source = one.source
    return (source.file, source.line, one.urn, one.path) if source else ("", 0, one.urn, one.path)


def show_accepted(page: Page, report: Report) -> None:
    """Show every finding that is waived, and every one that is known."""
    for standing, title in _TITLES.items():
        faults = report.standing(standing)
        if not faults:
            continue
        heading(page, title, f"{len(faults)}, not counted")
        by_rule: dict[str, list[Fault]] = defaultdict(list)
        for one in faults:
            by_rule[one.verdict.rule.name].append(one)
        for name, some in by_rule.items():
            page.line(Span(some[0].verdict.rule.severity.value, Style.QUIET), "  ", Span(name, Style.STRONG), indent=2)
            for one in sorted(some, key=place):
                show_fault(page, report, one)


def show_cleaning_up(page: Page, report: Report) -> None:
    """Show the waivers that waive nothing, and the entries of the baseline that could go."""
    clean, settings = report.cleaner.shown, report.judgement.settings
    if report.stale_waivers:
        show_stale(page, report.stale_waivers, settings.on_stale_waiver, clean)
    if report.fixed:
        level = "mandatory" if settings.ratchet else "advisory"
        heading(page, "Take out of the baseline", f"{len(report.fixed)}, {level}", Style.WARNING)
        for entry in report.fixed:
            page.prose(clean(fixed_line(entry)), indent=2)


def show_stale(page: Page, waivers: Sequence[StaleWaiver], choice: str, clean: Callable[[str], str]) -> None:
    """Show waivers that waive nothing, and what that does."""
    level = "mandatory" if choice == "fail" else "advisory"
    heading(page, "Waivers that waive nothing", f"{len(waivers)}, {level}", Style.WARNING)
    for one in waivers:
        page.prose(clean(stale_line(one)), indent=2)


def waivers_of(report: Report, verdicts: Iterable[Verdict]) -> list[str]:
    """Say, each once, which waivers accept what is undecided or broke."""
    found = (report.judgement.standings.waiver_of(verdict) for verdict in verdicts)
    return list(dict.fromkeys(report.cleaner.shown(waiver_line(waiver)) for waiver in found if waiver is not None))


def heading(page: Page, title: str, count: str = "", style: Style = Style.STRONG) -> None:
    """Begin a part of the report."""
    page.blank()
    page.line(Span(title, style), Span(f" ({count})" if count else "", Style.QUIET))


def number(count: int, thing: str, things: str = "") -> str:
    """Say how many: `1 finding`, `3 findings`."""
    return f"{count} {thing}" if count == 1 else f"{count} {things or f'{thing}s'}"
