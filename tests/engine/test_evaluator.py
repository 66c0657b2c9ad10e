from __future__ import annotations

from collections.abc import Sequence

import pytest

from policypack.engine import settings as configuration
from policypack.engine.evaluator import Running, evaluate, evaluate_resource
from policypack.engine.judgement import judge_deployment
from policypack.engine.messages import mask, undecided_line
from policypack.engine.settings import Settings
from policypack.engine.verdict import Status, Verdict
from policypack.model.resource import Resource
from policypack.model.values import UNKNOWN, Secret, Value
from policypack.rules.contract import Level, Rule
from tests.engine.fakes import (
    RULES,
    breaks,
    deployment,
    part_is_oiled,
    part_is_tight,
    stack_is_blue,
    thing,
    thing_is_blue,
    thing_is_painted,
)


def verdicts(*resources: Resource, rules: Sequence[Rule] = RULES, settings: Settings | None = None) -> list[Verdict]:
    return list(evaluate(deployment(*resources), rules, settings or Settings()))


def test_a_fault_fails_with_its_path_and_words() -> None:
    (verdict,) = verdicts(thing("a", colour="red"), rules=[thing_is_blue])
    assert verdict.status is Status.FAIL
    assert [(f.path, f.expected, f.found) for f in verdict.findings] == [("colour", "blue", "red")]


def test_an_unknown_value_is_undecided_and_names_what_would_decide() -> None:
    (verdict,) = verdicts(thing("a", colour=UNKNOWN), rules=[thing_is_blue])
    assert verdict.status is Status.UNDECIDED
    assert [unknown.path for unknown in verdict.undecided] == ["colour"]


def test_a_subject_of_another_kind_is_not_applicable_with_the_reason() -> None:
    (verdict,) = verdicts(thing("a"), rules=[thing_is_blue])
    assert (verdict.status, verdict.reason) == (Status.NOT_APPLICABLE, "it has no colour")


def test_an_unknown_element_does_not_hide_the_fault_of_its_neighbour() -> None:
    parts: list[Value] = [UNKNOWN, {"tight": False}, {"tight": True}]
    found = verdicts(thing("a", parts=parts), rules=[part_is_tight])
    assert [(v.place, v.status) for v in found] == [
        ("parts[0]", Status.UNDECIDED),
        ("parts[1]", Status.FAIL),
        ("parts[2]", Status.PASS),
    ]


def test_a_list_that_is_unknown_as_a_whole_is_one_undecided_subject() -> None:
    found = verdicts(thing("a", parts=UNKNOWN), rules=[part_is_tight])
    assert [(v.place, v.status) for v in found] == [("parts[0]", Status.UNDECIDED)]
    assert [unknown.path for unknown in found[0].undecided] == ["parts"]


def test_an_object_where_a_list_belongs_is_one_undecided_subject() -> None:
    (verdict,) = verdicts(thing("a", parts={"tight": True}), rules=[part_is_tight])
    assert (verdict.place, verdict.status) == ("parts[0]", Status.UNDECIDED)
    assert [unknown.reason for unknown in verdict.undecided] == ["there is an object where a list belongs"]


def test_a_single_block_is_a_subject_where_it_is_given() -> None:
    found = verdicts(thing("a", lid={"tight": True}), thing("b"), rules=[part_is_tight])
    assert [(v.place, v.status) for v in found] == [("lid", Status.PASS)]


def test_a_resource_without_any_property_is_undecided() -> None:
    blank = thing("a")
    blank = type(blank)(urn=blank.urn, type=blank.type, name="a", inputs={})
    assert {v.status for v in verdicts(blank, rules=[thing_is_blue, part_is_tight])} == {Status.UNDECIDED}


def briefly(*colours: Value) -> list[tuple[str, Status]]:
    things = [thing(f"t{number}", colour=colour) for number, colour in enumerate(colours)]
    found = Running([thing_is_blue], Settings()).evaluate(deployment(*things), briefly=True)
    return [(verdict.urn.rsplit("::", 1)[-1], verdict.status) for verdict in found]


