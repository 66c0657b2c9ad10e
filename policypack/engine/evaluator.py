"""Runs rules over a deployment."""

from __future__ import annotations

import functools
import traceback
from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeAlias

from policypack.engine.verdict import Crash, Status, Verdict
from policypack.model.finding import Finding
from policypack.model.logic import NotApplicable, Undecided, recording_inferences
from policypack.model.records import replace
from policypack.model.resource import Element, Resource
from policypack.model.values import UNKNOWN, is_list
from policypack.rules.contract import Elements, Phase

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence

    from policypack.engine.settings import Settings
    from policypack.rules.contract import Findings, Rule, Subject, View
    from policypack.topology import Deployment

PACK_ROOT = Path(__file__).resolve().parents[2]


def evaluate(deployment: Deployment, rules: Sequence[Rule], settings: Settings) -> tuple[Verdict, ...]:
    """Run every rule that is not disabled, of both phases, and give all verdicts sorted by rule and subject."""
    of_resources = evaluate_stack(deployment, [rule for rule in rules if rule.phase is Phase.RESOURCE], settings)
    of_stack = [rule for rule in rules if rule.phase is Phase.STACK]
    verdicts = of_resources + evaluate_stack(deployment, of_stack, settings, failures(of_resources))
    return tuple(sorted(verdicts, key=lambda verdict: verdict.sort_key))


def evaluate_stack(
    deployment: Deployment,
    rules: Iterable[Rule],
    settings: Settings,
    spoken: Mapping[str, Collection[str]] | None = None,
) -> list[Verdict]:
    """Run rules of one phase over everything in a deployment.

    Args:
        deployment: What is judged.
        rules: Rules of one phase.
        settings: The configuration.
        spoken: For each URN, the rules of the phase before that found a fault in it: stack rules may yield to them.
    """
    return Running(rules, settings).evaluate(deployment, spoken)


class Running:
    """The rules of one phase that a configuration lets run, laid out by the kinds of their subjects."""

    def __init__(self, rules: Iterable[Rule], settings: Settings) -> None:
        """Take rules of one phase, and the configuration."""
        self._rules = [(rule, settings.parameters_of(rule)) for rule in rules if settings.enabled(rule)]
        # One subject after the other, and all rules about it: what they read of a large stack is then still at hand.
        self._kinds: dict[Subject, list[int]] = defaultdict(list)
        for number, (rule, _) in enumerate(self._rules):
            for kind in rule.subjects:
                self._kinds[kind].append(number)

    def evaluate(
        self, deployment: Deployment, spoken: Mapping[str, Collection[str]] | None = None, *, briefly: bool = False
    ) -> list[Verdict]:
        """Run the rules over everything in a deployment; see `evaluate_stack`.

        Args:
            deployment: What is judged.
            spoken: For each URN, the rules of the phase before that found a fault in it.
            briefly: Leave out what nobody needs to hear: of the subjects that a rule passes, or that it is not about,
                one stands for all of them, a passed one if there is one. A large stack has many times more of these.
        """
        asked = [_Asked(rule, parameters) for rule, parameters in self._rules]
        with recording_inferences() as inferences:
            for kind, numbers in self._kinds.items():
                _judge_all([asked[number] for number in numbers], kind, deployment, inferences, briefly=briefly)
        return give_way([verdict for one in asked for verdict in one.verdicts()], spoken or {})


def evaluate_resource(resource: Resource, rules: Iterable[Rule], settings: Settings) -> list[Verdict]:
    """Run resource rules over one resource."""
    verdicts: list[Verdict] = []
    with recording_inferences() as inferences:
        for rule in rules:
            if settings.enabled(rule) and resource.type in rule.types:
                verdicts += _judge_each(rule, resource, settings.parameters_of(rule), inferences)
    return give_way(verdicts)


def _judge_each(
    rule: Rule, resource: Resource, parameters: Mapping[str, object], inferences: list[str]
) -> list[Verdict]:
    verdicts: list[Verdict] = []

    def work() -> None:
        verdicts.extend(_judge(rule, one, parameters, inferences) for one in _subjects_in(rule, resource))

    crash = attempt(work)
    if crash is not None:
        verdicts.append(Verdict(rule, resource.urn, "", Status.ERROR, crash=crash))
    return verdicts


