from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from policypack.gcp.netranges import NOWHERE, RangeSet
from policypack.topology.firewall import Action
from policypack.topology.firewall_order import ANY_ACTION, Effect, actions_of, evaluate

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

ADDRESSES = [RangeSet.of(f"10.0.0.{number}") for number in range(3)]
ALL = ADDRESSES[0] | ADDRESSES[1] | ADDRESSES[2]
ALLOW, DENY, GOTO = (frozenset({action}) for action in (Action.ALLOW, Action.DENY, Action.GOTO_NEXT))


def rule(
    actions: frozenset[Action], priority: int | None = 1000, sure: RangeSet = ALL, maybe: RangeSet = NOWHERE
) -> Effect:
    return Effect(actions, sure, maybe, priority)


def outcome(*levels: Sequence[Effect]) -> str:
    admitted = evaluate(levels, ALL)
    assert admitted.best.covers(admitted.worst)
    if admitted.worst == ALL:
        return "in"
    return "out" if not admitted.best else "undecided"


def test_what_no_rule_matches_is_denied() -> None:
    assert outcome([]) == "out"


def test_the_lower_number_is_looked_at_first() -> None:
    assert outcome([rule(DENY, 100), rule(ALLOW, 200)]) == "out"
    assert outcome([rule(DENY, 200), rule(ALLOW, 100)]) == "in"


@pytest.mark.parametrize("order", list(itertools.permutations([rule(DENY), rule(ALLOW)])))
def test_at_equal_priority_deny_wins(order: tuple[Effect, ...]) -> None:
    assert outcome(order) == "out"


def test_the_earlier_level_wins_whatever_the_priorities() -> None:
    assert outcome([rule(ALLOW, 65000)], [rule(DENY, 1)]) == "in"
    assert outcome([rule(DENY, 65000)], [rule(ALLOW, 1)]) == "out"


def test_goto_next_skips_the_rest_of_its_level() -> None:
    assert outcome([rule(GOTO, 1), rule(DENY, 2)], [rule(ALLOW, 1)]) == "in"
    assert outcome([rule(GOTO, 1), rule(ALLOW, 2)], []) == "out"


def test_several_rules_together_let_all_sources_in() -> None:
    assert outcome([rule(ALLOW, 1, ADDRESSES[0]), rule(ALLOW, 2, ADDRESSES[1] | ADDRESSES[2])]) == "in"


def test_a_deny_of_some_sources_shuts_out_just_those() -> None:
    admitted = evaluate([[rule(DENY, 1, ADDRESSES[1]), rule(ALLOW, 2)]], ALL)
    assert admitted.best == admitted.worst == ADDRESSES[0] | ADDRESSES[2]


def test_an_unknown_allow_before_a_known_allow_changes_nothing() -> None:
    assert outcome([rule(ALLOW, 1, NOWHERE, ALL), rule(ALLOW, 2)]) == "in"


def test_an_unknown_deny_before_a_known_allow_is_undecided() -> None:
    assert outcome([rule(DENY, 1, NOWHERE, ALL), rule(ALLOW, 2)]) == "undecided"


def test_an_unknown_deny_after_a_known_allow_changes_nothing() -> None:
    assert outcome([rule(ALLOW, 1), rule(DENY, 2, NOWHERE, ALL)]) == "in"


def test_an_unknown_allow_after_a_known_deny_changes_nothing() -> None:
    assert outcome([rule(DENY, 1), rule(ALLOW, 2, NOWHERE, ALL)]) == "out"


def test_an_allow_of_unknown_priority_alone_lets_in() -> None:
    assert outcome([rule(ALLOW, None)]) == "in"


def test_an_allow_of_unknown_priority_beside_a_deny_is_undecided() -> None:
    assert outcome([rule(ALLOW, None), rule(DENY, 10)]) == "undecided"


def test_an_unknown_action_before_an_allow_is_undecided() -> None:
    assert outcome([rule(ANY_ACTION, 1), rule(ALLOW, 2)]) == "undecided"


def test_what_a_firewall_endpoint_inspects_is_undecided() -> None:
    assert outcome([rule(actions_of(Action.INSPECT), 1), rule(ALLOW, 2)]) == "undecided"


subsets = st.sets(st.sampled_from(ADDRESSES)).map(
    lambda found: RangeSet.of(*(n for one in found for n in one.networks()))
)
effects = st.builds(
    Effect,
    actions=st.sampled_from([ALLOW, DENY, GOTO, ANY_ACTION, actions_of(Action.INSPECT)]),
    sure=subsets,
    maybe=subsets,
    priority=st.sampled_from([None, 1, 2, 3]),
)


def worlds(level: Sequence[Effect], address: RangeSet) -> Iterator[list[tuple[float, int, Action]]]:
    """Give every way in which a level may turn out for one address: rules that match it, in order."""
    choices = []
    for effect in level:
        priorities = [effect.priority] if effect.priority is not None else [0.5, 1.5, 2.5, 3.5]
        matching = [(at, effect) for at in priorities]
        possible: list[tuple[float, Action] | None] = [
            (float(at), action) for at, one in matching for action in one.actions
        ]
        if effect.sure.covers(address):
            choices.append(possible)
        elif effect.maybe.covers(address):
            choices.append([*possible, None])
    for world in itertools.product(*choices):
        rank = {Action.DENY: 0, Action.GOTO_NEXT: 1, Action.ALLOW: 2}
        yield sorted((at, rank[action], action) for at, action in filter(None, world))


def gets_in(world: Sequence[Sequence[tuple[float, int, Action]]]) -> bool:
    for level in world:
        first = level[0][2] if level else Action.GOTO_NEXT
        if first is not Action.GOTO_NEXT:
            return first is Action.ALLOW
    return False


@settings(max_examples=150, deadline=None)
@given(st.lists(st.lists(effects, max_size=3), min_size=1, max_size=2))
def test_every_possible_world_lies_between_worst_and_best(levels: list[list[Effect]]) -> None:
    admitted = evaluate(levels, ALL)
    for address in ADDRESSES:
        answers = {gets_in(world) for world in itertools.product(*(list(worlds(one, address)) for one in levels))}
        if admitted.worst.covers(address):
            assert answers == {True}
        if not admitted.best.covers(address):
            assert answers == {False}


known = st.builds(
    Effect,
    actions=st.sampled_from([ALLOW, DENY, GOTO]),
    sure=subsets,
    maybe=st.just(NOWHERE),
    priority=st.integers(1, 3),
)


@settings(max_examples=150, deadline=None)
@given(st.lists(st.lists(known, max_size=4), min_size=1, max_size=3))
def test_where_all_is_known_worst_and_best_are_the_one_answer(levels: list[list[Effect]]) -> None:
    admitted = evaluate(levels, ALL)
    assert admitted.worst == admitted.best
    for address in ADDRESSES:
        world = [next(worlds(level, address)) for level in levels]
        assert admitted.worst.covers(address) == gets_in(world)
