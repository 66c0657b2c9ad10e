"""Profiles, selections, `all` and entries of rules: what wins over what, in every way in."""

from __future__ import annotations

import itertools
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policypack.engine.guard import WAIVER_KEYS
from policypack.engine.profiles import PROFILES, chain, profile
from policypack.engine.selection import CRITERIA
from policypack.engine.settings import (
    GUARD_KEYS,
    Entry,
    Settings,
    UnreadableSettings,
    entries_of,
    from_document,
    from_entries,
)
from policypack.rules.contract import Level
from policypack.rules.registry import all_rules
from tests.engine.fakes import RULES, opinion, part_is_tight, thing_is_blue, thing_is_painted
from tests.reports.scripted import RULES as WITH_CONTROLS
from tests.reports.scripted import colour_is_good, size_is_good

TODAY = date(2026, 11, 24)


def guard(**properties: Any) -> Settings:
    return from_document({"guard": properties}, RULES, today=TODAY)


def as_pulumi_sends_it(document: dict[str, Any]) -> Settings:
    """Fill in, as the engine does, what the user left out: each rule's own level, or that of `all`."""
    given = entries_of(document, [])
    blanket = given.get("all", Entry()).level
    filled = {rule.name: Entry(blanket or rule.level.value) for rule in RULES}
    for name, entry in given.items():
        before = filled.get(name, Entry())
        filled[name] = Entry(entry.level or before.level, entry.properties)
    return from_entries(filled, RULES, today=TODAY, complete=True)


def levels(settings: Settings) -> dict[str, str]:
    return {rule.name: settings.level(rule).value for rule in RULES}


@pytest.mark.parametrize(
    "criterion",
    [
        {"rules": "thing-is-blue"},
        {"rules": ["thing-is-b*"]},
        {"rules": "old-blue"},
        {"severities": "high"},
        {"severities": ["high", "critical"]},
        {"severities": "high", "areas": "engine", "rules": "thing-*"},
    ],
)
def test_a_selection_sets_the_level_of_what_it_chooses(criterion: dict[str, Any]) -> None:
    settings = guard(select=[{**criterion, "level": "advisory"}])
    assert settings.problems == ()
    assert settings.level(thing_is_blue) is Level.ADVISORY
    assert settings.level(part_is_tight) is part_is_tight.level


@pytest.mark.parametrize("name", ["CIS", "cis"])
def test_a_selection_chooses_by_framework(name: str) -> None:
    document = {"guard": {"select": [{"frameworks": name, "level": "disabled"}]}}
    settings = from_document(document, WITH_CONTROLS)
    assert (settings.level(colour_is_good), settings.level(size_is_good)) == (Level.DISABLED, Level.MANDATORY)


@pytest.mark.parametrize("name", ["ISO 27001:2022", "ISO 27001", "iso 27001"])
def test_a_framework_can_be_named_without_its_version(name: str) -> None:
    document = {"guard": {"select": [{"rules": "*", "level": "disabled"}, {"frameworks": name, "level": "default"}]}}
    settings = from_document(document, all_rules())
    running = {rule.name for rule in all_rules() if settings.enabled(rule)}
    assert running == {rule.name for rule in all_rules() if "ISO 27001:2022" in rule.controls and not rule.opt_in}


def test_every_criterion_of_a_selection_must_fit() -> None:
    settings = guard(select=[{"severities": "high", "rules": "thing-*", "level": "disabled"}])
    assert [rule.name for rule in RULES if not settings.enabled(rule)] == ["opinion", "thing-is-blue"]


def test_of_two_selections_the_later_one_wins() -> None:
    settings = guard(select=[{"rules": "*", "level": "disabled"}, {"severities": "high", "level": "advisory"}])
    assert settings.level(thing_is_blue) is Level.ADVISORY
    assert settings.level(thing_is_painted) is Level.DISABLED


