"""What an audit of several files tells: a report of each, and what came of them all."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeAlias

from policypack import __version__
from policypack.engine.judgement import stale_in_all
from policypack.model.records import cached_property, dataclass
from policypack.reports.as_json import document
from policypack.reports.cleaning import escape
from policypack.reports.layout import ASCII, Branches, Page, Span, Style
from policypack.reports.report import Report
from policypack.reports.text import conclusion
from policypack.reports.text_standing import number, show_stale

if TYPE_CHECKING:
    from collections.abc import Iterator

    from policypack.engine.waivers import StaleWaiver

VERSION: Final = 1
"""Version of the document. Keys may be added within it; none goes, and none changes its meaning."""

SCHEMA_FILE: Final = Path(__file__).parent / "schema" / f"audit-{VERSION}.json"
SCHEMA_ID: Final = f"urn:multiregion-guard:audit:{VERSION}"


@dataclass(frozen=True)
class Unread:
    """A file that could not be judged.

    Attributes:
        path: What the user named, as written.
        what: What is wrong with it, as a sentence without its full stop.
        where: The file, and the line where it is known.
        what_to_do: What the user can do about it.
    """

    path: str
    what: str
    where: str
    what_to_do: str


Outcome: TypeAlias = "Report | Unread"


@dataclass(frozen=True)
class Audit:
    """What came of every file, in the order in which they were named.

    Attributes:
        outcomes: A report, or why there is none.
        seconds: Time taken, from the start of the command.
    """

    outcomes: tuple[Outcome, ...]
    seconds: float = 0.0

    @property
    def reports(self) -> tuple[Report, ...]:
        """The files that were judged."""
        return tuple(one for one in self.outcomes if isinstance(one, Report))

    @property
    def unread(self) -> tuple[Unread, ...]:
        """The files that were not."""
        return tuple(one for one in self.outcomes if isinstance(one, Unread))

    @property
    def exit_code(self) -> int:
        """The gravest of all files: 2 if one could not be judged, else 1 if anything mandatory was found, else 0."""
        if self.unread:
            return 2
        stale = bool(self.stale_waivers) and self.reports[0].judgement.settings.on_stale_waiver == "fail"
        return max((report.exit_code for report in self.reports), default=0) or int(stale)

    @cached_property
    def stale_waivers(self) -> tuple[StaleWaiver, ...]:
        """The waivers that waive nothing in any of the stacks, where there are several; of one its report tells."""
        judged = [report.judgement for report in self.reports if report.judgement.one_of_many]
        return stale_in_all(judged)

    @property
    def elsewhere(self) -> int:
        """How many findings the baseline has of stacks that are not among those that were judged."""
        baseline = self.reports[0].judgement.settings.baseline if self.reports else None
        return baseline.without(self.stacks).count() if baseline is not None else 0

    @property
    def stacks(self) -> frozenset[tuple[str, str]]:
        """Name and project of each stack that was judged."""
        graphs = (report.judgement.deployment.graph for report in self.reports)
        return frozenset((graph.stack, graph.project) for graph in graphs if graph.stack)

    def count(self, result: str) -> int:
        """Count the files that came out as `passed`, `failed`, `empty` or `unreadable`."""
        return sum(_result(one) == result for one in self.outcomes)


def _result(one: Outcome) -> str:
    if isinstance(one, Unread):
        return "unreadable"
    return "failed" if one.judgement.blocking else "empty" if one.empty else "passed"


def json_audit(audit: Audit) -> str:
    """Give the audit as a JSON document that `schema/audit-1.json` describes."""
    written = {
        "$schema": SCHEMA_ID,
        "version": VERSION,
        "tool": {"name": "multiregion-guard", "version": __version__},
        "summary": {result: audit.count(result) for result in ("passed", "failed", "empty", "unreadable")},
        "exitCode": audit.exit_code,
        "seconds": round(audit.seconds, 3),
        "staleWaivers": [{"place": one.waiver.place, "why": one.why} for one in audit.stale_waivers],
        "knownElsewhere": audit.elsewhere,
        "audits": [document(report) for report in audit.reports],
        "unreadable": [
            {"path": one.path, "what": one.what, "where": one.where, "whatToDo": one.what_to_do} for one in audit.unread
        ],
    }
    return json.dumps(written, indent=2) + "\n"


def text_summary(audit: Audit, *, width: int = 100, branches: Branches = ASCII) -> Page:
    """Lay out one line for each file: what it holds, and what came of it.

    Args:
        audit: What to tell.
        width: Columns to wrap prose at.
        branches: How to draw trees.
    """
    page = Page(width, branches)
    page.line(Span("All files", Style.STRONG), Span(f" ({len(audit.outcomes)})", Style.QUIET))
    page.table([list(_row(one)) for one in audit.outcomes], indent=2)
    if audit.stale_waivers:
        show_stale(page, audit.stale_waivers, audit.reports[0].judgement.settings.on_stale_waiver, escape)
    if audit.elsewhere:
        page.blank()
        page.prose(
            f"The baseline has {number(audit.elsewhere, 'finding')} of stacks that were not judged here.", indent=2
        )
    return page


def _row(one: Outcome) -> Iterator[Span]:
    if isinstance(one, Unread):
        yield Span(escape(one.path))
        yield Span("")
        yield Span(f"Not judged: {escape(one.what)}.", Style.BAD)
        return
    graph, clean = one.judgement.deployment.graph, one.cleaner.shown
    yield Span(clean(one.origin.path))
    yield Span(clean(f"{graph.project}, stack {graph.stack}" if graph.stack else ""), Style.QUIET)
    yield conclusion(one)
