"""What waivers are about, how long they last, and which of them have nothing left to waive."""

from __future__ import annotations

import fnmatch
from datetime import date
from multiprocessing.reduction import ForkingPickler

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policypack.engine.judgement import Judgement, judge_deployment
from policypack.engine.settings import Settings
from policypack.engine.standing import Standing
from policypack.engine.verdict import Status
from policypack.engine.waivers import GONE, NOWHERE, Waiver, fits, place_of, stale
from policypack.model.resource import Options, Resource
from policypack.model.values import UNKNOWN, Value
from policypack.rules.contract import Level
from tests.engine.fakes import RULES, THING, deployment, thing, thing_is_blue

TODAY = date(2026, 11, 24)
URN = f"urn:pulumi:dev::test::{THING}::door"


def waiver(
    *resources: str,
    stacks: tuple[str, ...] = (),
    rules: tuple[str, ...] = ("thing-is-blue",),
    expires: date = date(2026, 12, 24),
    place: str = "guard.waivers[0]",
) -> Waiver:
    return Waiver(place, rules, resources, stacks, "it is being painted", "team-paint", "PAINT-1", expires, TODAY)


def judged(
    *resources: Resource,
    waivers: tuple[Waiver, ...],
    on_undecided: str = "advisory",
    on_stale_waiver: str = "advisory",
) -> Judgement:
    settings = Settings(waivers=waivers, on_undecided=on_undecided, on_stale_waiver=on_stale_waiver)
    return judge_deployment(deployment(*resources), RULES, settings)


def red(name: str, *aliases: str, **inputs: Value) -> Resource:
    made = thing(name, colour="red", **inputs)
    return Resource(made.urn, made.type, name, inputs=made.inputs, options=Options(aliases=aliases))


def standings(judgement: Judgement) -> dict[str, Standing]:
    return {
        finding.urn.rsplit("::", 1)[1]: judgement.stand(verdict, finding).standing
        for verdict in judgement.with_status(Status.FAIL)
        if verdict.rule is thing_is_blue
        for finding in verdict.findings
    }


@pytest.mark.parametrize(
    ("pattern", "text", "expected"),
    [
        ("door", "door", True),
        ("door", "door-2", False),
        ("door*", "door-2", True),
        ("door-?", "door-2", True),
        ("door-?", "door-22", False),
        ("d[o]or", "door", False),
        ("d[o]or", "d[o]or", True),
        ("*", "", True),
        ("a.b", "axb", False),
        ("a*b*c", "a-b-b-c", True),
        ("a*bc*bc", "a-bc", False),
        ("a*b", "ab", True),
        ("ab*b", "ab", False),
        ("*?", "", False),
        ("?*x?", "axy", True),
        ("*a?c*", "xxabcxx", True),
        ("*a?c", "abcc", False),
    ],
)
def test_a_glob_knows_the_star_and_the_question_mark_and_nothing_else(pattern: str, text: str, expected: bool) -> None:
    assert fits(pattern, text) is expected


def test_a_glob_takes_no_time_however_it_is_made() -> None:
    assert not fits("*a" * 500 + "b", "a" * 5_000)
    assert not fits("*?a" * 100 + "b", "a" * 2_000)


@given(pattern=st.text("ab*?", max_size=8), text=st.text("ab", max_size=8))
def test_a_glob_fits_what_the_standard_library_says(pattern: str, text: str) -> None:
    assert fits(pattern, text) is fnmatch.fnmatchcase(text, pattern)


@pytest.mark.parametrize(
    ("resources", "stacks", "expected"),
    [
        (("door",), (), True),
        (("window", "do*"), (), True),
        (("window",), (), False),
        ((URN,), (), True),
        (("urn:pulumi:*::test::*::door",), (), True),
        (("*::door",), (), True),
        (("*oo*",), (), True),
        (("*r",), (), True),
        (("*",), (), True),
        (("**",), (), True),
        (("d*o*r",), (), True),
        (("d?or",), (), True),
        (("*x*", "*d"), (), False),
        (("urn:pulumi:prod::*::door",), (), False),
        ((), ("test/dev",), True),
        ((), ("test/prod", "*/dev"), True),
        (("door",), ("test/prod",), False),
    ],
)
def test_a_waiver_is_about_resources_by_name_by_urn_and_by_stack(
    resources: tuple[str, ...], stacks: tuple[str, ...], expected: bool
) -> None:
    assert waiver(*resources, stacks=stacks).waives("thing-is-blue", [URN]) is expected


def test_a_waiver_can_be_sent_to_another_process_after_it_was_asked() -> None:
    one = waiver("d*", "*r", "*oo*", "d*r", "door", stacks=("*/dev",))
    assert one.waives("thing-is-blue", [URN])
    assert b"team-paint" in bytes(ForkingPickler.dumps(one))


def test_a_waiver_is_about_no_other_rule() -> None:
    assert not waiver("door").waives("part-is-tight", [URN])


