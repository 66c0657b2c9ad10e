"""What rules write into the inputs of a resource, and what they leave alone."""

from __future__ import annotations

from typing import Annotated, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policypack.engine.remedies import Change, Mended, NoPlace, change_for, mend, settles, with_changes, written
from policypack.engine.settings import Settings, from_document
from policypack.model.resource import Resource
from policypack.model.values import UNKNOWN, Secret, Value
from policypack.rules.contract import Findings, FromParameter, Param, Rule, Severity, rule
from tests.engine.fakes import THING, Seen, thing


@rule(
    severity=Severity.HIGH,
    subjects=[THING],
    fix="Lock it.",
    remedy={"lock.closed": True, "colour": FromParameter("colours", "blue"), "coats": FromParameter("coats", 3)},
)
def lock_is_closed(
    one: Resource,
    *,
    colours: Annotated[list[str], Param("Colours.")] = ["red", "blue"],  # noqa: B006
    coats: Annotated[int, Param("Coats.", minimum=1)] = 1,
) -> Findings:
    """Locks are closed, and things are painted."""
    if one.flag("lock.closed") is not True:
        yield one.finding("lock.closed", expected="true", found="open")
    if one.is_set("colour") and one.text("colour") not in colours:
        yield one.finding("colour", expected="a colour", found="none")
    if one.is_set("coats") and (one.number("coats") or 0) < coats:
        yield one.finding("coats", expected="coats", found="fewer")
    if one.is_set("age"):
        yield one.finding("age", expected="none", found="some")


@rule(severity=Severity.LOW, subjects=[THING], fix="Open it.")
def airs_when_blue(one: Resource) -> Findings:
    """Things that are blue are open: it contradicts the other rule."""
    if one.text("colour") == "blue":
        yield one.finding("colour", expected="another", found="blue")


@rule(severity=Severity.LOW, subjects=[Seen], fix="Lock it.", remedy={"lock.closed": True})
def stack_is_closed(seen: Seen) -> Findings:
    """Stacks are closed."""
    yield seen.resource.finding("lock.closed", expected="true", found="open")


RULES: tuple[Rule, ...] = (airs_when_blue, lock_is_closed, stack_is_closed)
REMEDIATE: dict[str, Any] = {"lock-is-closed": "remediate"}


def settings(**entries: Any) -> Settings:
    return from_document({**REMEDIATE, **entries}, RULES)


def mended(one: Resource, chosen: Settings | None = None, rules: tuple[Rule, ...] = (lock_is_closed,)) -> Any:
    return mend(one, rules, chosen or settings())


def after(one: Resource) -> Value:
    return with_changes(one, [change for said in mended(one) for change in said.changes]).inputs


def test_a_value_is_written_and_objects_on_the_way_are_made() -> None:
    assert after(thing("a", size=1)) == {"size": 1, "lock": {"closed": True}}


def test_what_stands_beside_it_stays() -> None:
    assert after(thing("a", lock={"closed": False, "keys": 2})) == {"lock": {"closed": True, "keys": 2}}


def test_the_given_inputs_stay_as_they_are() -> None:
    one = thing("a", lock={"closed": False})
    after(one)
    assert one.inputs == {"lock": {"closed": False}}


def test_what_is_right_is_left_alone() -> None:
    assert mended(thing("a", lock={"closed": True})) == ()


def test_mending_twice_is_mending_once() -> None:
    one = thing("a", lock={"closed": False}, colour="green")
    again = with_changes(one, [change for said in mended(one) for change in said.changes])
    assert mended(again) == ()


def test_secrets_stay_secret() -> None:
    one = thing("a", lock=Secret({"closed": Secret(False), "code": "1234"}))
    assert after(one) == {"lock": Secret({"closed": Secret(True), "code": "1234"})}


@pytest.mark.parametrize("lock", [UNKNOWN, {"closed": UNKNOWN}, Secret(UNKNOWN), {"closed": Secret(UNKNOWN)}])
def test_what_is_not_known_yet_is_never_written_over(lock: Value) -> None:
    one = thing("a", lock=lock)
    assert mended(one) == ()
    with pytest.raises(NoPlace):
        written(one.inputs or {}, Change("lock.closed", True))


def test_an_unknown_value_beside_it_stays_unknown() -> None:
    assert after(thing("a", lock={"closed": False, "code": UNKNOWN})) == {"lock": {"closed": True, "code": UNKNOWN}}


def test_a_value_of_another_type_on_the_way_is_left_alone() -> None:
    with pytest.raises(NoPlace):
        written({"lock": "closed"}, Change("lock.closed", True))
    with pytest.raises(NoPlace):
        written({"locks": [{}]}, Change("locks[1].closed", True))