def test_the_level_default_is_the_own_level_of_each_rule() -> None:
    settings = guard(select=[{"rules": "*", "level": "disabled"}, {"rules": "thing-*", "level": "default"}])
    assert settings.level(thing_is_blue) is Level.MANDATORY
    assert settings.level(thing_is_painted) is Level.ADVISORY


@pytest.mark.parametrize("criterion", [{"rules": "*"}, {"rules": "opin*"}, {"severities": "low"}, {"areas": "engine"}])
def test_an_opt_in_rule_is_chosen_by_its_own_name_only(criterion: dict[str, Any]) -> None:
    assert guard(select=[{**criterion, "level": "mandatory"}]).level(opinion) is Level.DISABLED
    assert guard(select=[{"rules": "opinion", "level": "mandatory"}]).level(opinion) is Level.MANDATORY


@pytest.mark.parametrize(
    ("selection", "place", "says"),
    [
        ({"rule": "x", "level": "advisory"}, "guard.select[0].rule", "did you mean rules?"),
        ({"rules": "thing-is-blu", "level": "advisory"}, "guard.select[0].rules", "did you mean thing-is-blue?"),
        ({"rules": "nothing*", "level": "advisory"}, "guard.select[0].rules", "there is no rule 'nothing*'"),
        ({"severities": "hihg", "level": "advisory"}, "guard.select[0].severities", "did you mean high?"),
        ({"areas": "kitchen", "level": "advisory"}, "guard.select[0].areas", "there are data, edge"),
        ({"frameworks": "CSI", "level": "advisory"}, "guard.select[0].frameworks", "no rule gives evidence"),
        ({"rules": 7, "level": "advisory"}, "guard.select[0].rules", "must be a text or a list of texts"),
        ({"rules": [], "level": "advisory"}, "guard.select[0].rules", "must be a text or a list of texts"),
        ({"rules": "*", "level": "advisry"}, "guard.select[0].level", "did you mean advisory?"),
        ({"rules": "*"}, "guard.select[0]", "has no level"),
        ({"level": "advisory"}, "guard.select[0]", "chooses no rule: it needs one of rules, areas"),
        ({"rules": "thing-is-blue", "severities": "low", "level": "advisory"}, "guard.select[0]", "do not meet"),
        ("advisory", "guard.select[0]", "must be an object"),
    ],
)
def test_a_selection_with_a_mistake_names_the_place_and_changes_nothing(selection: Any, place: str, says: str) -> None:
    settings = guard(select=[selection])
    ((where, message),) = [(problem.place, problem.message) for problem in settings.problems]
    assert where == place
    assert says in message
    assert levels(settings) == levels(Settings())


@pytest.mark.parametrize("value", [{"rules": "*"}, "advisory", 3, None])
def test_selections_are_a_list(value: Any) -> None:
    (problem,) = guard(select=value).problems
    assert problem.place == "guard.select"


def test_two_selections_of_the_same_with_two_levels_contradict_each_other() -> None:
    settings = guard(select=[{"areas": "engine", "level": "advisory"}, {"areas": "engine", "level": "mandatory"}])
    (problem,) = settings.problems
    assert (problem.place, "contradicts guard.select[0]" in problem.message) == ("guard.select[1]", True)


def test_all_is_stronger_than_selections_since_it_is_the_way_to_calm_everything_down() -> None:
    document = {"all": "advisory", "guard": {"extends": "regulated", "select": [{"rules": "*", "level": "mandatory"}]}}
    for settings in (from_document(document, RULES), as_pulumi_sends_it(document)):
        assert {rule.name for rule in RULES if settings.level(rule) is Level.MANDATORY} == set()


def test_all_calms_down_an_opt_in_rule_that_a_selection_switched_on() -> None:
    document = {"all": "advisory", "guard": {"select": [{"rules": "opinion", "level": "mandatory"}]}}
    assert from_document(document, RULES).level(opinion) is Level.ADVISORY
    assert as_pulumi_sends_it(document).level(opinion) is Level.ADVISORY