@pytest.mark.parametrize(
    ("expires", "left", "expired"),
    [(date(2026, 11, 25), 1, False), (TODAY, 0, False), (date(2026, 11, 23), -1, True)],
)
def test_a_waiver_holds_to_the_end_of_its_last_day(expires: date, left: int, expired: bool) -> None:
    one = waiver("door", expires=expires)
    assert (one.days_left, one.expired) == (left, expired)


def test_a_waived_finding_is_there_and_does_not_block() -> None:
    judgement = judged(red("door"), waivers=(waiver("door"),))
    assert standings(judgement) == {"door": Standing.WAIVED}
    assert not judgement.blocking


def test_a_waived_finding_speaks_as_advisory() -> None:
    judgement = judged(red("door"), waivers=(waiver("door"),))
    (verdict,) = [one for one in judgement.with_status(Status.FAIL) if one.rule is thing_is_blue]
    assert judgement.level(verdict) is Level.ADVISORY
    assert judgement.finding_level(verdict, verdict.findings[0]) is Level.ADVISORY


def test_a_rule_whose_findings_are_all_waived_is_accepted_not_failed() -> None:
    judgement = judged(red("door", coats=2), waivers=(waiver("door"),))
    assert judgement.accepted == {thing_is_blue}
    assert judgement.count(Status.FAIL) == 0


def test_the_neighbour_of_a_waived_resource_still_blocks() -> None:
    judgement = judged(red("door"), red("window"), waivers=(waiver("door"),))
    assert standings(judgement) == {"door": Standing.WAIVED, "window": Standing.OPEN}
    assert judgement.blocking


def test_an_expired_waiver_makes_its_finding_count_and_stays_with_it() -> None:
    judgement = judged(red("door"), waivers=(waiver("door", expires=date(2026, 11, 1)),))
    (verdict,) = [one for one in judgement.with_status(Status.FAIL) if one.rule is thing_is_blue]
    stand = judgement.stand(verdict, verdict.findings[0])
    assert (stand.standing, stand.expired is not None, judgement.blocking) == (Standing.OPEN, True, True)


def test_of_two_waivers_the_one_that_lasts_longer_holds() -> None:
    old = waiver("door", expires=date(2026, 11, 1))
    new = waiver("d*", place="guard.waivers[1]")
    judgement = judged(red("door"), waivers=(old, new))
    assert standings(judgement) == {"door": Standing.WAIVED}


def test_a_renamed_resource_keeps_its_waiver_through_its_alias() -> None:
    assert standings(judged(red("gate", URN), waivers=(waiver("door"),))) == {"gate": Standing.WAIVED}


def test_what_is_undecided_can_be_waived_too() -> None:
    unknown = thing("door", colour=UNKNOWN)
    assert judged(unknown, waivers=(), on_undecided="fail").blocking
    assert not judged(unknown, waivers=(waiver("door"),), on_undecided="fail").blocking


@pytest.mark.parametrize(
    ("one", "expected"),
    [
        (waiver("door"), [GONE]),
        (waiver("gate"), [NOWHERE]),
        (waiver("gate", stacks=("test/dev",)), [NOWHERE]),
        (waiver("gate", stacks=("test/prod",)), []),
        (waiver("urn:pulumi:prod::test::*::door"), []),
        (waiver("door", expires=date(2026, 11, 1)), [GONE]),
        (waiver("door", rules=("opinion",)), []),
    ],
)
def test_a_waiver_that_waives_nothing_here_is_stale(one: Waiver, expected: list[str]) -> None:
    judgement = judged(thing("door", colour="blue", coats=2), waivers=(one,))
    assert [stale.why for stale in judgement.stale_waivers] == expected


def test_a_waiver_in_use_is_not_stale() -> None:
    assert judged(red("door"), waivers=(waiver("door"),)).stale_waivers == ()


def test_a_waiver_of_what_cannot_be_decided_yet_is_not_stale() -> None:
    assert judged(thing("door", colour=UNKNOWN), waivers=(waiver("door"),)).stale_waivers == ()


@pytest.mark.parametrize(
    ("choice", "blocks", "count"), [("advisory", False, 1), ("fail", True, 1), ("ignore", False, 0)]
)
def test_what_a_stale_waiver_does_is_for_the_organisation_to_say(choice: str, blocks: bool, count: int) -> None:
    judgement = judged(
        thing("door", colour="blue", coats=2, parts=[]), waivers=(waiver("door"),), on_stale_waiver=choice
    )
    assert (judgement.blocking, len(judgement.stale_waivers)) == (blocks, count)


def test_where_many_stacks_share_waivers_one_without_a_stack_may_be_about_another() -> None:
    here = [[place_of(URN)]]
    asked = [waiver("gate"), waiver("door", place="guard.waivers[1]")]
    found = stale(asked, (), here, ("test", "dev"), one_of_many=True)
    assert [(one.waiver.place, one.why) for one in found] == [("guard.waivers[1]", GONE)]
