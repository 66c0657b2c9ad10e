"""The report for programs: everything that is known of a run, in a form that does not change within a version."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeAlias

from policypack import __version__
from policypack.engine.frameworks import frameworks, outcomes
from policypack.engine.standing import Standing
from policypack.engine.verdict import Status
from policypack.model.graph import urn_name, urn_type
from policypack.reports.frameworks import result_document
from policypack.reports.remedies import remedy_document
from policypack.reports.rule_pages import describe
from policypack.rules.contract import Level

if TYPE_CHECKING:
    from policypack.engine.verdict import Verdict
    from policypack.engine.waivers import Waiver
    from policypack.model.resource import SourcePosition
    from policypack.reports.report import Fault, Report
    from policypack.rules.contract import Rule
    from policypack.topology.tree import Node

Json: TypeAlias = "dict[str, object]"

VERSION: Final = 1
"""Version of the document. Keys may be added within it; none goes, and none changes its meaning."""

SCHEMA_FILE: Final = Path(__file__).parent / "schema" / f"report-{VERSION}.json"
SCHEMA_ID: Final = f"urn:multiregion-guard:report:{VERSION}"

_COUNTED: Final = {
    Status.FAIL: "failed",
    Status.ERROR: "broken",
    Status.UNDECIDED: "undecided",
    Status.PASS: "passed",
    Status.NOT_APPLICABLE: "notApplicable",
}


def json_report(report: Report) -> str:
    """Give the report as a JSON document that `schema/report-1.json` describes."""
    return json.dumps(document(report), indent=2) + "\n"


def document(report: Report) -> Json:
    """Give the report as plain data, in the order in which a person would read it."""
    return _Writer(report).write()


class _Writer:
    def __init__(self, report: Report) -> None:
        self._report = report
        self._judgement = report.judgement
        self._clean = report.cleaner.data

    def write(self) -> Json:
        report, judgement = self._report, self._judgement
        graph = judgement.deployment.graph
        return {
            "$schema": SCHEMA_ID,
            "version": VERSION,
            "tool": {"name": "multiregion-guard", "version": __version__},
            "summary": self._summary(),
            "exitCode": report.exit_code,
            "seconds": round(report.seconds, 3),
            "source": {
                "kind": report.origin.kind,
                "path": self._clean(report.origin.path),
                "directory": self._clean(str(report.origin.directory or "")),
                "main": self._clean(report.origin.main),
            },
            "deployment": {
                "project": self._clean(graph.project),
                "stack": self._clean(graph.stack),
                "resources": len(judgement.deployment.judged),
                "loadBalancers": [self._node(node) for node in report.load_balancers],
            },
            "coverage": {
                "notLookedAt": [
                    {"type": self._clean(token), "resources": count} for token, count in judgement.not_looked_at.items()
                ],
            },
            "notes": [self._clean(note) for note in report.notes],
            "configuration": self._configuration(),
            "waivers": [self._waiver(waiver) for waiver in self._report.waivers],
            "baseline": self._baseline(),
            "rules": [self._rule(rule) for rule in judgement.rules],
            "frameworks": self._frameworks(),
            "verdicts": [self._verdict(verdict) for verdict in judgement.verdicts],
        }

    def _summary(self) -> Json:
        judgement = self._judgement
        return {
            "result": "failed" if judgement.blocking else "empty" if self._report.empty else "passed",
            "rules": {
                **{name: judgement.count(status) for status, name in _COUNTED.items()},
                "disabled": len(judgement.rules) - len(judgement.enabled),
                "accepted": len(judgement.accepted),
            },
            "findings": {
                **{level.value: self._report.count(level) for level in (Level.MANDATORY, Level.ADVISORY)},
                "waived": len(self._report.standing(Standing.WAIVED)),
                "known": len(self._report.standing(Standing.KNOWN)),
                "expired": len(self._report.expired),
            },
            "staleWaivers": len(self._report.stale_waivers),
            "fixed": len(self._report.fixed),
        }

    def _node(self, node: Node) -> Json:
        return {
            "label": self._clean(node.label),
            "kind": node.kind,
            "urn": self._clean(node.urn) if node.urn else None,
            "children": [self._node(child) for child in node.children],
        }

    def _configuration(self) -> Json:
        settings = self._judgement.settings
        problems = sorted(settings.problems, key=lambda problem: (problem.place, problem.message))
        return {
            "onUndecided": settings.on_undecided,
            "onError": settings.on_error,
            "onConfigError": settings.on_config_error,
            "onStaleWaiver": settings.on_stale_waiver,
            "problems": [
                {"place": self._clean(problem.place), "message": self._clean(problem.message)} for problem in problems
            ],
        }

    def _frameworks(self) -> list[Json]:
        found = outcomes(self._judgement)
        return [result_document(one, found) for one in frameworks(self._judgement.rules)]

    def _rule(self, rule: Rule) -> Json:
        settings = self._judgement.settings
        return {
            **describe(rule),
            "level": settings.level(rule).value,
            "parameters": self._report.parameters_of(rule),
            "status": _status(self._judgement.status(rule)) if settings.enabled(rule) else "disabled",
        }

    def _verdict(self, verdict: Verdict) -> Json:
        crash = verdict.crash
        resource = self._judgement.deployment.graph.by_urn.get(verdict.urn)
        return {
            "rule": verdict.rule.name,
            "status": _status(verdict.status),
            "level": self._judgement.level(verdict).value,
            **self._where(
                verdict.urn,
                resource.name if resource else urn_name(verdict.urn),
                resource.type if resource else urn_type(verdict.urn),
                resource.source if resource else None,
            ),
            "place": self._clean(verdict.place),
            "findings": [self._finding(fault) for fault in self._report.faults_of(verdict)],
            "undecided": [
                {"urn": self._clean(why.urn), "path": self._clean(why.path), "reason": self._clean(why.reason)}
                for why in verdict.undecided
            ],
            "waiver": self._waiver_of(verdict),
            "reason": self._clean(verdict.reason),
            "inferences": [self._clean(inference) for inference in verdict.inferences],
            "crash": {"error": self._clean(crash.error), "place": crash.place} if crash else None,
        }

    def _waiver_of(self, verdict: Verdict) -> str | None:
        """Name the waiver of what could not be decided; those of findings stand with the findings."""
        if verdict.status not in {Status.UNDECIDED, Status.ERROR}:
            return None
        waiver = self._judgement.standings.waiver_of(verdict)
        return waiver.place if waiver else None

    def _finding(self, fault: Fault) -> Json:
        return {
            **self._where(fault.urn, fault.name, fault.type, fault.source),
            "path": self._clean(fault.path),
            "found": self._clean(fault.found),
            "expected": self._clean(fault.expected),
            "level": fault.level.value,
            "standing": fault.stand.standing.value,
            "waiver": fault.stand.waiver.place if fault.stand.waiver else None,
            "remedy": remedy_document(fault, self._report),
        }

    def _waiver(self, waiver: Waiver) -> Json:
        stale = {one.waiver.place: one.why for one in self._report.stale_waivers}
        return {
            "place": waiver.place,
            "rules": list(waiver.rules),
            "resources": [self._clean(pattern) for pattern in waiver.resources],
            "stacks": [self._clean(pattern) for pattern in waiver.stacks],
            "reason": self._clean(waiver.reason),
            "owner": self._clean(waiver.owner),
            "ticket": self._clean(waiver.ticket),
            "expires": waiver.expires.isoformat(),
            "daysLeft": waiver.days_left,
            "expired": waiver.expired,
            "stale": stale.get(waiver.place),
        }

    def _baseline(self) -> Json | None:
        settings = self._judgement.settings
        if settings.baseline is None:
            return None
        return {
            "findings": settings.baseline.count(),
            "ratchet": settings.ratchet,
            "fixed": [
                {"rule": one.rule, "urn": self._clean(one.urn), "recorded": one.recorded, "found": one.found}
                for one in self._report.fixed
            ],
        }

    def _where(self, urn: str, name: str, type_token: str, source: SourcePosition | None) -> Json:
        return {
            "urn": self._clean(urn),
            "name": self._clean(name),
            "type": self._clean(type_token),
            "source": {"file": self._clean(source.file), "line": source.line} if source else None,
        }


def _status(status: Status) -> str:
    return "notApplicable" if status is Status.NOT_APPLICABLE else status.value