@pytest.mark.parametrize(
    "document",
    [
        {},
        {"all": "advisory"},
        {"all": "mandatory", "thing-is-blue": "disabled"},
        {"guard": {"extends": "advisory"}},
        {"guard": {"extends": "advisory"}, "thing-is-painted": "mandatory"},
        {"guard": {"extends": "advisory"}, "thing-is-blue": "mandatory"},
        {"guard": {"extends": "production"}, "thing-is-blue": "advisory", "opinion": "advisory"},
        {"guard": {"select": [{"rules": "opinion", "level": "mandatory"}]}, "opinion": "advisory"},
        {"guard": {"select": [{"severities": "low", "level": "disabled"}]}, "thing-is-painted": {"coats": 3}},
    ],
)
def test_what_pulumi_fills_in_changes_nothing(document: dict[str, Any]) -> None:
    offline, sent = from_document(document, RULES), as_pulumi_sends_it(document)
    assert levels(offline) == levels(sent)
    assert offline.parameters == sent.parameters


def test_an_entry_that_pulumi_cannot_tell_from_none_is_a_mistake_that_says_what_to_write() -> None:
    settings = from_document({"guard": {"extends": "advisory"}, "thing-is-blue": "mandatory"}, RULES)
    (problem,) = settings.problems
    assert problem.place == "thing-is-blue.enforcementLevel"
    assert "contradicts profile advisory" in problem.message
    assert '{"rules": "thing-is-blue", "level": "mandatory"}' in problem.message


def test_what_that_mistake_says_to_write_helps() -> None:
    select = [{"rules": "thing-is-blue", "level": "mandatory"}]
    document = {"guard": {"extends": "advisory", "select": select}}
    for settings in (from_document(document, RULES), as_pulumi_sends_it(document)):
        assert (settings.problems, settings.level(thing_is_blue)) == ((), Level.MANDATORY)


def test_a_rule_that_is_named_twice_is_a_mistake() -> None:
    (problem,) = from_document({"thing-is-blue": "advisory", "old-blue": "disabled"}, RULES).problems
    assert (problem.place, problem.message) == (
        "thing-is-blue",
        "this is old-blue by another name; write one of the two",
    )


def test_a_schema_in_the_document_is_a_mistake_since_pulumi_takes_it_for_a_policy() -> None:
    (problem,) = from_document({"$schema": "policy-config-1.json"}, RULES).problems
    assert (problem.place, "takes this for a policy" in problem.message) == ("$schema", True)


def test_all_is_a_near_match_too() -> None:
    (problem,) = from_document({"al": "advisory"}, RULES).problems
    assert problem.message == "there is no such rule; did you mean all?"


