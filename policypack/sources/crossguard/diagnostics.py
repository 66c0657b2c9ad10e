"""Verdicts in the words and fields of the analyzer protocol."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Final

from pulumi.runtime.proto import analyzer_pb2

from policypack import __version__
from policypack.engine.judgement import lowered, speaking_level
from policypack.engine.messages import (
    Mask,
    crash_line,
    escape,
    finding_lines,
    fixed_line,
    stale_line,
    undecided_line,
    waiver_line,
)
from policypack.engine.settings import GUARD, LEVEL_KEY
from policypack.engine.standing import ALL_OPEN
from policypack.engine.verdict import Status
from policypack.model.records import cached_property, dataclass, field
from policypack.rules.contract import Level, Severity
from policypack.sources.crossguard.metadata import (
    GUARD_DESCRIPTION,
    GUARD_FIX,
    PACK_NAME,
    level_on_wire,
    severity_on_wire,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from policypack.engine.baseline import Fixed
    from policypack.engine.settings import Settings
    from policypack.engine.standing import Standings
    from policypack.engine.verdict import Crash, Verdict
    from policypack.engine.waivers import StaleWaiver
    from policypack.model.graph import Graph
    from policypack.rules.contract import Rule

BUDGET: Final = 3_500_000
"""Bytes of diagnostics in one answer: the engine's proxy takes no more than 4 MiB, and fails the operation."""

REASONS_SHOWN: Final = 5
"""How many of the values that would decide a rule are named."""


