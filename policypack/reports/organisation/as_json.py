"""The report of an organisation for programs; a later run reads it back to tell what has changed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeAlias

from policypack import __version__
from policypack.engine.frameworks import frameworks
from policypack.model.records import dataclass
from policypack.reports.cleaning import escape
from policypack.reports.frameworks import framework_table
from policypack.reports.organisation.summary import without_credentials
from policypack.rules.areas import AREAS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from policypack.reports.audit import Unread
    from policypack.reports.frameworks import FrameworkTable
    from policypack.reports.organisation.organisation import Organisation, OwnerRow, Row, RuleRow, Tally
    from policypack.reports.organisation.summary import AreaCount, Line
    from policypack.reports.organisation.trend import Change, Point, Trend

Json: TypeAlias = "dict[str, object]"

VERSION: Final = 1
"""Version of the document. Keys may be added within it; none goes, and none changes its meaning."""

SCHEMA_FILE: Final = Path(__file__).parents[1] / "schema" / f"organisation-{VERSION}.json"
SCHEMA_ID: Final = f"urn:multiregion-guard:organisation:{VERSION}"

RESULTS: Final = ("failed", "passed", "empty", "unreadable")


@dataclass(frozen=True)
class NotJudged:
    """A stack that could not be judged, in words that are safe to show: without credentials of URLs."""

    place: str
    what: str
    where: str
    what_to_do: str


def not_judged(unread: Sequence[Unread]) -> tuple[NotJudged, ...]:
    """Give what could not be judged, by place, in words that are safe to show."""
    return tuple(
        NotJudged(*(escape(without_credentials(text)) for text in (one.path, one.what, one.where, one.what_to_do)))
        for one in sorted(unread, key=lambda one: one.path)
    )


def tables(organisation: Organisation) -> tuple[FrameworkTable, ...]:
    """Give what came out of the controls of each framework over all stacks."""
    if not organisation.summaries:
        return ()
    names = sorted(rule.name for rule in organisation.rules)
    found = [summary.results(names) for summary in organisation.summaries if summary.outcomes]
    return tuple(framework_table(one, found) for one in frameworks(organisation.rules))


def json_organisation(organisation: Organisation) -> str:
    """Give the report as a JSON document that `schema/organisation-1.json` describes."""
    return "".join(json_pieces(organisation))


def json_pieces(organisation: Organisation) -> Iterator[str]:
    """Give the document piece by piece, a stack on each line, so that no more than one of them is at hand at a time."""
    head, tail = _head(organisation), _tail(organisation)
    yield "{\n"
    for key, value in head.items():
        yield f' "{key}": {json.dumps(value)},\n'
    yield ' "stacks": ['
    for place, row in enumerate(organisation.rows):
        yield f"{',' if place else ''}\n  {json.dumps(_stack(row, organisation.trend))}"
    yield "\n ],\n"
    yield ",\n".join(f' "{key}": {json.dumps(value)}' for key, value in tail.items())
    yield "\n}\n"


def _head(organisation: Organisation) -> Json:
    return {
        "$schema": SCHEMA_ID,
        "version": VERSION,
        "tool": {"name": "multiregion-guard", "version": __version__},
        "date": organisation.date,
        "summary": {
            "stacks": {result: organisation.count(result) for result in RESULTS},
            "findings": _tally(organisation.tally),
        },
        "exitCode": organisation.exit_code,
        "seconds": round(organisation.seconds, 3),
        "trend": _trend(organisation.trend) if organisation.trend else None,
        "history": [_point(point) for point in organisation.history],
        "configuration": {
            "problems": [{"place": place, "message": message} for place, message in organisation.problems]
        },
        "staleWaivers": [{"place": one.place, "said": one.said} for one in organisation.stale_waivers],
        "knownElsewhere": organisation.known_elsewhere,
        "areas": [{"name": area, "title": title_of(area)} for area in organisation.areas],
        "owners": [_owner(owner) for owner in organisation.owners],
        "rules": [_rule(rule) for rule in organisation.rule_rows],
        "frameworks": [_framework(table) for table in tables(organisation)],
    }


def _tail(organisation: Organisation) -> Json:
    return {
        "unreadable": [
            {"path": one.place, "what": one.what, "where": one.where, "whatToDo": one.what_to_do}
            for one in not_judged(organisation.unread)
        ],
    }


def title_of(area: str) -> str:
    """Give the title of an area."""
    return AREAS[area].title if area in AREAS else area


def _tally(tally: Tally) -> Json:
    return {
        "mandatory": tally.mandatory,
        "advisory": tally.advisory,
        "errors": tally.errors,
        "undecided": tally.undecided,
        "waived": tally.waived,
        "known": tally.known,
    }


def _point(point: Point) -> Json:
    return {
        "date": point.date,
        "stacks": point.stacks,
        "failed": point.failed,
        "mandatory": point.mandatory,
        "advisory": point.advisory,
        "waived": point.waived,
        "known": point.known,
        "areas": dict(point.areas),
    }


def _change(change: Change) -> Json:
    return {
        "new": change.new,
        "fixed": change.fixed,
        "unsure": change.unsure,
        "came": change.came,
        "left": change.left,
    }


def _trend(trend: Trend) -> Json:
    return {
        "since": {"name": trend.name, "date": trend.date, "version": trend.version},
        "stacks": {"added": list(trend.added), "gone": list(trend.gone), "missing": list(trend.missing)},
        "findings": _change(trend.total),
        "areas": [{"area": area, **_change(change)} for area, change in trend.areas.items()],
    }


def _owner(owner: OwnerRow) -> Json:
    return {
        "name": owner.name,
        "stacks": owner.stacks,
        "failed": owner.failed,
        "findings": _tally(owner.tally),
        "worst": owner.worst,
    }


def _rule(row: RuleRow) -> Json:
    return {
        "name": row.rule.name,
        "area": row.rule.area,
        "severity": row.rule.severity.value,
        "description": row.rule.description,
        "fix": row.rule.fix,
        "failing": row.failing,
        "stacks": row.stacks,
        "findings": _tally(row.tally),
    }


def _framework(table: FrameworkTable) -> Json:
    return {
        "name": table.name,
        "covered": table.covered,
        "controls": [
            {"id": row.id, "result": row.result.value, "stacks": row.stacks, "failing": list(row.failing)}
            for row in table.rows
        ],
    }


def _stack(row: Row, trend: Trend | None) -> Json:
    summary = row.summary
    change = trend.stacks.get(row.name) if trend else None
    return {
        "name": row.name,
        "project": summary.project,
        "stack": summary.stack,
        "place": summary.place,
        "kind": summary.kind,
        "owner": {"name": summary.owner.name, "source": summary.owner.source},
        "resources": summary.resources,
        "seconds": round(summary.seconds, 3),
        "exitCode": summary.exit_code,
        "result": summary.result,
        "weight": row.weight,
        "tally": _tally(row.tally),
        "change": _change(change) if change else None,
        "areas": [_area(count) for count in summary.areas],
        "findings": [_line(line) for line in summary.lines],
        "fixed": list(summary.fixed),
        "notes": list(summary.notes),
    }


def _area(count: AreaCount) -> Json:
    return {
        "area": count.area,
        "mandatory": count.mandatory,
        "advisory": count.advisory,
        "errors": count.errors,
        "undecided": count.undecided,
        "waived": count.waived,
        "known": count.known,
        "passed": count.passed,
        "notApplicable": count.not_applicable,
    }


def _line(line: Line) -> Json:
    return {
        "rule": line.rule,
        "area": line.area,
        "severity": line.severity,
        "level": line.level,
        "status": line.status,
        "urn": line.urn,
        "path": line.path,
        "message": line.message,
        "remark": line.remark,
        "source": line.source,
    }
