from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policypack.model.logic import Bounds, Undecided, all_of, any_of, at_least, recording_inferences, unite

UNKNOWN_ANSWER = Undecided("urn", "path", "it is not known")

answers = st.lists(st.sampled_from([True, False, None]), max_size=6)


def ask(answer: bool | None) -> bool:
    if answer is None:
        raise UNKNOWN_ANSWER
    return answer


def outcome(question: Callable[..., bool], *arguments: object) -> bool | None:
    try:
        return question(*arguments)
    except Undecided:
        return None


@given(answers)
def test_any_says_what_every_completion_of_the_unknown_answers_agrees_on(given_answers: list[bool | None]) -> None:
    worlds = {any(answer if answer is not None else filled for answer in given_answers) for filled in (True, False)}
    assert outcome(any_of, given_answers, ask) == (worlds.pop() if len(worlds) == 1 else None)


@given(answers)
def test_all_says_what_every_completion_of_the_unknown_answers_agrees_on(given_answers: list[bool | None]) -> None:
    worlds = {all(answer if answer is not None else filled for answer in given_answers) for filled in (True, False)}
    assert outcome(all_of, given_answers, ask) == (worlds.pop() if len(worlds) == 1 else None)


@given(answers, st.integers(min_value=0, max_value=4))
def test_at_least_says_what_every_completion_agrees_on(given_answers: list[bool | None], count: int) -> None:
    fewest = sum(answer is True for answer in given_answers)
    most = fewest + sum(answer is None for answer in given_answers)
    expected = True if fewest >= count else False if most < count else None
    assert outcome(at_least, count, given_answers, ask) == expected


def test_a_yes_after_an_unknown_wins() -> None:
    assert any_of([None, True], ask)


def test_a_no_after_an_unknown_wins() -> None:
    assert not all_of([None, False], ask)


def test_a_set_that_is_known_whole_answers_both_ways() -> None:
    assert Bounds.exactly("a", "b").at_least(2)
    assert not Bounds.exactly("a", "b").at_least(3)


def test_a_set_of_which_nothing_is_known_answers_nothing_but_zero() -> None:
    anything = Bounds[str].anything(UNKNOWN_ANSWER)
    assert anything.at_least(0)
    with pytest.raises(Undecided, match="it is not known"):
        anything.at_least(1)


def test_what_is_possible_but_too_little_is_a_no() -> None:
    assert not Bounds(possible=frozenset("ab"), at_most=1).at_least(2)


def test_a_certain_answer_that_rests_on_a_guess_is_noted_as_inferred() -> None:
    inferred = Bounds(certain=frozenset("ab"), possible=frozenset("ab"), at_most=2, known=frozenset("a"))
    with recording_inferences() as notes:
        assert inferred.at_least(2)
    assert len(notes) == 1


def test_an_answer_that_known_members_suffice_for_is_not_inferred() -> None:
    inferred = Bounds(certain=frozenset("ab"), possible=frozenset("ab"), at_most=2, known=frozenset("a"))
    with recording_inferences() as notes:
        assert inferred.at_least(1)
    assert not notes


parts = st.builds(
    lambda certain, extra, most, is_open: Bounds(
        certain=certain,
        possible=certain | extra,
        open=is_open,
        at_most=None if is_open else min(len(certain | extra), len(certain) + most),
        known=certain,
    ),
    st.frozensets(st.sampled_from("abcd")),
    st.frozensets(st.sampled_from("abcd")),
    st.integers(min_value=0, max_value=2),
    st.booleans(),
)


@given(st.lists(parts, max_size=4))
def test_a_union_holds_what_any_part_holds_and_no_more_than_all_can(sets: list[Bounds[str]]) -> None:
    union = unite(sets)
    assert union.known <= union.certain <= union.possible
    assert union.open == any(part.open for part in sets)
    assert all(part.certain <= union.certain and part.possible <= union.possible for part in sets)
    if union.at_most is not None:
        assert len(union.certain) <= union.at_most <= len(union.possible)


@given(parts)
def test_renaming_members_keeps_a_set_consistent(part: Bounds[str]) -> None:
    renamed = part.map(lambda member: member in "ab")
    assert renamed.certain <= renamed.possible
    assert renamed.open == part.open
    assert renamed.at_most is None or len(renamed.certain) <= max(renamed.at_most, len(renamed.certain))