@dataclass(frozen=True)
class Speaker:
    """Says what was found, under one configuration.

    Attributes:
        settings: The configuration in force.
        secrets: Texts that must not be shown.
        standings: Which findings are waived or known: these are advisory, and say why.
    """

    settings: Settings
    secrets: frozenset[str] = frozenset()
    standings: Standings = ALL_OPEN

    @cached_property
    def _mask(self) -> Mask:
        return Mask(self.secrets)

    def faults(self, verdicts: Iterable[Verdict]) -> list[analyzer_pb2.AnalyzeDiagnostic]:
        """Give one diagnostic for each fault."""
        said = dict.fromkeys(
            (verdict.rule, speaking_level(verdict, self.settings), finding)
            for verdict in verdicts
            if verdict.status is Status.FAIL
            for finding in verdict.findings
        )
        diagnostics = []
        for rule, level, finding in said:
            stand = self.standings.of(rule.name, finding)
            lines = finding_lines(rule, finding, stand)
            diagnostics.append(self._of_rule(rule, lowered(level, accepted=stand.accepted), lines, finding.urn))
        return diagnostics

    def _level(self, verdict: Verdict) -> Level:
        """Give the level of what is undecided or broke: advisory at the most where it is waived."""
        level = speaking_level(verdict, self.settings)
        return lowered(level, accepted=level is Level.MANDATORY and self.standings.accepts(verdict))

    def _waived(self, verdicts: Iterable[Verdict]) -> list[str]:
        waivers = {verdict.urn: self.standings.waiver_of(verdict) for verdict in verdicts}
        return list(dict.fromkeys(waiver_line(waiver) for _, waiver in sorted(waivers.items()) if waiver is not None))

    def broken(self, verdicts: Iterable[Verdict]) -> list[analyzer_pb2.AnalyzeDiagnostic]:
        """Give one diagnostic for each place where a rule broke."""
        crashes: dict[tuple[Rule, Crash | None, Level], list[Verdict]] = defaultdict(list)
        for verdict in verdicts:
            if verdict.status is Status.ERROR:
                crashes[verdict.rule, verdict.crash, self._level(verdict)].append(verdict)
        return [self._broken(alike) for alike in crashes.values()]

    def _broken(self, alike: Sequence[Verdict]) -> analyzer_pb2.AnalyzeDiagnostic:
        first = alike[0]
        others = len({verdict.urn for verdict in alike}) - 1
        more = [f"It broke in the same way on {count(others)} more."] if others else []
        lines = [*self._waived(alike), crash_line(first), *more]
        return self._of_rule(first.rule, self._level(first), lines, first.urn)

    def undecided(self, verdicts: Iterable[Verdict], graph: Graph) -> list[analyzer_pb2.AnalyzeDiagnostic]:
        """Give one diagnostic for each rule that could not be decided for some resources."""
        by_rule: dict[tuple[Rule, Level], list[Verdict]] = defaultdict(list)
        for verdict in verdicts:
            if verdict.status is Status.UNDECIDED:
                by_rule[verdict.rule, self._level(verdict)].append(verdict)
        return [
            self._undecided(rule, level, some, graph)
            for (rule, level), some in by_rule.items()
            if level is not Level.DISABLED
        ]

    def _undecided(
        self, rule: Rule, level: Level, verdicts: Sequence[Verdict], graph: Graph
    ) -> analyzer_pb2.AnalyzeDiagnostic:
        urns = sorted({verdict.urn for verdict in verdicts})
        reasons = sorted({undecided_line(graph, why) for verdict in verdicts for why in verdict.undecided[:1]})
        shown = [f"  {reason}" for reason in reasons[:REASONS_SHOWN]]
        left_out = len(reasons) - len(shown)
        lines = [
            *self._waived(verdicts),
            f"cannot be decided yet for {count(len(urns))}; what would decide it:",
            *shown,
            *([f"  … and {left_out} more"] if left_out else []),
        ]
        return self._of_rule(rule, level, lines, urns[0] if len(urns) == 1 else "")

    def problems(self) -> list[analyzer_pb2.AnalyzeDiagnostic]:
        """Give one diagnostic for each mistake in the configuration."""
        level = Level.ADVISORY if self.settings.on_config_error == "advisory" else Level.MANDATORY
        return [
            self._of_guard(level, [f"{problem.place}: {problem.message}", f"fix: {GUARD_FIX}"])
            for problem in self.settings.problems
        ]

    def stale(self, waivers: Iterable[StaleWaiver]) -> list[analyzer_pb2.AnalyzeDiagnostic]:
        """Give one diagnostic for each waiver that waives nothing."""
        level = Level.MANDATORY if self.settings.on_stale_waiver == "fail" else Level.ADVISORY
        return [self._of_guard(level, [stale_line(one), f"fix: {GUARD_FIX}"]) for one in waivers]

    def fixed(self, entries: Sequence[Fixed]) -> list[analyzer_pb2.AnalyzeDiagnostic]:
        """Say once which entries of the baseline could go."""
        if not entries:
            return []
        shown = [f"  {fixed_line(entry)}" for entry in entries[:REASONS_SHOWN]]
        left_out = len(entries) - len(shown)
        lines = ["the baseline could shrink:", *shown, *([f"  … and {left_out} more"] if left_out else [])]
        return [self._of_guard(Level.ADVISORY, [*lines, "fix: Write it anew with audit --write-baseline."])]

    def silent(self, rules: Iterable[Rule], verdicts: Iterable[Verdict]) -> list[analyzer_pb2.PolicyNotApplicable]:
        """List the rules that neither passed nor spoke, with the reason; the engine counts all others as passed."""
        gravest: dict[Rule, Verdict] = {}
        for verdict in verdicts:
            former = gravest.setdefault(verdict.rule, verdict)
            if former.status is not verdict.status and former.status.rank > verdict.status.rank:
                gravest[verdict.rule] = verdict
        return [
            analyzer_pb2.PolicyNotApplicable(policy_name=rule.name, reason=reason)
            for rule in rules
            if (reason := self._reason(gravest.get(rule)) if self.settings.enabled(rule) else self._off(rule))
        ]

    def _off(self, rule: Rule) -> str:
        """Say that a rule is off, where the engine does not know it: it hears nothing of selections."""
        unheard = ".select[" in self.settings.origins.get(rule.name, {}).get(LEVEL_KEY, "")
        return "the configuration switches it off" if unheard else ""

    def _reason(self, gravest: Verdict | None) -> str:
        """Say why a rule has no answer, whose gravest verdict this is; "" if it has one."""
        if gravest is None:
            return "there is nothing of the kind that it judges"
        if gravest.status is Status.UNDECIDED:
            return "it cannot be decided yet"
        return self._mask(gravest.reason) if gravest.status is Status.NOT_APPLICABLE else ""

    def breakdown(self, crash: Crash, urn: str = "") -> analyzer_pb2.AnalyzeDiagnostic:
        """Say that the pack itself broke, outside any rule."""
        level = Level.MANDATORY if self.settings.on_error == "fail" else Level.ADVISORY
        lines = [
            # Not the exception's own text: it may hold a value, and nobody knows yet which values are secret.
            f"the pack broke: {crash.error.split(':')[0]} at {crash.place}. What it was asked here was not judged.",
            "Please report it as a defect of the pack",
        ]
        return self._diagnostic(GUARD, "The policy pack judges what it is asked.", level, Severity.HIGH, lines, urn)

    def _of_guard(self, level: Level, lines: Sequence[str]) -> analyzer_pb2.AnalyzeDiagnostic:
        return self._diagnostic(GUARD, GUARD_DESCRIPTION, level, Severity.HIGH, lines)

    def _of_rule(self, rule: Rule, level: Level, lines: Sequence[str], urn: str) -> analyzer_pb2.AnalyzeDiagnostic:
        return self._diagnostic(rule.name, rule.description, level, rule.severity, lines, urn)

    def _diagnostic(
        self, policy: str, description: str, level: Level, severity: Severity, lines: Sequence[str], urn: str = ""
    ) -> analyzer_pb2.AnalyzeDiagnostic:
        return analyzer_pb2.AnalyzeDiagnostic(
            policyName=policy,
            policyPackName=PACK_NAME,
            policyPackVersion=__version__,
            description=description,
            message="\n".join([description, *(escape(self._mask(line)) for line in lines)]),
            urn=urn,
            severity=severity_on_wire(severity),
            enforcementLevel=level_on_wire(level),
        )