@pytest.mark.parametrize(
    ("properties", "place", "says"),
    [
        ({"extends": "productoin"}, "guard.extends", "did you mean production?"),
        ({"extends": 7}, "guard.extends", "must be one of advisory, production, regulated"),
        ({"onStaleWaiver": "fial"}, "guard.onStaleWaiver", "did you mean fail?"),
        ({"waiver": []}, "guard.waiver", "did you mean waivers?"),
        ({"waivers": {}}, "guard.waivers", "must be a list of waivers"),
        ({"waiverMaximumDays": 0, "waivers": []}, "guard.waiverMaximumDays", "1 to 3650"),
        ({"waiverMaximumDays": "90"}, "guard.waiverMaximumDays", "whole number of days"),
        ({"waiverMaximumDays": True}, "guard.waiverMaximumDays", "whole number of days"),
        ({"notWaivable": "thing-is-blue"}, "guard.notWaivable", "must be a list"),
        ({"notWaivable": ["thing-is-blu"]}, "guard.notWaivable[0]", "did you mean thing-is-blue?"),
        ({"notWaivable": [{"severity": "high"}]}, "guard.notWaivable[0].severity", "did you mean severities?"),
        ({"owners": {}}, "guard.owners", "must be a list"),
        ({"owners": ["shop"]}, "guard.owners[0]", "must be an object of projects, stacks, owner"),
        ({"owners": [{"projects": "*"}]}, "guard.owners[0].owner", "is missing"),
        ({"owners": [{"projects": "*", "owner": " "}]}, "guard.owners[0].owner", "must name one"),
        ({"owners": [{"owner": "shop"}]}, "guard.owners[0]", "names neither projects nor stacks"),
        ({"owners": [{"project": "*", "stacks": "*", "owner": "a"}]}, "guard.owners[0].project", "mean projects?"),
        ({"owners": [{"stacks": [], "owner": "a"}]}, "guard.owners[0].stacks", "a text or a list of texts"),
        ({"owner": []}, "guard.owner", "did you mean owners?"),
        ({"ownerKeys": [1]}, "guard.ownerKeys", "a text or a list of texts"),
        ({"baseline": []}, "guard.baseline", "what audit --write-baseline writes"),
        ({"baseline": {"version": 2, "findings": {}}}, "guard.baseline.version", "this pack reads 1"),
        ({"baseline": {"version": 1}}, "guard.baseline.findings", "must be an object"),
        ({"baseline": {"version": 1, "findings": {"a": []}}}, "guard.baseline.findings.a", "must be an object"),
        (
            {"baseline": {"version": 1, "findings": {"a": {"urn:x": "y"}}}},
            "guard.baseline.findings.a.urn:x",
            "must be a list of properties",
        ),
    ],
)
def test_a_mistake_under_guard_names_the_place(properties: dict[str, Any], place: str, says: str) -> None:
    ((where, message),) = [(problem.place, problem.message) for problem in guard(**properties).problems]
    assert where == place
    assert says in message


@pytest.mark.parametrize("value", [float("nan"), float("inf"), 10**30, -(10**30)])
def test_a_number_that_is_none_to_reckon_with_is_a_mistake(value: float) -> None:
    (problem,) = from_document({"thing-is-painted": {"coats": value}}, RULES).problems
    assert problem.place == "thing-is-painted.coats"


def test_where_a_value_came_from_is_kept() -> None:
    select = [{"severities": "medium", "level": "mandatory"}]
    document = {
        "guard": {"extends": "advisory", "select": select, "onError": "fail"},
        "thing-is-painted": {"enforcementLevel": "disabled", "coats": 3},
    }
    origins = from_document(document, RULES).origins
    assert origins["thing-is-blue"] == {"enforcementLevel": "profile advisory: guard.select[0]"}
    assert origins["part-is-tight"] == {"enforcementLevel": "guard.select[0]"}
    assert origins["thing-is-painted"] == {"enforcementLevel": "thing-is-painted", "coats": "thing-is-painted"}
    assert origins["guard"] == {"extends": "guard", "onConfigError": "profile advisory", "onError": "guard"}


def test_each_profile_builds_on_the_one_before() -> None:
    for index, name in enumerate(PROFILES):
        assert [each for each, _ in chain(name)] == list(PROFILES[: index + 1])


@pytest.mark.parametrize("name", PROFILES)
def test_a_profile_has_no_mistake_and_is_the_same_by_name_and_as_a_file(name: str) -> None:
    by_name = from_document({"guard": {"extends": name}}, all_rules())
    as_file = from_document(profile(name), all_rules())
    assert by_name.problems == as_file.problems == ()
    assert by_name.levels == as_file.levels
    assert {**by_name.guard, "extends": ""} == {**as_file.guard, "extends": ""}


def test_the_advisory_profile_stops_nobody() -> None:
    settings = from_document(profile("advisory"), all_rules())
    assert {settings.level(rule) for rule in all_rules() if not rule.opt_in} == {Level.ADVISORY}
    assert (settings.on_undecided, settings.on_error, settings.on_config_error) == ("advisory", "advisory", "advisory")


def test_the_production_profile_gives_each_rule_its_own_level() -> None:
    settings = from_document(profile("production"), all_rules())
    assert [settings.level(rule) for rule in all_rules()] == [rule.level for rule in all_rules()]
    assert (settings.on_config_error, settings.guard["waiverMaximumDays"]) == ("mandatory", 180)


