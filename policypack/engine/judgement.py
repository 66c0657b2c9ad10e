"""All that is said of one deployment: the verdicts, their levels, and what follows for the user."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING

from policypack.engine.evaluator import evaluate
from policypack.engine.standing import Standings
from policypack.engine.verdict import Status, Verdict
from policypack.model.records import cached_property, dataclass
from policypack.rules.contract import Level

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from policypack.engine.baseline import Fixed
    from policypack.engine.settings import Settings
    from policypack.engine.standing import Stand
    from policypack.engine.waivers import StaleWaiver
    from policypack.model.finding import Finding
    from policypack.model.graph import Graph
    from policypack.rules.contract import Rule
    from policypack.topology import Deployment


def speaking_level(verdict: Verdict, settings: Settings) -> Level:
    """Give the level at which a verdict speaks: its rule's for a fault, the pack's for what could not be told.

    What could not be told is never graver than the fault would be that it may turn out to be.
    """
    if verdict.status is Status.ERROR:
        return Level.MANDATORY if settings.on_error == "fail" else Level.ADVISORY
    if verdict.status is Status.UNDECIDED and settings.on_undecided != "fail":
        return Level.DISABLED if settings.on_undecided == "ignore" else Level.ADVISORY
    level = settings.level(verdict.rule)
    return Level.MANDATORY if level is Level.REMEDIATE else level


def lowered(level: Level, *, accepted: bool) -> Level:
    """Give the level at which something is said: what is waived or known is shown, and stops nobody."""
    return Level.ADVISORY if accepted and level is Level.MANDATORY else level


@dataclass(frozen=True, eq=False)
class Judgement:
    """The verdicts of one run.

    Attributes:
        deployment: What was judged.
        rules: Every rule of the pack, disabled ones included, sorted by name.
        settings: The configuration in force.
        verdicts: Every verdict, sorted by rule and subject.
        one_of_many: True if other stacks are judged with it: whether a waiver is stale is then told of them all.
    """

    deployment: Deployment
    rules: tuple[Rule, ...]
    settings: Settings
    verdicts: tuple[Verdict, ...]
    one_of_many: bool = False

    @cached_property
    def of_rule(self) -> Mapping[str, tuple[Verdict, ...]]:
        """The verdicts of each rule, by its name."""
        found: dict[str, list[Verdict]] = defaultdict(list)
        for verdict in self.verdicts:
            found[verdict.rule.name].append(verdict)
        return {name: tuple(some) for name, some in found.items()}

    def status(self, rule: Rule) -> Status:
        """Give the answer a rule counts by: the gravest of its verdicts; not applicable if it had no subject."""
        return self._statuses.get(rule.name, Status.NOT_APPLICABLE)

    @cached_property
    def _statuses(self) -> Mapping[str, Status]:
        return {
            name: min((verdict.status for verdict in some), key=lambda status: status.rank)
            for name, some in self.of_rule.items()
        }

    @property
    def enabled(self) -> tuple[Rule, ...]:
        """The rules that ran."""
        return tuple(rule for rule in self.rules if self.settings.enabled(rule))

    def count(self, status: Status) -> int:
        """Count the rules that ran and came out so; those whose findings are all accepted did not fail."""
        return sum(self.status(rule) is status for rule in self.enabled if rule not in self.accepted)

    @cached_property
    def accepted(self) -> frozenset[Rule]:
        """The rules that failed, with findings that are all waived or known."""
        return frozenset(
            rule
            for rule in self.enabled
            if (failed := [one for one in self.of_rule.get(rule.name, ()) if one.status is Status.FAIL])
            and all(map(self.standings.accepts, failed))
        )

    @cached_property
    def standings(self) -> Standings:
        """How each finding stands: whether it counts, is waived, or known."""
        return Standings(self.settings.waivers, self.settings.baseline, self.verdicts, self._former)

    def _former(self, urn: str) -> Sequence[str]:
        resource = self.deployment.graph.by_urn.get(urn)
        return resource.options.aliases if resource else ()

    def stand(self, verdict: Verdict, finding: Finding) -> Stand:
        """Tell how a finding of a verdict stands."""
        return self.standings.of(verdict.rule.name, finding)

    def level(self, verdict: Verdict) -> Level:
        """Give the level at which a verdict speaks: its rule's for a fault, the pack's for what could not be told.

        A verdict of which nothing counts, since it is waived or known, is advisory at the most.
        """
        level = speaking_level(verdict, self.settings)
        return lowered(level, accepted=level is Level.MANDATORY and self.standings.accepts(verdict))

    def finding_level(self, verdict: Verdict, finding: Finding) -> Level:
        """Give the level at which one finding of a verdict speaks."""
        return lowered(speaking_level(verdict, self.settings), accepted=self.stand(verdict, finding).accepted)

    @cached_property
    def stale_waivers(self) -> tuple[StaleWaiver, ...]:
        """The waivers that are about this stack and waive nothing in it; none where the configuration ignores them."""
        if self.one_of_many:
            return ()
        return stale_in(self.deployment, self.rules, self.settings, self.standings)

    @cached_property
    def fixed(self) -> tuple[Fixed, ...]:
        """The entries of the baseline about this stack that could go, or shrink."""
        return fixed_in(self.deployment.graph, self.rules, self.settings, self.verdicts)

    @cached_property
    def waiting(self) -> tuple[tuple[str, Finding], ...]:
        """What the baseline has of this stack that was not found and may be again: rule, and where it was."""
        graph, baseline = self.deployment.graph, self.settings.baseline
        if baseline is None:
            return ()
        from policypack.engine.baseline import waiting

        silent = _silent(self.rules, self.settings)
        return waiting(baseline, (graph.stack, graph.project), graph.resources, self.verdicts, silent)

    def with_status(self, *statuses: Status) -> tuple[Verdict, ...]:
        """Give the verdicts with one of these answers: mandatory ones first, then by severity, rule and subject."""
        chosen = [verdict for verdict in self.verdicts if verdict.status in statuses]
        return tuple(sorted(chosen, key=lambda verdict: (*self._gravity(verdict), *verdict.sort_key)))

    def _gravity(self, verdict: Verdict) -> tuple[int, int]:
        return (0 if self.level(verdict) is Level.MANDATORY else 1, verdict.rule.severity.rank)

    @cached_property
    def not_looked_at(self) -> Mapping[str, int]:
        """The types of the stack that no rule which ran judges or follows, with how many resources have them."""
        seen = frozenset[str]().union(*(rule.judges | rule.follows for rule in self.enabled))
        return dict(sorted(Counter(one.type for one in self.deployment.judged if one.type not in seen).items()))

    @property
    def blocking(self) -> bool:
        """True if something is mandatory: a fault, or what the configuration makes one."""
        speaking = (Status.FAIL, Status.UNDECIDED, Status.ERROR)
        settings = self.settings
        return (
            any(self.level(verdict) is Level.MANDATORY for verdict in self.verdicts if verdict.status in speaking)
            or bool(settings.problems and settings.on_config_error == "mandatory")
            or bool(settings.on_stale_waiver == "fail" and self.stale_waivers)
            or bool(settings.ratchet and self.fixed)
        )


def judge_deployment(
    deployment: Deployment, rules: Sequence[Rule], settings: Settings, *, one_of_many: bool = False
) -> Judgement:
    """Run the rules over a deployment, which may be one of many that are judged together."""
    return Judgement(deployment, tuple(rules), settings, evaluate(deployment, rules, settings), one_of_many)


def stale_in_all(judgements: Sequence[Judgement]) -> tuple[StaleWaiver, ...]:
    """Find the waivers that waive nothing in any of the stacks that were judged together."""
    if not judgements or not judgements[0].settings.waivers:
        return ()
    from policypack.engine.waivers import GONE

    used = frozenset[str]().union(*(each.standings.used for each in judgements))
    found: dict[str, StaleWaiver] = {}
    for each in judgements:
        for one in stale_in(each.deployment, each.rules, each.settings, each.standings):
            if one.waiver.place not in used and (one.why == GONE or one.waiver.place not in found):
                found[one.waiver.place] = one
    return tuple(found[waiver.place] for waiver in judgements[0].settings.waivers if waiver.place in found)


def stale_in(
    deployment: Deployment,
    rules: Iterable[Rule],
    settings: Settings,
    standings: Standings,
    *,
    one_of_many: bool = False,
) -> tuple[StaleWaiver, ...]:
    """Find the waivers that are about a stack and waive nothing in it; those of rules that are off are left alone.

    Args:
        deployment: The stack.
        rules: Every rule of the pack.
        settings: The configuration.
        standings: How what was said of the stack stands.
        one_of_many: True if other stacks use the same waivers, and nobody sees them all.
    """
    if not settings.waivers or settings.on_stale_waiver == "ignore":
        return ()
    # What few configurations need is loaded for those.
    from policypack.engine.waivers import place_of, stale

    graph = deployment.graph
    running = {rule.name for rule in rules if settings.enabled(rule)}
    asked = [waiver for waiver in settings.waivers if running.intersection(waiver.rules)]
    places = [[place_of(urn) for urn in (one.urn, *one.options.aliases)] for one in graph.resources]
    return stale(asked, standings.used, places, (graph.project, graph.stack), one_of_many=one_of_many)


def fixed_in(graph: Graph, rules: Iterable[Rule], settings: Settings, verdicts: Iterable[Verdict]) -> tuple[Fixed, ...]:
    """Find the entries of the baseline about a stack that could go."""
    if settings.baseline is None:
        return ()
    from policypack.engine.baseline import fixed

    stack = (graph.stack, graph.project)
    return fixed(settings.baseline, stack, graph.resources, verdicts, _silent(rules, settings))


def _silent(rules: Iterable[Rule], settings: Settings) -> set[str]:
    return {rule.name for rule in rules if not settings.enabled(rule)}
