"""The report for people: what was judged, what is wrong with it, and what to do, in that order."""

from __future__ import annotations

import itertools
from collections import defaultdict
from typing import TYPE_CHECKING

from policypack import __version__
from policypack.engine.messages import crash_line, more, undecided_line
from policypack.engine.standing import Standing
from policypack.engine.verdict import Status
from policypack.reports.layout import ASCII, Branches, Page, Span, Style
from policypack.reports.text_standing import (
    heading,
    number,
    place,
    show_accepted,
    show_cleaning_up,
    show_fault,
    waivers_of,
)
from policypack.rules.contract import Level, Severity

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from policypack.engine.verdict import Verdict
    from policypack.reports.report import Fault, Report
    from policypack.rules.contract import Rule
    from policypack.topology.tree import Node

_SEVERITY_STYLE = {
    Severity.CRITICAL: Style.BAD,
    Severity.HIGH: Style.BAD,
    Severity.MEDIUM: Style.WARNING,
    Severity.LOW: Style.WARNING,
}
_REASONS_SHOWN = 3
"""How many unknown values are named for one rule; one or two of them usually are the cause of all."""


def text_report(report: Report, *, width: int = 100, branches: Branches = ASCII) -> Page:
    """Lay out the report.

    Args:
        report: What to tell.
        width: Columns to wrap prose at.
        branches: How to draw trees.
    """
    return _Writer(report, Page(width, branches)).write()


def conclusion(report: Report) -> Span:
    """Give the sentence that a report ends with."""
    return _Writer(report, Page()).conclusion()


def tree(page: Page, nodes: Iterable[Node], clean: Callable[[str], str]) -> None:
    """Draw each front end, down to the regions that serve it."""
    for node in nodes:
        page.branch("  ", "  ", clean(node.label))
        _below(page, node.children, "  ", clean)


def _below(page: Page, nodes: Sequence[Node], before: str, clean: Callable[[str], str]) -> None:
    branches = page.branches
    for index, node in enumerate(nodes):
        last = index == len(nodes) - 1
        below = before + (branches.below_last if last else branches.below)
        page.branch(before + (branches.last if last else branches.child), below, clean(node.label))
        _below(page, node.children, below, clean)


