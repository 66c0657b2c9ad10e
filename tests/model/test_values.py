from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policypack.model.values import (
    UNKNOWN,
    Secret,
    WrongType,
    clean,
    contains_unknown,
    expand,
    lookup,
    merge,
    secret_texts,
    steps,
)

if TYPE_CHECKING:
    from policypack.model.values import Value

plain: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=3) | st.just(UNKNOWN),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abc"), inner, max_size=3),
    max_leaves=8,
)


def test_the_unknown_value_has_no_truth() -> None:
    with pytest.raises(TypeError, match="neither true nor false"):
        bool(UNKNOWN)


def test_the_unknown_value_stays_the_one_when_copied() -> None:
    assert copy.deepcopy({"a": UNKNOWN})["a"] is UNKNOWN


def test_a_secret_is_never_shown() -> None:
    assert "hunter2" not in repr({"password": Secret("hunter2")})


def test_a_path_is_split_into_keys_and_indexes() -> None:
    assert steps("backends[0].group") == ("backends", 0, "group")


def test_what_is_below_an_unknown_is_unknown() -> None:
    assert lookup({"a": UNKNOWN}, steps("a.b[3].c")) is UNKNOWN


def test_what_is_below_a_secret_is_read() -> None:
    assert lookup({"a": Secret({"b": Secret(1)})}, steps("a.b")) == 1


def test_what_is_beyond_the_end_of_a_list_is_absent() -> None:
    assert lookup({"a": [1]}, steps("a[1]")) is None


def test_a_path_through_a_string_is_a_wrong_type() -> None:
    with pytest.raises(WrongType, match="a string where an object belongs"):
        lookup({"a": "text"}, steps("a.b"))


def test_a_known_output_wins_over_the_input() -> None:
    assert merge({"a": "output"}, {"a": "input"}) == {"a": "output"}


def test_the_input_speaks_where_the_output_is_unknown() -> None:
    assert merge({"a": UNKNOWN, "b": {"c": UNKNOWN}}, {"a": 1, "b": {"c": 2}}) == {"a": 1, "b": {"c": 2}}


def test_an_unknown_list_of_the_output_takes_the_elements_of_the_input() -> None:
    assert merge(UNKNOWN, ["a", UNKNOWN]) == ["a", UNKNOWN]


def test_lists_that_agree_are_merged_element_by_element() -> None:
    output: Value = [{"name": "a", "id": UNKNOWN}, {"name": "b", "id": 2}]
    assert merge(output, [{"name": "a", "id": 1}, {"name": "b"}]) == [{"name": "a", "id": 1}, {"name": "b", "id": 2}]


def test_lists_in_another_order_are_not_merged() -> None:
    output: Value = [{"name": "b", "id": UNKNOWN}, {"name": "a", "id": UNKNOWN}]
    assert merge(output, [{"name": "a", "id": 1}, {"name": "b", "id": 2}]) == output


def test_what_is_secret_on_either_side_is_secret_when_merged() -> None:
    assert merge("x", Secret("x")) == Secret("x")


@given(plain)
def test_merging_a_value_with_itself_changes_nothing(value: Value) -> None:
    assert merge(value, value) == value


@given(plain, plain)
def test_merging_never_makes_a_known_output_unknown(output: Value, given_value: Value) -> None:
    if output is not None and not contains_unknown(output) and not isinstance(output, (dict, list)):
        assert merge(output, given_value) == output


@given(plain)
def test_cleaning_twice_is_cleaning_once(value: Value) -> None:
    assert clean(clean(value)) == clean(value)


def test_empty_texts_and_lists_are_absent() -> None:
    assert clean({"a": "", "b": [], "c": {"d": ""}, "e": 0, "f": False}) == {"c": {}, "e": 0, "f": False}


def test_an_empty_text_that_says_something_is_kept() -> None:
    assert clean({"policy": {"ttl": ""}}, frozenset({"policy.ttl"})) == {"policy": {"ttl": ""}}


def test_whole_floats_are_integers() -> None:
    assert clean({"a": 1.0, "b": 0.5}) == {"a": 1, "b": 0.5}


def test_bookkeeping_keys_go() -> None:
    assert clean({"a": {"__defaults": ["b"], "b": 1}}) == {"a": {"b": 1}}


def test_every_text_and_number_inside_a_secret_is_collected() -> None:
    assert secret_texts({"a": Secret({"b": ["x", 7, True, ""]}), "c": "open"}) == {"x", "7"}


def test_a_pattern_gives_every_place_with_its_path() -> None:
    places, complete = expand({"backends": [{"group": "a"}, {}, {"group": UNKNOWN}]}, "backends[].group")
    assert (places, complete) == ([("backends[0].group", "a"), ("backends[2].group", UNKNOWN)], True)


def test_an_unknown_list_on_the_way_leaves_the_places_incomplete() -> None:
    places, complete = expand({"a": [{"b": UNKNOWN}, {"b": ["x"]}]}, "a[].b[]")
    assert (places, complete) == ([("a[1].b[0]", "x")], False)


def test_an_unknown_element_makes_what_is_below_it_unknown() -> None:
    assert expand({"backends": [UNKNOWN]}, "backends[].group") == ([("backends[0].group", UNKNOWN)], True)


def test_a_list_where_a_single_value_belongs_gives_its_elements() -> None:
    assert expand({"healthChecks": ["a"]}, "healthChecks") == ([("healthChecks[0]", "a")], True)


def test_a_text_where_a_list_belongs_is_a_wrong_type() -> None:
    with pytest.raises(WrongType, match="a string where a list belongs"):
        expand({"backends": "all"}, "backends[].group")
