"""The report as JUnit XML, the form in which every build server shows tests: a rule is a test."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING, Final
from xml.etree import ElementTree as ET

from policypack.engine.messages import crash_line, more, undecided_line
from policypack.engine.verdict import Status
from policypack.reports.places import place_of
from policypack.rules.areas import AREAS
from policypack.rules.contract import Level

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from policypack.reports.audit import Audit, Unread
    from policypack.reports.report import Fault, Report
    from policypack.rules.contract import Rule

_HEAD: Final = '<?xml version="1.0" encoding="utf-8"?>\n'
_COUNTED: Final = ("tests", "failures", "errors", "skipped")
_NOT_XML: Final = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def junit_report(audit: Audit) -> str:
    """Give the rules of one deployment or several as tests.

    A mandatory finding fails its rule. Advisory ones are told in the output of a test that passes: a build server would
    show them as failed builds. A rule that was undecided, not applicable or switched off, or whose findings are all
    waived or known, is skipped, with the reason.
    """
    root = ET.Element("testsuites", name="multiregion-guard", time=f"{audit.seconds:.3f}")
    for report in audit.reports:
        root.extend(_Suites(report).write())
    for one in audit.unread:
        root.append(_unread(one))
    for name, count in _count(root).items():
        root.set(name, str(count))
    ET.indent(root)
    return f"{_HEAD}{ET.tostring(root, encoding='unicode')}\n"


def junit_suites(report: Report) -> tuple[str, Mapping[str, int]]:
    """Give the rules of one deployment of a great many: its suites as text, and what they count."""
    suites = _Suites(report).write()
    return _text_of(suites), _count(suites)


def junit_joined(
    suites: Iterable[str], counted: Iterable[Mapping[str, int]], unread: Sequence[Unread], seconds: float
) -> Iterator[str]:
    """Put suites together, piece by piece.

    Args:
        suites: What `junit_suites` gave of each deployment.
        counted: What they count.
        unread: What could not be judged.
        seconds: Time taken by all.
    """
    lost = [_unread(one) for one in unread]
    whole = sum((Counter(one) for one in counted), Counter(_count(lost)))
    counts = "".join(f' {name}="{whole[name]}"' for name in _COUNTED)
    yield f'{_HEAD}<testsuites name="multiregion-guard" time="{seconds:.3f}"{counts}>\n'
    yield from suites
    yield _text_of(lost)
    yield "</testsuites>\n"


def _count(suites: Iterable[ET.Element]) -> dict[str, int]:
    kept = list(suites)
    return {name: sum(int(suite.get(name, "0")) for suite in kept) for name in _COUNTED}


def _text_of(suites: Iterable[ET.Element]) -> str:
    texts = []
    for suite in suites:
        ET.indent(suite, level=1)
        texts.append(f"  {ET.tostring(suite, encoding='unicode').rstrip()}\n")
    return "".join(texts)


class _Suites:
    """A suite for each area of rules, and one for the configuration."""

    def __init__(self, report: Report) -> None:
        self._report = report
        self._judgement = report.judgement
        graph = report.judgement.deployment.graph
        names = (graph.project, graph.stack)
        self._about = self._text("/".join(name for name in names if name) or report.origin.path)
        self._faults: dict[str, list[Fault]] = {}
        for one in report.faults:
            self._faults.setdefault(one.verdict.rule.name, []).append(one)

    def write(self) -> list[ET.Element]:
        suites = [self._suite("configuration", [self._configuration()])]
        for area, about in AREAS.items():
            cases = [self._case(rule) for rule in self._judgement.rules if rule.area == area]
            if cases:
                suites.append(self._suite(about.title, cases))
        return suites

    def _suite(self, title: str, cases: Sequence[ET.Element]) -> ET.Element:
        suite = ET.Element("testsuite", name=f"{self._about}: {title}", tests=str(len(cases)), time="0")
        for name, tag in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
            suite.set(name, str(sum(case.find(tag) is not None for case in cases)))
        suite.extend(cases)
        return suite

    def _configuration(self) -> ET.Element:
        case = ET.Element("testcase", classname=self._about, name="policy configuration", time="0")
        settings = self._judgement.settings
        told = [self._text(f"{problem.place}: {problem.message}") for problem in settings.problems]
        if told and settings.on_config_error == "mandatory":
            _add(case, "failure", f"{len(told)} mistakes", told)
        elif told:
            ET.SubElement(case, "system-out").text = "\n".join(told)
        return case

    def _case(self, rule: Rule) -> ET.Element:
        case = ET.Element("testcase", classname=f"{self._about}.{rule.area}", name=rule.name, time="0")
        found = [one for one in self._faults.get(rule.name, []) if one.open]
        mandatory = [one for one in found if one.level is Level.MANDATORY]
        status = self._judgement.status(rule)
        if status is Status.ERROR:
            _add(case, "error", "the rule broke", self._broken(rule))
        elif mandatory:
            _add(case, "failure", self._title(mandatory), self._told(rule, mandatory))
        elif not found:
            why = self._why_skipped(rule, status)
            if why:
                ET.SubElement(case, "skipped", message=why)
        advisory = [one for one in found if one.level is not Level.MANDATORY]
        if advisory:
            lines = [f"{len(advisory)} advisory:", *self._told(rule, advisory)]
            ET.SubElement(case, "system-out").text = "\n".join(lines)
        return case

    def _why_skipped(self, rule: Rule, status: Status) -> str:
        if not self._judgement.settings.enabled(rule):
            return "switched off"
        if rule in self._judgement.accepted:
            stands = {one.stand.standing.value for one in self._faults.get(rule.name, [])}
            return f"every finding is {' or '.join(sorted(stands))}"
        verdicts = self._judgement.of_rule.get(rule.name, ())
        if status is Status.UNDECIDED:
            graph = self._judgement.deployment.graph
            lines = [undecided_line(graph, why) for verdict in verdicts for why in verdict.undecided]
            return self._text(f"undecided: {'; '.join(dict.fromkeys(lines))}")
        if status is Status.NOT_APPLICABLE:
            reasons = dict.fromkeys(verdict.reason for verdict in verdicts if verdict.reason)
            return self._text(f"not applicable: {'; '.join(reasons) or 'the stack has nothing that it judges'}")
        return ""

    def _broken(self, rule: Rule) -> list[str]:
        return [self._text(crash_line(one)) for one in self._judgement.of_rule[rule.name] if one.crash is not None]

    def _title(self, faults: Sequence[Fault]) -> str:
        first = faults[0]
        rest = f" (and {len(faults) - 1} more)" if len(faults) > 1 else ""
        return self._text(f"{first.name} {first.path}: {first.found}{rest}")

    def _told(self, rule: Rule, faults: Sequence[Fault]) -> list[str]:
        lines = []
        for one in faults:
            place = place_of(one.source, self._report.origin)
            where = f"{place.file}:{place.line}: " if place.exact else ""
            path = f"{one.path}: " if one.path else ""
            lines.append(self._text(f"{where}{one.name}: {path}{one.found}; expected: {one.expected}"))
        return [*lines, f"fix: {rule.fix}", f"more: {more(rule)}"]

    def _text(self, text: str) -> str:
        return self._report.cleaner.shown(text)


def _add(case: ET.Element, tag: str, message: str, lines: Sequence[str]) -> None:
    ET.SubElement(case, tag, message=_clean(message), type=tag).text = _clean("\n".join(lines))


def _unread(one: Unread) -> ET.Element:
    suite = ET.Element("testsuite", name=_clean(one.path), tests="1", failures="0", errors="1", skipped="0", time="0")
    case = ET.SubElement(suite, "testcase", classname=_clean(one.path), name="could be read", time="0")
    _add(case, "error", one.what, [f"{one.what}: {one.where}", one.what_to_do])
    return suite


def _clean(text: str) -> str:
    return _NOT_XML.sub("\N{REPLACEMENT CHARACTER}", text)