def test_the_regulated_profile_stops_for_all_but_opinions_and_for_what_is_not_known() -> None:
    settings = from_document(profile("regulated"), all_rules())
    grave = [rule for rule in all_rules() if not rule.opt_in and rule.severity.value != "low"]
    softened = [rule.name for rule in grave if rule.severity.rank < 2 and rule.level is Level.ADVISORY]
    assert [rule.name for rule in grave if settings.level(rule) is not Level.MANDATORY] == softened
    assert (settings.on_undecided, settings.on_error, settings.on_stale_waiver) == ("fail", "fail", "fail")
    assert (settings.guard["waiverMaximumDays"], settings.guard["waiverTicket"]) == (90, "required")


def test_no_profile_is_milder_than_the_one_before() -> None:
    order = [Level.DISABLED, Level.ADVISORY, Level.MANDATORY]
    settings = [from_document(profile(name), all_rules()) for name in PROFILES]
    for milder, stricter in itertools.pairwise(settings):
        for rule in all_rules():
            assert order.index(milder.level(rule)) <= order.index(stricter.level(rule)), rule.name


NAMES = st.sampled_from(["all", "guard", "thing-is-blue", "old-blue", "thing-is-painted", "opinion", "nothing", ""])
KEYS = st.sampled_from(
    [*GUARD_KEYS, *WAIVER_KEYS, *CRITERIA, "level", "enforcementLevel", "coats", "colours", "findings", "$schema", "x"]
)
WORDS = st.sampled_from(
    ["advisory", "mandatory", "*", "thing-*", "high", "engine", "2026-12-01", "urn:pulumi:a::b::c::d", "a/b", "", "é"]
)
PLAIN = st.one_of(WORDS, st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=4))
VALUES = st.recursive(
    PLAIN, lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(KEYS, inner, max_size=4)), max_leaves=12
)


@given(document=st.dictionaries(NAMES, st.one_of(VALUES, st.dictionaries(KEYS, VALUES, max_size=5)), max_size=4))
def test_whatever_a_configuration_holds_it_is_read_and_mistakes_have_a_place(document: dict[str, Any]) -> None:
    guard = document.get("guard")
    if isinstance(guard, dict) and guard.get("version", 1) != 1:
        with pytest.raises(UnreadableSettings, match=r"guard\.version"):
            from_document(document, RULES, today=TODAY)
        return
    settings = from_document(document, RULES, today=TODAY)
    assert all(problem.message and isinstance(problem.place, str) for problem in settings.problems)
    assert all(waiver.rules and (waiver.resources or waiver.stacks) for waiver in settings.waivers)


LEVELS = st.sampled_from(["advisory", "mandatory", "disabled"])
ONE = st.fixed_dictionaries({"rules": st.sampled_from(["*", "thing-*", "opinion", "old-blue"]), "level": LEVELS})
GUARDS = st.fixed_dictionaries(
    {}, optional={"extends": st.sampled_from(PROFILES), "select": st.lists(ONE, max_size=3), "onError": st.just("fail")}
)
ENTRIES = st.one_of(LEVELS, st.fixed_dictionaries({"enforcementLevel": LEVELS}))
DOCUMENTS = st.fixed_dictionaries(
    {"guard": GUARDS},
    optional={
        "all": LEVELS,
        "thing-is-blue": ENTRIES,
        "opinion": ENTRIES,
        "thing-is-painted": st.fixed_dictionaries({"coats": st.integers(2, 5)}),
    },
)


@given(document=DOCUMENTS)
def test_a_document_means_the_same_offline_and_as_pulumi_sends_it(document: dict[str, Any]) -> None:
    offline, sent = from_document(document, RULES), as_pulumi_sends_it(document)
    assert levels(offline) == levels(sent)
    assert offline.parameters == sent.parameters
    assert offline.on_error == sent.on_error