def test_briefly_every_fault_and_every_doubt_is_told() -> None:
    assert briefly("red", UNKNOWN, "red", UNKNOWN) == [
        ("t0", Status.FAIL),
        ("t1", Status.UNDECIDED),
        ("t2", Status.FAIL),
        ("t3", Status.UNDECIDED),
    ]


def test_briefly_one_pass_stands_for_all_others() -> None:
    assert briefly("blue", "blue", None, "blue", "red") == [("t0", Status.PASS), ("t4", Status.FAIL)]


def test_briefly_a_rule_that_is_about_nothing_here_says_so_once() -> None:
    assert briefly(None, None, None) == [("t0", Status.NOT_APPLICABLE)]


def test_briefly_a_pass_is_told_after_something_else_of_which_nothing_was_to_be_said() -> None:
    assert Status.PASS in dict(briefly(None, None, "blue", "blue")).values()


def test_a_broken_rule_is_a_verdict_with_the_line_that_broke() -> None:
    (verdict,) = verdicts(thing("a", bomb=True), rules=[breaks])
    assert verdict.status is Status.ERROR
    assert verdict.crash is not None
    assert verdict.crash.error == "KeyError: 'bomb'"
    assert verdict.crash.place.startswith("tests/engine/fakes.py:")


def test_the_general_rule_is_silent_where_the_specific_one_speaks() -> None:
    found = {
        v.rule.name: v for v in verdicts(thing("a", colour="red", coats=1), rules=[thing_is_blue, thing_is_painted])
    }
    assert found["thing-is-blue"].status is Status.FAIL
    assert found["thing-is-painted"].status is Status.NOT_APPLICABLE
    assert "thing-is-blue" in found["thing-is-painted"].reason


def test_the_general_rule_speaks_where_the_specific_one_is_disabled() -> None:
    settings = configuration.from_document({"thing-is-blue": "disabled"}, RULES)
    found = verdicts(thing("a", colour="red", coats=1), rules=[thing_is_blue, thing_is_painted], settings=settings)
    assert [(v.rule.name, v.status) for v in found] == [("thing-is-painted", Status.FAIL)]


def test_a_rule_over_the_stack_is_silent_where_a_rule_over_the_resource_has_spoken() -> None:
    verdicts_of = {v.rule.name: v for v in verdicts(thing("a", colour="red"), rules=[thing_is_blue, stack_is_blue])}
    assert verdicts_of["thing-is-blue"].status is Status.FAIL
    assert verdicts_of["stack-is-blue"].status is Status.NOT_APPLICABLE


def test_a_rule_about_elements_yields_element_by_element() -> None:
    found = verdicts(thing("a", parts=[{"tight": False}, {"tight": True}]), rules=[part_is_tight, part_is_oiled])
    assert [v.place for v in found if v.rule is part_is_oiled and v.status is Status.FAIL] == ["parts[1]"]


def test_two_rules_that_wait_for_the_same_value_say_so_once() -> None:
    found = verdicts(thing("a", parts=[{"tight": UNKNOWN}]), rules=[part_is_tight, part_is_oiled])
    assert [v.rule for v in found if v.status is Status.UNDECIDED] == [part_is_tight]


def test_a_general_rule_that_waits_for_a_value_of_its_own_says_so() -> None:
    found = verdicts(thing("a", parts=[{"tight": True, "oiled": UNKNOWN}]), rules=[part_is_tight, part_is_oiled])
    assert [v.rule for v in found if v.status is Status.UNDECIDED] == [part_is_oiled]


def test_opt_in_rules_are_off_until_named() -> None:
    assert not [v for v in verdicts(thing("a")) if v.rule.name == "opinion"]
    settings = configuration.from_document({"opinion": "advisory"}, RULES)
    assert [v for v in verdicts(thing("a"), settings=settings) if v.rule.name == "opinion"]


