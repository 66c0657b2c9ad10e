"""The report in SARIF 2.1.0, the form that code scanning takes."""

from __future__ import annotations

import itertools
import json
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeAlias
from urllib.parse import quote

from policypack import __version__
from policypack.engine.messages import crash_line, more, undecided_line
from policypack.engine.standing import Standing
from policypack.engine.verdict import Status
from policypack.reports.places import fingerprint, place_of
from policypack.reports.remedies import remedy_document
from policypack.reports.rule_pages import page_without_programs
from policypack.rules.contract import Level, Severity

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from policypack.reports.audit import Audit, Unread
    from policypack.reports.places import Place
    from policypack.reports.report import Fault, Report
    from policypack.rules.contract import Rule

Json: TypeAlias = "dict[str, object]"

VERSION: Final = "2.1.0"
SCHEMA: Final = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"

_LEVELS: Final = {Level.MANDATORY: "error", Level.ADVISORY: "warning"}
_SECURITY: Final = {Severity.CRITICAL: "9.5", Severity.HIGH: "8.0", Severity.MEDIUM: "5.5", Severity.LOW: "3.0"}
"""GitHub's scale: above 9 is critical, from 7 high, from 4 medium."""

_ROOT: Final = "%SRCROOT%"


def sarif_report(audit: Audit) -> str:
    """Give the findings of one deployment or several: a run for each.

    What could not be decided is told as a notification and not as a result: code scanning would show it as a finding.
    """
    document = {
        "$schema": SCHEMA,
        "version": VERSION,
        "runs": [*(_Run(report).write() for report in audit.reports), *_unread_runs(audit.unread)],
    }
    return json.dumps(document, indent=2) + "\n"


def sarif_run(report: Report) -> str:
    """Give one deployment of a great many as the text of a run: rules that say nothing of it are left out."""
    return json.dumps(_Run(report, silent_rules=False).write(), ensure_ascii=True)


def sarif_joined(runs: Iterable[str], unread: Sequence[Unread]) -> Iterator[str]:
    """Put runs together, piece by piece.

    Args:
        runs: What `sarif_run` gave of each deployment.
        unread: What could not be judged.
    """
    yield f'{{"$schema": {json.dumps(SCHEMA)}, "version": {json.dumps(VERSION)}, "runs": ['
    separator = "\n"
    for run in itertools.chain(runs, map(json.dumps, _unread_runs(unread))):
        yield f"{separator}{run}"
        separator = ",\n"
    yield "\n]}\n"