class _Asked:
    """A rule that runs, and what it says of each kind of its subjects."""

    __slots__ = ("parameters", "passed", "rule", "said", "spared")

    def __init__(self, rule: Rule, parameters: Mapping[str, object]) -> None:
        self.rule = rule
        self.parameters = parameters
        self.said: dict[Subject, list[Verdict]] = {}
        self.passed = self.spared = False

    def verdicts(self) -> Iterator[Verdict]:
        """Give what it said, in the order of its subjects."""
        if self.said:
            for kind in self.rule.subjects:
                yield from self.said.get(kind, ())

    def settled(self, said: _Said | None) -> bool:
        """Tell whether another subject stands for what was just said, since it passed too, or does not apply either."""
        if said is None:
            before, self.passed = self.passed, True
            return before
        if said[0] or said[2]:
            return False
        before, self.spared = self.passed or self.spared, True
        return before


def _judge_all(
    asked: Sequence[_Asked], kind: Subject, deployment: Deployment, inferences: list[str], *, briefly: bool
) -> None:
    """Ask rules about all subjects of a kind. A view that breaks while it lists them breaks the rules, and no more."""
    # Whatever is looked up for each subject is looked up here.
    ready = [(one, one.rule, one.rule.function, one.parameters) for one in asked]

    def work() -> None:
        for subject in _subjects(kind, deployment):
            for one, rule, function, parameters in ready:
                if inferences:
                    inferences.clear()
                said = _hear(function, subject, parameters)
                if not briefly or not one.settled(said):
                    one.said.setdefault(kind, []).append(_verdict(rule, subject, said, inferences))

    crash = attempt(work)
    if crash is not None:
        for one in asked:
            one.said.setdefault(kind, []).append(
                Verdict(one.rule, deployment.resource.urn, "", Status.ERROR, crash=crash)
            )


def attempt(work: Callable[[], object]) -> Crash | None:
    """Do something that must not end the user's operation; give what happened if it breaks."""
    try:
        work()
    except Exception as error:  # noqa: BLE001 - a defect of the pack is reported, never raised to the engine
        return _crash(error)
    return None


def _subjects(kind: Subject, deployment: Deployment) -> Iterable[Resource | Element | View]:
    if isinstance(kind, str):
        return deployment.graph.of_type(kind)
    if isinstance(kind, Elements):
        return (each for resource in deployment.graph.of_type(*kind.types) for each in _elements(kind, resource))
    return kind.subjects(deployment)


def _subjects_in(rule: Rule, resource: Resource) -> Iterator[Resource | Element]:
    for subject in rule.subjects:
        if subject == resource.type:
            yield resource
        elif isinstance(subject, Elements) and resource.type in subject.types:
            yield from _elements(subject, resource)


def _elements(subject: Elements, resource: Resource) -> Iterator[Element]:
    """Give each element that the resource has.

    Of a list that is unknown as a whole, and of what is no list at all, the first element is asked about: reading it
    tells what is unknown or wrong.
    """
    for path in subject.paths:
        name, listed = path.removesuffix("[]"), path.endswith("[]")
        value = UNKNOWN if resource.blank else resource.peek(name)
        if value is None:
            continue
        if not listed:
            yield Element(resource, name)
        else:
            yield from (Element(resource, f"{name}[{index}]") for index in range(len(value) if is_list(value) else 1))


def judge(rule: Rule, subject: Resource | Element | View, parameters: Mapping[str, object]) -> Verdict:
    """Ask one rule about one subject. Whatever the rule does, this gives a verdict."""
    with recording_inferences() as inferences:
        return _judge(rule, subject, parameters, inferences)


_Said: TypeAlias = "tuple[list[Finding | Undecided], str, Crash | None]"
"""What a rule said: faults and doubts, why it is not applicable, and how it broke."""


def _judge(
    rule: Rule, subject: Resource | Element | View, parameters: Mapping[str, object], inferences: list[str]
) -> Verdict:
    """See `judge`. What the answer rests on is noted in a list that is used again for the next subject."""
    inferences.clear()
    return _verdict(rule, subject, _hear(rule.function, subject, parameters), inferences)


def _hear(
    function: Callable[..., Findings], subject: Resource | Element | View, parameters: Mapping[str, object]
) -> _Said | None:
    """Ask one rule about one subject; None, the commonest answer, if it has nothing to say."""
    said: list[Finding | Undecided] = []
    try:
        # What was said before a value turned out to be unknown is kept: the list grows with each of it.
        said.extend(function(subject, **parameters))
    except Undecided as unknown:
        # Kept without its traceback, which would keep every value of every call on the way alive.
        said.append(unknown.with_traceback(None))
    except NotApplicable as none:
        return said, str(none), None
    except Exception as error:  # noqa: BLE001 - a broken rule is reported as a verdict; the operation goes on
        return said, "", _crash(error)
    return (said, "", None) if said else None


