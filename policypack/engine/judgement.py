"""All that is said of one deployment: the verdicts, their levels, and what follows for the user."""

from __future__ import annotations

import functools
from collections import Counter, defaultdict
from typing import TYPE_CHECKING

from policypack.engine.evaluator import evaluate
from policypack.engine.verdict import Status, Verdict
from policypack.model.records import dataclass
from policypack.rules.contract import Level

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from policypack.engine.settings import Settings
    from policypack.rules.contract import Rule
    from policypack.topology import Deployment


def speaking_level(verdict: Verdict, settings: Settings) -> Level:
    """Give the level at which a verdict speaks: its rule's for a fault, the pack's for what could not be told."""
    if verdict.status is Status.UNDECIDED:
        return {"fail": Level.MANDATORY, "ignore": Level.DISABLED}.get(settings.on_undecided, Level.ADVISORY)
    if verdict.status is Status.ERROR:
        return Level.MANDATORY if settings.on_error == "fail" else Level.ADVISORY
    level = settings.level(verdict.rule)
    return Level.MANDATORY if level is Level.REMEDIATE else level


@dataclass(frozen=True, eq=False)
class Judgement:
    """The verdicts of one run.

    Attributes:
        deployment: What was judged.
        rules: Every rule of the pack, disabled ones included, sorted by name.
        settings: The configuration in force.
        verdicts: Every verdict, sorted by rule and subject.
    """

    deployment: Deployment
    rules: tuple[Rule, ...]
    settings: Settings
    verdicts: tuple[Verdict, ...]

    @functools.cached_property
    def of_rule(self) -> Mapping[str, tuple[Verdict, ...]]:
        """The verdicts of each rule, by its name."""
        found: dict[str, list[Verdict]] = defaultdict(list)
        for verdict in self.verdicts:
            found[verdict.rule.name].append(verdict)
        return {name: tuple(some) for name, some in found.items()}

    def status(self, rule: Rule) -> Status:
        """Give the answer a rule counts by: the gravest of its verdicts; not applicable if it had no subject."""
        statuses = (verdict.status for verdict in self.of_rule.get(rule.name, ()))
        return min(statuses, key=lambda status: status.rank, default=Status.NOT_APPLICABLE)

    @property
    def enabled(self) -> tuple[Rule, ...]:
        """The rules that ran."""
        return tuple(rule for rule in self.rules if self.settings.enabled(rule))

    def count(self, status: Status) -> int:
        """Count the rules that ran and came out so."""
        return sum(self.status(rule) is status for rule in self.enabled)

    def level(self, verdict: Verdict) -> Level:
        """Give the level at which a verdict speaks: its rule's for a fault, the pack's for what could not be told."""
        return speaking_level(verdict, self.settings)

    def with_status(self, *statuses: Status) -> tuple[Verdict, ...]:
        """Give the verdicts with one of these answers: mandatory ones first, then by severity, rule and subject."""
        chosen = [verdict for verdict in self.verdicts if verdict.status in statuses]
        return tuple(sorted(chosen, key=lambda verdict: (*self._gravity(verdict), *verdict.sort_key)))

    def _gravity(self, verdict: Verdict) -> tuple[int, int]:
        return (0 if self.level(verdict) is Level.MANDATORY else 1, verdict.rule.severity.rank)

    @functools.cached_property
    def not_looked_at(self) -> Mapping[str, int]:
        """The types of the stack that no rule which ran judges or follows, with how many resources have them."""
        seen = frozenset[str]().union(*(rule.judges | rule.follows for rule in self.enabled))
        return dict(sorted(Counter(one.type for one in self.deployment.judged if one.type not in seen).items()))

    @property
    def blocking(self) -> bool:
        """True if something is mandatory: a fault, or what the configuration makes one."""
        speaking = (Status.FAIL, Status.UNDECIDED, Status.ERROR)
        mandatory = any(self.level(verdict) is Level.MANDATORY for verdict in self.with_status(*speaking))
        return mandatory or bool(self.settings.problems and self.settings.on_config_error == "mandatory")


def judge_deployment(deployment: Deployment, rules: Sequence[Rule], settings: Settings) -> Judgement:
    """Run the rules over a deployment."""
    return Judgement(deployment, tuple(rules), settings, evaluate(deployment, rules, settings))