class _Writer:
    def __init__(self, report: Report, page: Page) -> None:
        self._report = report
        self._judgement = report.judgement
        self._page = page
        self._clean = report.cleaner.shown

    def write(self) -> Page:
        self._head()
        self._load_balancers()
        self._counts()
        self._problems()
        for level in (Level.MANDATORY, Level.ADVISORY):
            self._findings(level)
        self._broken()
        self._undecided()
        show_accepted(self._page, self._report)
        show_cleaning_up(self._page, self._report)
        self._notes()
        self._page.blank()
        self._page.line(self.conclusion(), Span(f"  {self._report.seconds:.1f} s", Style.QUIET))
        return self._page

    def _title(self, title: str, count: str = "", style: Style = Style.STRONG) -> None:
        heading(self._page, title, count, style)

    def _head(self) -> None:
        deployment, origin = self._judgement.deployment, self._report.origin
        graph = deployment.graph
        self._page.line(Span("multiregion-guard", Style.STRONG), Span(f" {__version__}", Style.QUIET))
        self._page.blank()
        stack = f", stack {self._clean(graph.stack)}" if graph.stack else ""
        self._page.line(
            Span(self._clean(graph.project) or "(no project)", Style.STRONG),
            stack,
            Span(f"  {self._clean(origin.path)}", Style.QUIET),
            indent=2,
        )
        judged = number(len(deployment.judged), "resource")
        self._page.line(f"{judged}, judged by {origin.way}", indent=2)

    def _load_balancers(self) -> None:
        if not self._report.load_balancers:
            return
        self._title("Load balancers")
        tree(self._page, self._report.load_balancers, self._clean)

    def _counts(self) -> None:
        judgement = self._judgement
        failed, broken = judgement.count(Status.FAIL), judgement.count(Status.ERROR)
        undecided, passed = judgement.count(Status.UNDECIDED), judgement.count(Status.PASS)
        parts = [
            Span(f"{failed} failed", Style.BAD if failed else Style.PLAIN),
            *([Span(f"{len(judgement.accepted)} waived or known")] if judgement.accepted else []),
            *([Span(f"{broken} broken", Style.BAD)] if broken else []),
            Span(f"{undecided} undecided", Style.WARNING if undecided else Style.PLAIN),
            Span(f"{passed} passed", Style.GOOD if passed else Style.PLAIN),
            Span(f"{judgement.count(Status.NOT_APPLICABLE)} not applicable"),
        ]
        off = len(judgement.rules) - len(judgement.enabled)
        if off:
            parts.append(Span(f"{off} switched off", Style.QUIET))
        self._title("Rules")
        separated = itertools.chain.from_iterable((Span(", "), part) for part in parts)
        self._page.line(*list(separated)[1:], indent=2)
        self._not_looked_at()

    def _not_looked_at(self) -> None:
        """Say which types are neither passed nor failed, since a list of findings alone would hide it."""
        types = self._judgement.not_looked_at
        if types:
            count = number(sum(types.values()), "resource")
            named = ", ".join(sorted({token.rsplit(":", 1)[-1] for token in types}))
            said = f"{named} ({number(len(types), 'type')}, {count})"
            self._page.prose(self._clean(said), indent=2, label="No rule looks at: ")

    def _problems(self) -> None:
        settings = self._judgement.settings
        if not settings.problems:
            return
        self._title("Mistakes in the policy configuration", settings.on_config_error, Style.BAD)
        for problem in sorted(settings.problems, key=lambda problem: (problem.place, problem.message)):
            self._page.prose(self._clean(problem.message), indent=2, label=f"{self._clean(problem.place)}: ")

    def _findings(self, level: Level) -> None:
        faults = [fault for fault in self._report.faults if fault.open and fault.level is level]
        if not faults:
            return
        style = Style.BAD if level is Level.MANDATORY else Style.WARNING
        self._title(f"{level.value.capitalize()} findings", str(len(faults)), style)
        by_rule: dict[str, list[Fault]] = defaultdict(list)
        for one in faults:
            by_rule[one.verdict.rule.name].append(one)
        for some in by_rule.values():
            self._rule(some[0].verdict.rule, some)

    def _rule(self, rule: Rule, faults: Sequence[Fault]) -> None:
        """One rule's findings: what it wants, where it is not so, what to do. What is alike is said once."""
        page = self._page
        page.blank()
        page.line(
            Span(rule.severity.value, _SEVERITY_STYLE[rule.severity]), "  ", Span(rule.name, Style.STRONG), indent=2
        )
        page.prose(rule.description, indent=4)
        for one in sorted(faults, key=place):
            show_fault(page, self._report, one)
        for expected in dict.fromkeys(one.expected for one in faults):
            page.prose(self._clean(expected), indent=4, label="expected: ")
        page.prose(rule.fix, indent=4, label="fix:      ")
        unknown = self._unknowns(self._judgement.of_rule[rule.name])
        if unknown:
            page.prose(f"{number(len(unknown), 'more question')} of this rule cannot be answered yet:", indent=4)
            self._reasons(unknown, indent=6)
        page.line(Span("more:     ", Style.QUIET), Span(more(rule), Style.HINT), indent=4)

    def _broken(self) -> None:
        spoken = self._judgement.with_status(Status.FAIL, Status.ERROR)
        broken = [verdict for verdict in spoken if verdict.crash is not None]
        if not broken:
            return
        self._title("Rules that broke", self._judgement.settings.on_error, Style.BAD)
        for verdict in broken:
            self._page.prose(self._clean(crash_line(verdict)), indent=2, label=f"{verdict.rule.name}: ")
            for waived in waivers_of(self._report, [verdict] if verdict.status is Status.ERROR else []):
                self._page.prose(waived, indent=4, style=Style.QUIET)

    def _undecided(self) -> None:
        rules = [rule for rule in self._judgement.enabled if self._judgement.status(rule) is Status.UNDECIDED]
        if not rules or self._judgement.settings.on_undecided == "ignore":
            return
        blocking = {
            verdict.rule
            for verdict in self._judgement.with_status(Status.UNDECIDED)
            if self._judgement.level(verdict) is Level.MANDATORY
        }.intersection(rules)
        level = (
            "advisory" if not blocking else "mandatory" if len(blocking) == len(rules) else f"{len(blocking)} mandatory"
        )
        self._title("Undecided", f"{number(len(rules), 'rule')}, {level}", Style.WARNING)
        for rule in rules:
            self._page.line(rule.name, indent=2)
            verdicts = self._judgement.of_rule[rule.name]
            self._reasons(self._unknowns(verdicts), indent=4)
            for waived in waivers_of(self._report, (one for one in verdicts if one.status is Status.UNDECIDED)):
                self._page.prose(waived, indent=4, style=Style.QUIET)

    def _unknowns(self, verdicts: Iterable[Verdict]) -> list[str]:
        """Say everything that would have to be known, each thing once."""
        graph = self._judgement.deployment.graph
        if self._judgement.settings.on_undecided == "ignore":
            return []
        return list(dict.fromkeys(undecided_line(graph, why) for verdict in verdicts for why in verdict.undecided))

    def _reasons(self, reasons: Sequence[str], indent: int) -> None:
        for reason in reasons[:_REASONS_SHOWN]:
            self._page.prose(self._clean(reason), indent=indent)
        if len(reasons) > _REASONS_SHOWN:
            self._page.line(Span(f"and {len(reasons) - _REASONS_SHOWN} more", Style.QUIET), indent=indent)

    def _notes(self) -> None:
        if not self._report.notes:
            return
        self._title("About this run")
        for note in self._report.notes:
            self._page.prose(self._clean(note), indent=2)

    def conclusion(self) -> Span:
        report, judgement = self._report, self._judgement
        mandatory, advisory = report.count(Level.MANDATORY), report.count(Level.ADVISORY)
        problems = judgement.settings.problems
        undecided, broken = judgement.count(Status.UNDECIDED), judgement.count(Status.ERROR)
        waived, known = len(report.standing(Standing.WAIVED)), len(report.standing(Standing.KNOWN))
        stale, fixed = len(report.stale_waivers), len(report.fixed)
        said = [
            number(mandatory, "mandatory finding") if mandatory else "",
            number(len(problems), "mistake") + " in the policy configuration" if problems else "",
            f"{number(broken, 'rule')} broken" if broken else "",
            number(advisory, "advisory finding") if advisory else "",
            f"{number(undecided, 'rule')} undecided" if undecided else "",
            f"{number(waived, 'finding')} waived" if waived else "",
            f"{number(known, 'finding')} known" if known else "",
            number(stale, "stale waiver") if stale else "",
            f"{number(fixed, 'entry', 'entries')} to take out of the baseline" if fixed else "",
        ]
        summary = ", ".join(part for part in said if part)
        if judgement.blocking:
            return Span(f"Failed: {summary}.", Style.BAD)
        if report.empty:
            extra = f" ({summary})" if summary else ""
            return Span(f"Nothing to judge: the stack manages no resource{extra}.", Style.WARNING)
        if judgement.count(Status.PASS) + advisory + undecided + broken + waived + known + stale + fixed == 0:
            return Span("Passed: no rule applies to what is there.", Style.GOOD)
        return Span(f"Passed, with {summary}." if summary else "Passed.", Style.GOOD)
