from __future__ import annotations

import pytest

from policypack.engine.settings import Entry, UnreadableSettings, from_document, from_entries
from policypack.rules.contract import Level
from tests.engine.fakes import RULES, opinion, thing_is_blue, thing_is_painted


def problems(document: object) -> list[tuple[str, str]]:
    return [(problem.place, problem.message) for problem in from_document(document, RULES).problems]


def test_without_configuration_every_rule_has_its_own_level() -> None:
    settings = from_document({}, RULES)
    assert settings.level(thing_is_blue) is Level.MANDATORY
    assert settings.level(thing_is_painted) is Level.ADVISORY
    assert settings.level(opinion) is Level.DISABLED


def test_a_level_can_be_text_or_stand_in_an_object() -> None:
    settings = from_document(
        {"thing-is-blue": "advisory", "thing-is-painted": {"enforcementLevel": "mandatory"}}, RULES
    )
    assert settings.level(thing_is_blue) is Level.ADVISORY
    assert settings.level(thing_is_painted) is Level.MANDATORY


def test_an_alias_names_the_rule() -> None:
    assert from_document({"old-blue": "disabled"}, RULES).level(thing_is_blue) is Level.DISABLED


def test_all_sets_every_level_but_that_of_opt_in_rules() -> None:
    settings = from_document({"all": "advisory"}, RULES)
    assert settings.level(thing_is_blue) is Level.ADVISORY
    assert settings.level(opinion) is Level.DISABLED


def test_the_engine_repeating_all_for_every_rule_does_not_choose_opt_in_rules() -> None:
    entries = {"all": Entry("mandatory"), **{rule.name: Entry("mandatory") for rule in RULES}}
    assert from_entries(entries, RULES).level(opinion) is Level.DISABLED


def test_a_rule_named_beside_all_has_its_own_level() -> None:
    settings = from_document({"all": "disabled", "thing-is-blue": "mandatory"}, RULES)
    assert settings.level(thing_is_blue) is Level.MANDATORY
    assert settings.level(thing_is_painted) is Level.DISABLED


def test_numbers_arrive_as_floats_and_become_whole() -> None:
    parameters = from_document({"thing-is-painted": {"coats": 3.0}}, RULES).parameters_of(thing_is_painted)
    assert parameters == {"coats": 3, "colours": ["blue"]}
    assert isinstance(parameters["coats"], int)


@pytest.mark.parametrize(
    ("document", "place", "says"),
    [
        ({"thing-is-blu": "advisory"}, "thing-is-blu", "did you mean thing-is-blue?"),
        ({"Thing-Is-Blue": "advisory"}, "Thing-Is-Blue", "did you mean thing-is-blue?"),
        ({"all": {"enforcementLevel": "advisory", "level": 1}}, "all.level", "there is no such key"),
        ({"thing-is-painted": {"coat": 3}}, "thing-is-painted.coat", "did you mean coats?"),
        ({"thing-is-painted": {"wheels": 3}}, "thing-is-painted.wheels", "it has coats, colours"),
        ({"thing-is-blue": {"wheels": 3}}, "thing-is-blue.wheels", "it has none"),
        ({"thing-is-painted": {"coats": "two"}}, "thing-is-painted.coats", "must be a whole number"),
        ({"thing-is-painted": {"coats": True}}, "thing-is-painted.coats", "must be a whole number"),
        ({"thing-is-painted": {"coats": 2.5}}, "thing-is-painted.coats", "must be a whole number"),
        ({"thing-is-painted": {"coats": 10}}, "thing-is-painted.coats", "at least 1 and at most 9"),
        ({"thing-is-painted": {"colours": "blue"}}, "thing-is-painted.colours", "must be a list of texts"),
        ({"thing-is-painted": {"colours": ["pink"]}}, "thing-is-painted.colours", "knows blue, red"),
        ({"thing-is-blue": "mandatary"}, "thing-is-blue.enforcementLevel", "did you mean mandatory?"),
        ({"thing-is-blue": 7}, "thing-is-blue", "must be a level"),
        ({"guard": {"onUndecide": "fail"}}, "guard.onUndecide", "did you mean onUndecided?"),
        ({"guard": {"onUndecided": "shout"}}, "guard.onUndecided", "must be advisory or fail or ignore"),
    ],
)
def test_a_mistake_is_one_problem_that_names_the_place(document: object, place: str, says: str) -> None:
    ((where, message),) = problems(document)
    assert where == place
    assert says in message


def test_the_default_applies_where_the_value_is_wrong_and_the_rest_is_kept() -> None:
    settings = from_document({"thing-is-painted": {"coats": "two", "colours": ["red"]}}, RULES)
    assert settings.parameters_of(thing_is_painted) == {"coats": 2, "colours": ["red"]}


def test_a_document_that_is_no_object_cannot_be_read() -> None:
    with pytest.raises(UnreadableSettings, match="JSON object"):
        from_document(["all"], RULES)


def test_a_guard_document_of_a_later_version_cannot_be_read() -> None:
    with pytest.raises(UnreadableSettings, match=r"guard\.version is 2"):
        from_document({"guard": {"version": 2}}, RULES)


def test_guard_settings_are_read() -> None:
    guard = {"version": 1, "onUndecided": "ignore", "onError": "fail", "onConfigError": "advisory"}
    settings = from_document({"guard": guard}, RULES)
    assert (settings.on_undecided, settings.on_error, settings.on_config_error) == ("ignore", "fail", "advisory")
