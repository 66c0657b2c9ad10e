"""Every rule finds its own mistake in the reference stack, once, and no other rule speaks of it."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import pytest

from policypack.engine.verdict import Status
from policypack.rules.registry import all_rules, rules_by_name
from tests.whole.mutations import MUTATIONS
from tests.whole.mutations.mutation import Mutation
from tests.whole.stacks import DIRECT, PSC, Stack, judge_all

if TYPE_CHECKING:
    from tests.whole.conftest import Stacks

CASES = [
    pytest.param(mutation, shape, id=f"{mutation.rule}, {shape}") for mutation in MUTATIONS for shape in mutation.shapes
]


def test_every_rule_has_a_mistake_to_find() -> None:
    assert {rule.name for rule in all_rules()} - {mutation.rule for mutation in MUTATIONS} == set(), (
        "add a Mutation in tests/whole/mutations"
    )


def test_mistakes_name_rules_that_exist() -> None:
    named = {name for mutation in MUTATIONS for name in (mutation.rule, *mutation.also)}
    assert named - rules_by_name().keys() == set()


@pytest.mark.parametrize("shape", [PSC, DIRECT])
def test_without_a_mistake_nothing_is_found(shape: str, stacks: Stacks) -> None:
    assert judge_all(stacks(shape).deployment).with_status(Status.FAIL, Status.ERROR) == ()


@pytest.mark.parametrize(("mutation", "shape"), CASES)
def test_the_rule_finds_its_mistake_and_no_other_speaks(mutation: Mutation, shape: str, stacks: Stacks) -> None:
    stack = stacks(shape)
    mutant = Stack(stack.name, mutation.change(stack.resources))
    judgement = judge_all(mutant.deployment, mutation.rule)
    found = Counter(
        (verdict.rule.name, finding.urn.split("::")[-1], finding.path)
        for verdict in judgement.with_status(Status.FAIL)
        for finding in verdict.findings
    )
    own = (mutation.rule, mutation.at, mutation.path)
    others = {name for name, *_ in found if name != mutation.rule}
    assert {one: count for one, count in found.items() if one[0] == mutation.rule} == {own: 1}
    assert others == set(mutation.also), f"beside {own}: {sorted(found)}"
    assert judgement.with_status(Status.ERROR) == ()