def _verdict(rule: Rule, subject: Resource | Element | View, said: _Said | None, inferences: list[str]) -> Verdict:
    urn = subject.resource.urn
    place = subject.prefix if hasattr(subject, "prefix") else ""  # elements have one, and views of elements
    # By position: names cost twice as much, and there is a verdict for each rule and subject.
    if said is None:
        return Verdict(rule, urn, place, Status.PASS, (), (), "", tuple(inferences))
    all_, reason, crash = said
    findings = tuple(one for one in all_ if isinstance(one, Finding))
    undecided = tuple(one for one in all_ if not isinstance(one, Finding))
    if findings:
        status = Status.FAIL
    elif crash is not None:
        status = Status.ERROR
    else:
        status = Status.UNDECIDED if undecided else Status.NOT_APPLICABLE
    return Verdict(rule, urn, place, status, findings, undecided, reason, (), crash)


def _crash(error: Exception) -> Crash:
    """Say where the pack broke: the innermost line of the pack, which is where its author must look."""
    frames = traceback.extract_tb(error.__traceback__)
    ours = [frame for frame in frames if Path(frame.filename).is_relative_to(PACK_ROOT)] or list(frames)
    path = Path(ours[-1].filename)
    shown = path.relative_to(PACK_ROOT) if path.is_relative_to(PACK_ROOT) else path
    return Crash(f"{type(error).__name__}: {error}", f"{shown}:{ours[-1].lineno}")


def failures(verdicts: Iterable[Verdict]) -> dict[str, set[str]]:
    """Give, for each URN, the names of the rules that found a fault in it."""
    failed: dict[str, set[str]] = defaultdict(set)
    for verdict in verdicts:
        if verdict.status is Status.FAIL:
            failed[verdict.urn].add(verdict.rule.name)
    return failed


def give_way(verdicts: Iterable[Verdict], spoken: Mapping[str, Collection[str]] | None = None) -> list[Verdict]:
    """Silence a general rule where a more specific one has found the fault in the same place.

    The same where two rules of one family wait for the same unknown values: one of them says so.

    Args:
        verdicts: What the rules of one phase said.
        spoken: For each URN, the rules of the phase before that found a fault somewhere in it.
    """
    said = list(verdicts)
    unsettled = [verdict for verdict in said if verdict.status not in _SETTLED]
    if not unsettled:
        return said
    heard = _Heard(unsettled, spoken or {})

    def yielding(verdict: Verdict) -> Verdict:
        name = next(filter(functools.partial(heard.speaks_for, verdict), verdict.rule.yields_to), None)
        if name is None:
            return verdict
        reason = f"{name} says it more precisely"
        return replace(verdict, status=Status.NOT_APPLICABLE, findings=(), undecided=(), reason=reason)

    return [verdict if verdict.status in _SETTLED else yielding(verdict) for verdict in said]


_SETTLED: Final = (Status.PASS, Status.NOT_APPLICABLE, Status.ERROR)


class _Heard:
    """What rules have said, laid out so that a resource with thousands of elements is asked about each only once."""

    def __init__(self, said: Iterable[Verdict], spoken: Mapping[str, Collection[str]]) -> None:
        self._spoken = spoken
        self._failed: dict[tuple[str, str], set[str]] = defaultdict(set)
        self._waiting: dict[tuple[str, str, str], list[Verdict]] = defaultdict(list)
        for verdict in said:
            if verdict.status is Status.FAIL:
                self._failed[verdict.urn, verdict.rule.name].add(verdict.place)
            elif verdict.status is Status.UNDECIDED:
                self._waiting[verdict.urn, verdict.rule.name, verdict.place].append(verdict)

    def speaks_for(self, general: Verdict, name: str) -> bool:
        """Tell whether what a rule said of a resource makes it needless to hear another."""
        if general.status is Status.UNDECIDED:
            # A rule outside the family may wait for the value only to know whether it has something to say at all.
            wanted = {why.key for why in general.undecided}
            return any(
                other.rule.file == general.rule.file and wanted <= {why.key for why in other.undecided}
                for other in self._waiting.get((general.urn, name, general.place), ())
            )
        if name in self._spoken.get(general.urn, ()):
            return True
        # Two elements of one list are two places; the resource as a whole is the place of each.
        places = self._failed.get((general.urn, name), set())
        return general.place in places or "" in places or (bool(places) and not general.place)