class _Run:
    def __init__(self, report: Report, *, silent_rules: bool = True) -> None:
        self._report = report
        self._clean = report.cleaner.shown
        self._speaking = {fault.verdict.rule for fault in report.faults}
        self._rules = [rule for rule in report.judgement.rules if silent_rules or rule in self._speaking]
        self._fingerprints: Counter[str] = Counter()
        self._index = {rule.name: place for place, rule in enumerate(self._rules)}

    def write(self) -> Json:
        graph = self._report.judgement.deployment.graph
        about = "/".join(quote(self._clean(part), safe="") for part in (graph.project, graph.stack) if part)
        return {
            "tool": {"driver": {**_driver(), "rules": [self._descriptor(rule) for rule in self._rules]}},
            "automationDetails": {"id": f"multiregion-guard/{about}/"},
            "originalUriBaseIds": {_ROOT: {"uri": f"{Path.cwd().as_uri().rstrip('/')}/"}},
            "columnKind": "utf16CodeUnits",
            "invocations": [
                {
                    "executionSuccessful": True,
                    "exitCode": self._report.exit_code,
                    "toolExecutionNotifications": list(self._notifications()),
                    "toolConfigurationNotifications": list(self._problems()),
                }
            ],
            "results": [self._result(fault) for fault in self._report.faults],
        }

    def _descriptor(self, rule: Rule) -> Json:
        level = self._report.judgement.settings.level(rule)
        controls = [f"{framework} {one}" for framework, ids in sorted(rule.controls.items()) for one in ids]
        return {
            "id": rule.name,
            "shortDescription": {"text": rule.description},
            "fullDescription": {"text": f"{rule.description} {rule.fix}"},
            **(self._help(rule) if rule in self._speaking else {}),
            "defaultConfiguration": {
                "enabled": level is not Level.DISABLED,
                "level": _LEVELS.get(rule.level, "warning"),
            },
            "properties": {
                "tags": ["security", rule.area, *controls],
                "precision": "very-high",
                "problem.severity": "error" if rule.level is Level.MANDATORY else "warning",
                "security-severity": _SECURITY[rule.severity],
            },
        }

    def _help(self, rule: Rule) -> Json:
        """Give what the page of a rule says, without its programs; only of rules that speak, or reports grow large."""
        told = f"{rule.fix}\n\nMore: {more(rule)}"
        return {"help": {"text": told, "markdown": f"{page_without_programs(rule)}\n## What to do\n\n{told}\n"}}

    def _result(self, fault: Fault) -> Json:
        rule, clean = fault.verdict.rule, self._clean
        told = f"{clean(fault.name)}{f' {clean(fault.path)}' if fault.path else ''}: {clean(fault.found)}"
        result: Json = {
            "ruleId": rule.name,
            "ruleIndex": self._index[rule.name],
            "kind": "fail",
            "level": _LEVELS.get(fault.level, "warning"),
            "message": {"text": f"{told}. Expected: {clean(fault.expected)}. {rule.fix}"},
            "locations": [self._location(fault)],
            "partialFingerprints": {"multiregionGuard/v1": self._fingerprint(fault)},
        }
        suppressions = list(self._suppressions(fault))
        if suppressions:
            result["suppressions"] = suppressions
        # A fix of SARIF is an edit of a text, and only the line is known where a resource begins.
        remedy = remedy_document(fault, self._report)
        if remedy is not None:
            result["properties"] = {"remedy": remedy}
        return result

    def _fingerprint(self, fault: Fault) -> str:
        """Give what the finding is known by; where a rule finds two things in one place, they are counted."""
        first = fingerprint(fault.verdict.rule.name, self._clean(fault.urn), self._clean(fault.path))
        self._fingerprints[first] += 1
        return f"{first}:{self._fingerprints[first]}"

    def _location(self, fault: Fault) -> Json:
        place = place_of(fault.source, self._report.origin)
        clean = self._clean
        name = f"{clean(fault.urn)}{f'#{clean(fault.path)}' if fault.path else ''}"
        logical = {"name": clean(fault.name), "fullyQualifiedName": name, "kind": "resource"}
        return {"physicalLocation": _physical(place, clean(place.file)), "logicalLocations": [logical]}

    def _suppressions(self, fault: Fault) -> Iterator[Json]:
        waiver = fault.stand.waiver
        if fault.stand.standing is Standing.WAIVED and waiver is not None:
            reason = f"{waiver.reason} (owner {waiver.owner}, until {waiver.expires.isoformat()})"
            yield {"kind": "external", "status": "accepted", "justification": self._clean(reason)}
        elif fault.stand.standing is Standing.KNOWN:
            yield {"kind": "external", "status": "accepted", "justification": "known: the baseline has it"}

    def _notifications(self) -> Iterator[Json]:
        judgement = self._report.judgement
        for verdict in judgement.with_status(Status.ERROR):
            yield _notification("error", self._clean(crash_line(verdict)), verdict.rule.name)
        for verdict in judgement.with_status(Status.UNDECIDED):
            for why in verdict.undecided:
                told = undecided_line(judgement.deployment.graph, why)
                yield _notification("note", self._clean(told), verdict.rule.name)
        for note in self._report.notes:
            yield _notification("note", self._clean(note))

    def _problems(self) -> Iterator[Json]:
        for problem in self._report.judgement.settings.problems:
            yield _notification("error", self._clean(f"{problem.place}: {problem.message}"))


def _physical(place: Place, file: str) -> Json:
    address: Json = {"uri": quote(file)}
    if not file.startswith("/"):
        address["uriBaseId"] = _ROOT
    return {"artifactLocation": address, "region": {"startLine": place.line}}


def _notification(level: str, text: str, rule: str | None = None) -> Json:
    about: Json = {"associatedRule": {"id": rule}} if rule else {}
    return {"level": level, "message": {"text": text}, **about}


def _driver() -> Json:
    return {"name": "multiregion-guard", "version": __version__, "semanticVersion": __version__}


def _unread_runs(unread: Sequence[Unread]) -> Iterator[Json]:
    """Tell of files that could not be judged: a run without results, of a tool that did not come to its end."""
    for one in unread:
        told = f"{one.what}: {one.where}. {one.what_to_do}"
        yield {
            "tool": {"driver": _driver()},
            "invocations": [
                {
                    "executionSuccessful": False,
                    "exitCode": 2,
                    "toolExecutionNotifications": [_notification("error", told)],
                }
            ],
            "results": [],
        }
