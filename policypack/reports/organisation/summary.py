"""What is kept of one stack when many are judged: little enough for thousands, and fit to travel between processes."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from policypack.engine.frameworks import Result, outcomes
from policypack.engine.judgement import stale_in
from policypack.engine.messages import crash_line, fault, fixed_line, stale_line, undecided_line
from policypack.engine.owners import NOBODY, Owner, OwnerBook
from policypack.engine.standing import Standing
from policypack.engine.verdict import Status
from policypack.engine.waivers import GONE
from policypack.model.finding import Finding
from policypack.model.graph import urn_name
from policypack.model.records import dataclass
from policypack.rules.contract import Level

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from policypack.engine.verdict import Verdict
    from policypack.reports.report import Fault, Report

COUNTED: Final = (
    "mandatory",
    "advisory",
    "errors",
    "undecided",
    "waived",
    "known",
    "passed",
    "not_applicable",
)
"""What a rule counts as, gravest first: once, by the gravest of what it says of a stack."""

LONGEST: Final = 400
"""Letters of a message that are kept."""

_OUTCOMES: Final = dict(zip(Result, "feuwpnd-", strict=True))
_RESULTS: Final = {letter: one for one, letter in _OUTCOMES.items()}

_URL: Final = re.compile(r"(?P<scheme>[A-Za-z][\w.+-]*://)(?:[^\s/]*@)?(?P<rest>(?:(?!::)[^\s?#])*)(?:[?#]\S*)?")


@dataclass(frozen=True)
class AreaCount:
    """How the rules of one area came out in one stack, each counted once; those that are switched off are left out.

    Attributes:
        area: Folder of the area.
        mandatory, advisory: Rules with a finding that counts, by the gravest.
        errors: Rules that broke.
        undecided: Rules that wait for a value.
        waived, known: Rules of which every finding is waived or known: known, unless one is waived.
        passed, not_applicable: The others.
    """

    area: str
    mandatory: int = 0
    advisory: int = 0
    errors: int = 0
    undecided: int = 0
    waived: int = 0
    known: int = 0
    passed: int = 0
    not_applicable: int = 0


@dataclass(frozen=True)
class Line:
    """One thing that is said of a stack.

    Attributes:
        rule: Name of the rule.
        area: Folder of its area.
        severity: Its severity: `critical`, `high`, `medium` or `low`.
        level: `mandatory` or `advisory`: whether it stops a deployment. What is waived or known is advisory.
        status: `violation`, `waived`, `known`, `undecided` or `error`.
        urn, path: The resource and the property, as a baseline names them.
        message: What is there, in one line that is safe to show.
        remark: By whom and until when it is waived, or when its waiver expired; "" for others.
        source: File and line of the program, where known.
    """

    rule: str
    area: str
    severity: str
    level: str
    status: str
    urn: str
    path: str
    message: str
    remark: str = ""
    source: str = ""

    @property
    def name(self) -> str:
        """Name of the resource."""
        return urn_name(self.urn)

    @property
    def key(self) -> tuple[str, str, str]:
        """What keeps it the same finding from one run to the next: rule, resource and property."""
        return (self.rule, self.urn, self.path)


@dataclass(frozen=True)
class Cleanup:
    """A waiver that waives nothing in this stack.

    Attributes:
        place: Where it stands in the configuration: `guard.waivers[0]`.
        said: What is wrong and what to do, as a line that is safe to show.
        gone: True if it fits a resource of this stack, and what it waived is no longer found.
    """

    place: str
    said: str
    gone: bool


@dataclass(frozen=True)
class StackSummary:
    """One stack that was judged.

    Attributes:
        project, stack: Its names; "" where the source does not tell.
        place: File or URL that it was read from, without credentials.
        kind: The way in: `stack export`, `preview` or `program`.
        owner: Who owns it, and what says so.
        resources: How many of its resources were judged.
        seconds: Time it took.
        exit_code: 1 if something mandatory was found, else 0.
        areas: The rules of each area, counted.
        lines: What is said: mandatory findings first, then by severity, rule, resource and property.
        outcomes: A letter for each rule of the pack, by name; see `results`.
        problems: Mistakes of the configuration, which all stacks share: place and message.
        used_waivers: Places of the waivers that waive something here, or did before they expired.
        stale_waivers: Waivers about this stack that waive nothing in it.
        stale_is_mandatory: True if a waiver that waives nothing in any stack is mandatory.
        fixed: Entries of the baseline about this stack that could go, each as a line that is safe to show.
        notes: What the run has to say.
    """

    project: str
    stack: str
    place: str
    kind: str
    owner: Owner = NOBODY
    resources: int = 0
    seconds: float = 0.0
    exit_code: int = 0
    areas: tuple[AreaCount, ...] = ()
    lines: tuple[Line, ...] = ()
    outcomes: str = ""
    problems: tuple[tuple[str, str], ...] = ()
    used_waivers: frozenset[str] = frozenset()
    stale_waivers: tuple[Cleanup, ...] = ()
    stale_is_mandatory: bool = False
    fixed: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """Project and stack: `shop/prod`; the place where neither is known."""
        return "/".join(part for part in (self.project, self.stack) if part) or self.place

    @property
    def empty(self) -> bool:
        """True if it manages nothing that could be judged."""
        return not self.resources

    @property
    def result(self) -> str:
        """How it came out: `failed`, `empty` or `passed`."""
        return "failed" if self.exit_code else "empty" if self.empty else "passed"

    def count(self, status: str, level: str = "") -> int:
        """Count what is said with a status, and with a level if one is given."""
        return sum(line.status == status and level in {"", line.level} for line in self.lines)

    def results(self, rules: Iterable[str]) -> Mapping[str, Result]:
        """Tell what came out of each rule.

        Args:
            rules: Names of all rules of the pack, sorted, as they were when the stack was judged.
        """
        return {name: _RESULTS[letter] for name, letter in zip(rules, self.outcomes, strict=True)}


def summary_of(report: Report, *, tags: Mapping[str, str] | None = None) -> StackSummary:
    """Keep of a report what an organisation needs; it refers to nothing of the report any more.

    Args:
        report: The report of a stack.
        tags: Tags of the stack, if its source has any: they can name its owner.
    """
    judgement, clean = report.judgement, report.cleaner.shown
    graph, settings = judgement.deployment.graph, judgement.settings
    found = outcomes(judgement)
    lines = tuple(_lines(report))
    return StackSummary(
        project=clean(graph.project),
        stack=clean(graph.stack),
        place=clean(without_credentials(report.origin.path)),
        kind=report.origin.kind,
        owner=_owner(report, tags or {}),
        resources=len(judgement.deployment.judged),
        seconds=report.seconds,
        exit_code=report.exit_code,
        areas=tuple(_areas(report, found, lines)),
        lines=lines,
        outcomes="".join(_OUTCOMES[found[name]] for name in sorted(found)),
        problems=tuple((clean(one.place), clean(one.message)) for one in settings.problems),
        used_waivers=judgement.standings.used,
        stale_waivers=tuple(_cleanups(report)),
        stale_is_mandatory=settings.on_stale_waiver == "fail",
        fixed=tuple(clean(fixed_line(one)) for one in judgement.fixed),
        notes=tuple(clean(without_credentials(note)) for note in report.notes),
    )


def without_credentials(text: str) -> str:
    """Take user names, passwords, signatures and tokens out of every URL in a text: all before `@` and after `?`."""
    return _URL.sub(lambda found: found["scheme"] + found["rest"], text) if "://" in text else text


def _owner(report: Report, tags: Mapping[str, str]) -> Owner:
    graph, clean = report.judgement.deployment.graph, report.cleaner
    book = report.judgement.settings.owners or OwnerBook()
    owner = book.owner_of(graph.project, graph.stack, tags=tags, resources=graph.resources)
    if clean.data(owner.name) != owner.name:
        return NOBODY  # a secret of the stack has got into it
    return Owner(_short(clean.shown(owner.name)), owner.source)


def _cleanups(report: Report) -> Iterator[Cleanup]:
    judgement = report.judgement
    # Of one of many the judgement keeps silent; here it is the organisation that puts them together.
    stale = stale_in(judgement.deployment, judgement.rules, judgement.settings, judgement.standings)
    for one in stale:
        yield Cleanup(one.waiver.place, report.cleaner.shown(stale_line(one)), one.why == GONE)


def _lines(report: Report) -> Iterator[Line]:
    for one in report.faults:
        yield _finding(report, one)
    judgement = report.judgement
    for verdict in judgement.with_status(Status.ERROR):
        yield _said(report, verdict, "error", verdict.urn, verdict.place, crash_line(verdict))
    for verdict in judgement.with_status(Status.UNDECIDED):
        if judgement.level(verdict) is not Level.DISABLED:
            why = verdict.undecided[0]
            told = undecided_line(judgement.deployment.graph, why)
            yield _said(report, verdict, "undecided", verdict.urn, verdict.place or why.path, told)


def _finding(report: Report, one: Fault) -> Line:
    rule, clean = one.verdict.rule, report.cleaner
    standing = one.stand.standing
    return Line(
        rule=rule.name,
        area=rule.area,
        severity=rule.severity.value,
        level=one.level.value,
        status="violation" if standing is Standing.OPEN else standing.value,
        urn=clean.data(one.urn),
        path=clean.data(one.path),
        message=_short(clean.shown(fault(Finding(one.urn, one.path, one.expected, one.found)))),
        remark=_short(clean.shown(_remark(one))),
        source=clean.shown(str(one.source)) if one.source else "",
    )


def _remark(one: Fault) -> str:
    waiver = one.stand.waiver
    if waiver is None:
        return ""
    day = waiver.expires.isoformat()
    return f"its waiver expired on {day}" if waiver.expired else f"waived until {day} by {waiver.owner}"


def _said(report: Report, verdict: Verdict, status: str, urn: str, path: str, text: str) -> Line:
    rule, clean, judgement = verdict.rule, report.cleaner, report.judgement
    waiver = judgement.standings.waiver_of(verdict)
    resource = judgement.deployment.graph.by_urn.get(urn)
    return Line(
        rule=rule.name,
        area=rule.area,
        severity=rule.severity.value,
        level=judgement.level(verdict).value,
        status=status,
        urn=clean.data(urn),
        path=clean.data(path),
        message=_short(clean.shown(text)),
        remark=_short(clean.shown(f"waived until {waiver.expires.isoformat()} by {waiver.owner}")) if waiver else "",
        source=clean.shown(str(resource.source)) if resource and resource.source else "",
    )


def _areas(report: Report, found: Mapping[str, Result], lines: Iterable[Line]) -> Iterator[AreaCount]:
    """Count each rule that ran once."""
    mandatory = {line.rule for line in lines if line.status == "violation" and line.level == Level.MANDATORY.value}
    waived = {line.rule for line in lines if line.status == "waived"}
    known = {line.rule for line in lines if line.status == "known"}
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for rule in report.judgement.enabled:
        came = found[rule.name]
        counts[rule.area][_class(came, mandatory=rule.name in mandatory, known=rule.name in known - waived)] += 1
    for area, count in sorted(counts.items()):
        yield AreaCount(area, **count)


def _class(came: Result, *, mandatory: bool, known: bool) -> str:
    if came is Result.FAIL:
        return "mandatory" if mandatory else "advisory"
    if came is Result.ACCEPTED:
        return "known" if known else "waived"
    return _CLASSES[came]


_CLASSES: Final = {
    Result.ERROR: "errors",
    Result.UNDECIDED: "undecided",
    Result.PASS: "passed",
    Result.NOT_APPLICABLE: "not_applicable",
}


def _short(text: str) -> str:
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"
