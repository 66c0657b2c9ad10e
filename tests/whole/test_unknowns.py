"""Whatever becomes unknown: no answer turns into its opposite, and no rule breaks.

Every single value, list and block of every stack is made unknown in turn, as if the program took it from something
that only the deployment tells. A fault may then become undecided, never a pass; what was no fault may become
undecided, never a fault.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from policypack.engine.evaluator import evaluate
from policypack.engine.settings import Settings
from policypack.engine.verdict import Status
from policypack.gcp.properties import type_tokens
from policypack.model.values import UNKNOWN, Unknown, is_list
from policypack.rules.contract import Level
from policypack.rules.registry import all_rules, rules_by_name
from tests.whole.changes import write
from tests.whole.mutations import MUTATIONS
from tests.whole.mutations.mutation import Mutation
from tests.whole.stacks import DIRECT, PSC, Stack, changed, stack_names

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from policypack.engine.verdict import Verdict
    from policypack.model.resource import Resource
    from policypack.rules.contract import Rule
    from tests.whole.conftest import Stacks

PLACES = {PSC: 240, DIRECT: 240}
PLACES_OF_OTHERS = 60
"""Of larger stacks, so many places are taken, evenly spread."""

TWIN = "asia-northeast1"
"""Region of the reference stack whose resources are the same as those of the other region."""

Place = tuple["Resource", str]
Answers = Mapping[tuple[str, str], Status]


def test_no_fault_comes_or_goes_in_a_stack_as_it_is(stack: Stack) -> None:
    rules = all_rules()
    chosen = _spread(list(_places(stack.resources)), PLACES.get(stack.name, PLACES_OF_OTHERS))
    assert chosen
    assert _turned(stack, rules, chosen) == []


@pytest.mark.parametrize("mutation", MUTATIONS, ids=lambda mutation: mutation.rule)
def test_no_fault_goes_that_a_mistake_has_made(mutation: Mutation, stacks: Stacks) -> None:
    stack = stacks(mutation.shapes[-1])
    mutant = Stack(stack.name, mutation.change(stack.resources))
    chosen = _spread(list(_places(mutant.resources)), PLACES_OF_OTHERS)
    turned = _turned(mutant, [rules_by_name()[mutation.rule]], chosen)
    assert turned == []


@pytest.fixture(params=stack_names())
def stack(request: pytest.FixtureRequest, stacks: Stacks) -> Stack:
    return stacks(request.param)


def _turned(stack: Stack, rules: Sequence[Rule], places: Sequence[Place]) -> list[str]:
    """Make each place unknown, and give what was answered wrongly then."""
    before = _answers(stack, rules)
    said: list[str] = []
    for resource, path in places:
        mutant = Stack(stack.name, changed(stack.resources, resource.urn, _unknown_at(resource, path)))
        after = _answers(mutant, rules)
        for key in sorted(before.keys() | after.keys()):
            was, now = before.get(key, Status.NOT_APPLICABLE), after.get(key, Status.NOT_APPLICABLE)
            if _wrong(was, now):
                said.append(f"{resource.name}.{path} unknown: {key[0]} of {key[1].split('::')[-1]}: {was} to {now}")
    return said


def _wrong(was: Status, now: Status) -> bool:
    if now is Status.ERROR:
        return True
    if was is Status.FAIL:
        return now not in {Status.FAIL, Status.UNDECIDED}
    return now is Status.FAIL


def _answers(stack: Stack, rules: Sequence[Rule]) -> Answers:
    """Give the gravest answer of each rule about each resource."""
    levels = {rule.name: Level.ADVISORY for rule in rules if rule.opt_in}
    answers: dict[tuple[str, str], Status] = {}
    verdict: Verdict
    for verdict in evaluate(stack.deployment, rules, Settings(levels=levels)):
        key = (verdict.rule.name, verdict.urn)
        known = answers.get(key)
        answers[key] = verdict.status if known is None or verdict.status.rank < known.rank else known
    return answers


def _places(resources: Sequence[Resource]) -> Iterator[Place]:
    """Give every known value, list and block of resources that the pack looks at."""
    tokens = set(type_tokens())
    for resource in resources:
        if resource.type in tokens and not resource.external and TWIN not in resource.name:
            for path in _below(resource.inputs or {}, ""):
                yield resource, path


def _below(value: Any, path: str) -> Iterator[str]:
    if isinstance(value, Mapping):
        for key, item in value.items():
            yield from _here(item, f"{path}.{key}" if path else key)
    elif is_list(value):
        for index, item in enumerate(value):
            yield from _here(item, f"{path}[{index}]")


def _here(value: Any, path: str) -> Iterator[str]:
    if value is not None and not isinstance(value, Unknown):
        yield path
        yield from _below(value, path)


def _unknown_at(resource: Resource, path: str) -> Resource:
    return replace(resource, inputs=_with_unknown(resource.inputs, path), outputs=_with_unknown(resource.outputs, path))


def _with_unknown(values: Mapping[str, Any] | None, path: str) -> Mapping[str, Any] | None:
    if not values:
        return values
    copy: dict[str, Any] = _copy(values)
    write(copy, path, UNKNOWN)
    return copy


def _copy(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _copy(item) for key, item in value.items()}
    return [_copy(item) for item in value] if is_list(value) else value


def _spread(places: list[Place], most: int) -> list[Place]:
    step = max(1, -(-len(places) // most))
    return places[::step]