def test_an_element_of_a_list_is_written_and_the_others_stay() -> None:
    inputs: dict[str, Value] = {"locks": [{"closed": False}, UNKNOWN, {"closed": False}]}
    assert written(inputs, Change("locks[2].closed", True)) == {"locks": [{"closed": False}, UNKNOWN, {"closed": True}]}


def test_of_a_whole_object_only_what_is_missing_is_written() -> None:
    change = Change("lock", {"closed": True, "keys": 1})
    assert written({"lock": {"keys": UNKNOWN}}, change) == {"lock": {"closed": True, "keys": UNKNOWN}}
    assert written({}, change) == {"lock": {"closed": True, "keys": 1}}


def test_a_rule_at_another_level_writes_nothing() -> None:
    for level in ("mandatory", "advisory", "disabled"):
        assert mended(thing("a"), settings(**{"lock-is-closed": level})) == ()


def test_a_finding_that_leaves_a_choice_keeps_its_rule_from_writing_half_of_it() -> None:
    assert mended(thing("a", age=3)) == ()


def test_a_finding_that_is_spared_is_not_mended() -> None:
    assert (
        mend(thing("a"), (lock_is_closed,), settings(), lambda _verdict, finding: finding.path == "lock.closed") == ()
    )


def test_what_would_break_another_rule_is_not_written() -> None:
    one = thing("a", lock={"closed": True}, colour="green")
    assert mended(one) == (Mended(lock_is_closed, (Change("colour", "blue"),)),)
    assert mended(one, rules=RULES) == ()


def test_a_rule_over_the_stack_writes_nothing() -> None:
    chosen = from_document({"stack-is-closed": "remediate"}, RULES)
    assert mend(thing("a"), RULES, chosen) == ()


@pytest.mark.parametrize(
    ("parameters", "path", "value"),
    [
        ({}, "lock.closed", True),
        ({}, "colour", "blue"),
        ({"colours": ["red", "white"]}, "colour", "red"),
        ({}, "coats", 3),
        ({"coats": 7}, "coats", 7),
    ],
)
def test_values_follow_the_parameters_of_the_rule(parameters: dict[str, Any], path: str, value: Value) -> None:
    chosen = settings(**{"lock-is-closed": {"enforcementLevel": "remediate", **parameters}})
    assert change_for(lock_is_closed, path, chosen) == Change(path, value)


def test_a_property_that_a_remedy_does_not_name_has_no_answer() -> None:
    assert change_for(lock_is_closed, "age", settings()) is None
    assert change_for(airs_when_blue, "colour", settings()) is None


def test_an_answer_that_the_rule_would_not_take_settles_nothing() -> None:
    chosen = settings()
    assert settles(lock_is_closed, thing("a"), Change("lock.closed", True), chosen)
    assert not settles(lock_is_closed, thing("a"), Change("lock.closed", False), chosen)
    assert not settles(lock_is_closed, thing("a", lock=UNKNOWN), Change("lock.closed", True), chosen)


KEYS = st.sampled_from(["lock", "closed", "keys", "colour", "coats"])
LEAVES: st.SearchStrategy[Any] = st.one_of(
    st.none(), st.booleans(), st.integers(0, 9), st.sampled_from(["blue", "red", ""]), st.just(UNKNOWN)
)
VALUES: st.SearchStrategy[Any] = st.recursive(
    LEAVES,
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(KEYS, inner, max_size=3), inner.map(Secret)),
    max_leaves=8,
)


def _unknowns(value: Value, at: tuple[Any, ...] = ()) -> set[tuple[Any, ...]]:
    if isinstance(value, Secret):
        return _unknowns(value.value, (*at, "secret"))
    if isinstance(value, dict):
        return {place for key, item in value.items() for place in _unknowns(item, (*at, key))}
    if isinstance(value, list):
        return {place for index, item in enumerate(value) for place in _unknowns(item, (*at, index))}
    return {at} if value is UNKNOWN else set()


@given(inputs=st.dictionaries(KEYS, VALUES, max_size=4))
def test_whatever_the_inputs_no_unknown_goes_and_mending_again_finds_nothing(inputs: dict[str, Any]) -> None:
    one = thing("a", **inputs)
    done = mended(one)
    changed = with_changes(one, [change for said in done for change in said.changes])
    assert _unknowns(dict(one.inputs or {})) <= _unknowns(dict(changed.inputs or {}))
    assert mended(changed) == ()
