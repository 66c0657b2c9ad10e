"""Mends what has one right answer: writes the remedies of rules into the inputs of a resource.

What is not known yet is never written over, secrets stay secret, and what a remedy does not speak of stays as it is.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from policypack.engine.evaluator import evaluate_resource
from policypack.engine.verdict import Status
from policypack.model.records import dataclass, replace
from policypack.model.values import Secret, Value, contains_unknown, is_list, steps
from policypack.rules.contract import Level, Phase
from policypack.rules.remedy import remedy_at

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from policypack.engine.settings import Settings
    from policypack.engine.verdict import Verdict
    from policypack.model.finding import Finding
    from policypack.model.resource import Resource
    from policypack.model.values import Step
    from policypack.rules.contract import Rule


class NoPlace(Exception):
    """A value has no place to go: what stands there is not known yet, or of another type."""


@dataclass(frozen=True)
class Change:
    """One value to write.

    Attributes:
        path: The property, such as `logConfig.enable`.
        value: What it should be.
    """

    path: str
    value: Value


@dataclass(frozen=True)
class Mended:
    """What one rule had written into a resource.

    Attributes:
        rule: The rule.
        changes: What was written.
    """

    rule: Rule
    changes: tuple[Change, ...]


def change_for(rule: Rule, path: str, settings: Settings) -> Change | None:
    """Give what a finding at a property asks to be written; None where its rule leaves a choice."""
    if not rule.remedy:
        return None
    value = remedy_at(rule.remedy, path, settings.parameters_of(rule))
    return None if value is None else Change(path, value)


def written(inputs: Mapping[str, Value], change: Change) -> Mapping[str, Value]:
    """Give the inputs of a resource with a change written into them; the given ones stay as they are.

    Raises:
        NoPlace: Something on the way is not known yet, or is no object or list.
    """
    changed = put(inputs, steps(change.path), change.value)
    return changed if isinstance(changed, Mapping) else inputs


def put(value: Value, path: Sequence[Step], new: Value) -> Value:
    """Give a value with another one at a path in it. Objects that are missing on the way are made.

    Raises:
        NoPlace: Something on the way is not known yet, or is no object or list.
    """
    if isinstance(value, Secret):
        return Secret(put(value.value, path, new))
    if not path:
        return _over(value, new)
    step, *rest = path
    if isinstance(step, int):
        if not is_list(value) or step >= len(value):
            raise NoPlace
        return [put(item, rest, new) if index == step else item for index, item in enumerate(value)]
    if value is None:
        value = {}
    if not isinstance(value, Mapping):
        raise NoPlace
    return {**value, step: put(value.get(step), rest, new)}


def _over(value: Value, new: Value) -> Value:
    if isinstance(value, Mapping) and isinstance(new, Mapping):
        return {**new, **value}  # what the program has said counts
    if contains_unknown(value):
        raise NoPlace
    return new


def mend(
    resource: Resource,
    rules: Sequence[Rule],
    settings: Settings,
    spared: Callable[[Verdict, Finding], bool] | None = None,
) -> tuple[Mended, ...]:
    """Find what rules at level `remediate` have to write into a resource, so that they pass.

    A rule of which a fault would be left writes nothing: half of a remedy would hide what is still wrong.

    Args:
        resource: A resource that is about to be made.
        rules: The resource rules of its type.
        settings: The configuration.
        spared: Tells of a finding whether it stays as it is, since it is waived or known.
    """
    mended: list[Mended] = []
    spared = spared or _never
    for rule in rules:
        if not remediates(rule, settings):
            continue
        before = _found(resource, rules, settings, spared)
        findings = before.get(rule.name, [])
        changes = [change_for(rule, finding.path, settings) for finding in findings]
        # Where one finding leaves a choice, the user has to make it.
        certain = tuple(change for change in changes if change is not None)
        if not certain or len(certain) < len(changes):
            continue
        try:
            after = with_changes(resource, certain)
        except NoPlace:
            continue
        # What mends one thing must not break another.
        if _found(after, rules, settings, spared).keys() <= before.keys() - {rule.name}:
            mended.append(Mended(rule, certain))
            resource = after
    return tuple(mended)


def remediates(rule: Rule, settings: Settings) -> bool:
    """Tell whether a rule writes its remedy: its level says so, it has one, and it judges resources by themselves."""
    return bool(rule.remedy) and rule.phase is Phase.RESOURCE and settings.level(rule) is Level.REMEDIATE


def with_changes(resource: Resource, changes: Iterable[Change]) -> Resource:
    """Give a resource with changes written into its inputs.

    Raises:
        NoPlace: One of them has no place to go.
    """
    inputs = resource.inputs or {}
    for change in changes:
        inputs = written(inputs, change)
    return replace(resource, inputs=inputs)


def settles(rule: Rule, resource: Resource, change: Change, settings: Settings) -> bool:
    """Tell whether a change settles what a rule found at its place.

    A rule that looks at other resources too is taken at its word.
    """
    try:
        after = with_changes(resource, (change,))
    except NoPlace:
        return False
    if rule.phase is not Phase.RESOURCE:
        return True
    left = _found(after, (rule,), settings, _never).get(rule.name, ())
    return change.path not in {finding.path for finding in left}


def _never(verdict: Verdict, finding: Finding) -> bool:
    del verdict, finding
    return False


def _found(
    resource: Resource, rules: Sequence[Rule], settings: Settings, spared: Callable[[Verdict, Finding], bool]
) -> dict[str, list[Finding]]:
    """Give what each rule finds in a resource, by its name; rules that give way to a more specific one are silent."""
    found: dict[str, list[Finding]] = {}
    for verdict in evaluate_resource(resource, rules, settings):
        if verdict.status is Status.FAIL:
            findings = [finding for finding in verdict.findings if not spared(verdict, finding)]
            if findings:
                found.setdefault(verdict.rule.name, []).extend(findings)
    return found