def test_one_resource_alone_gets_the_same_verdict_as_within_the_stack() -> None:
    one = thing("a", colour="red")
    alone = [(v.rule.name, v.status) for v in evaluate_resource(one, [thing_is_blue], Settings())]
    assert alone == [(v.rule.name, v.status) for v in verdicts(one, rules=[thing_is_blue])]


def test_verdicts_do_not_depend_on_the_order_of_resources() -> None:
    resources = [thing(name, colour=colour) for name, colour in [("a", "red"), ("b", "blue"), ("c", "red")]]
    forward = [(v.rule.name, v.urn, v.status) for v in verdicts(*resources)]
    assert forward == [(v.rule.name, v.urn, v.status) for v in verdicts(*reversed(resources))]


def test_a_rule_counts_once_by_its_gravest_verdict() -> None:
    judged = judge_deployment(deployment(thing("a", colour="red"), thing("b", colour="blue")), RULES, Settings())
    assert judged.status(thing_is_blue) is Status.FAIL
    assert judged.count(Status.FAIL) == 2


def test_mandatory_faults_block_and_advisory_ones_do_not() -> None:
    red = deployment(thing("a", colour="red"))
    assert judge_deployment(red, [thing_is_blue], Settings()).blocking
    relaxed = configuration.from_document({"thing-is-blue": "advisory"}, RULES)
    assert not judge_deployment(red, [thing_is_blue], relaxed).blocking


def test_undecided_blocks_only_where_the_configuration_says_so() -> None:
    unknown = deployment(thing("a", colour=UNKNOWN))
    assert not judge_deployment(unknown, [thing_is_blue], Settings()).blocking
    strict = configuration.from_document({"guard": {"onUndecided": "fail"}}, RULES)
    assert judge_deployment(unknown, [thing_is_blue], strict).blocking


@pytest.mark.parametrize(("level", "blocks"), [("advisory", False), ("mandatory", True), ("remediate", True)])
def test_what_is_undecided_is_no_graver_than_a_fault_of_the_rule(level: str, *, blocks: bool) -> None:
    document = {"guard": {"onUndecided": "fail"}, "thing-is-painted": level}
    strict = configuration.from_document(document, RULES)
    waiting = judge_deployment(deployment(thing("a", colour=UNKNOWN, coats=2)), [thing_is_painted], strict)
    assert [verdict.status for verdict in waiting.verdicts] == [Status.UNDECIDED]
    assert waiting.blocking is blocks


def test_a_broken_rule_blocks_only_where_the_configuration_says_so() -> None:
    bomb = deployment(thing("a", bomb=True))
    assert not judge_deployment(bomb, [breaks], Settings()).blocking
    strict = configuration.from_document({"guard": {"onError": "fail"}}, RULES)
    assert judge_deployment(bomb, [breaks], strict).blocking


def test_level_remediate_counts_as_mandatory() -> None:
    settings = configuration.from_document({"thing-is-painted": "remediate"}, RULES)
    judged = judge_deployment(deployment(thing("a", colour="blue")), [thing_is_painted], settings)
    assert [judged.level(v) for v in judged.with_status(Status.FAIL)] == [Level.MANDATORY]


def test_secrets_are_masked_wherever_they_turn_up() -> None:
    secret = deployment(thing("a", colour=Secret("s3cr3t"), nested={"deep": [Secret({"k": "other"})]}))
    assert secret.graph.secrets == {"s3cr3t", "other"}
    assert mask("colour: s3cr3t and other", secret.graph.secrets) == "colour: [secret] and [secret]"


def test_a_secret_of_one_or_two_characters_does_not_garble_the_report() -> None:
    assert mask("fewer than 2 coats", {"2"}) == "fewer than 2 coats"


def test_what_would_decide_names_the_resource_and_the_property() -> None:
    unknown = deployment(thing("a", colour=UNKNOWN))
    (verdict,) = evaluate(unknown, [thing_is_blue], Settings())
    assert undecided_line(unknown.graph, verdict.undecided[0]) == "a.colour: its value is known only after deployment"