@dataclass(eq=False)
class Unconcerned:
    """The resource rules that have nothing to say about resources of a type: the same answer for each of them.

    Attributes:
        settings: The configuration in force.
        rules: Every resource rule, sorted by name.
    """

    settings: Settings
    rules: Sequence[Rule]
    _by_type: dict[str, analyzer_pb2.AnalyzeResponse] = field(default_factory=dict)

    def answer(self, type_token: str) -> analyzer_pb2.AnalyzeResponse:
        """Give what is said for the rules that do not look at a type. Nobody may change it: it is said many times."""
        if type_token not in self._by_type:
            others = [rule for rule in self.rules if type_token not in rule.types]
            said = Speaker(self.settings).silent(others, ())
            self._by_type[type_token] = analyzer_pb2.AnalyzeResponse(not_applicable=said)
        return self._by_type[type_token]


def count(resources: int) -> str:
    """Say how many resources: `1 resource`, `3 resources`."""
    return f"{resources} resource" if resources == 1 else f"{resources} resources"


def fitting(
    diagnostics: Iterable[analyzer_pb2.AnalyzeDiagnostic], budget: int = BUDGET
) -> list[analyzer_pb2.AnalyzeDiagnostic]:
    """Sort diagnostics, mandatory ones first, and leave out what no answer can hold; each policy says how many.

    Args:
        diagnostics: In any order.
        budget: Size of all of them together, in bytes.
    """
    kept: list[analyzer_pb2.AnalyzeDiagnostic] = []
    left_out: dict[tuple[str, int], list[analyzer_pb2.AnalyzeDiagnostic]] = defaultdict(list)
    for diagnostic in sorted(diagnostics, key=_order):
        budget -= diagnostic.ByteSize()
        if budget >= 0:
            kept.append(diagnostic)
        else:
            left_out[diagnostic.policyName, diagnostic.enforcementLevel].append(diagnostic)
    for alike in left_out.values():
        summary = analyzer_pb2.AnalyzeDiagnostic()
        summary.CopyFrom(alike[0])
        summary.urn = ""
        summary.message = f"{summary.description}\n{len(alike)} more like this: too many for one answer to the engine"
        kept.append(summary)
    return kept


def _order(diagnostic: analyzer_pb2.AnalyzeDiagnostic) -> tuple[bool, str, str, str]:
    mandatory = diagnostic.enforcementLevel == analyzer_pb2.MANDATORY
    return (not mandatory, diagnostic.policyName, diagnostic.urn, diagnostic.message)
