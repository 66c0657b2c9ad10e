"""Many stacks together: their order, their owners, their rules, and what changed."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from policypack.reports.audit import Unread
from policypack.reports.organisation.former import former_organisation
from policypack.reports.organisation.organisation import Tally
from policypack.reports.organisation.summary import Cleanup, Line, StackSummary
from policypack.reports.organisation.trend import Change
from tests.reports.organisations import RULES, UNREAD, as_former, crowd, line, organisation, summary

TLS, DISK, REGIONS = "tls-policy-min-version", "disk-cmek", "backend-service-two-regions"
HIGH = next(rule.name for rule in RULES.values() if rule.severity.value == "high" and not rule.opt_in)


def names(*stacks: StackSummary) -> list[str]:
    return [row.name for row in organisation(*stacks).rows]


def test_a_critical_finding_weighs_more_than_a_high_one() -> None:
    assert names(summary("a/prod", line(HIGH)), summary("b/prod", line(TLS))) == ["b/prod", "a/prod"]


def test_three_high_findings_weigh_more_than_a_critical_one() -> None:
    high = summary("a/prod", *(line(HIGH, str(number)) for number in range(3)))
    assert names(summary("b/prod", line(TLS)), high) == ["a/prod", "b/prod"]


def test_one_mandatory_finding_is_worse_than_many_advisory_ones() -> None:
    advisory = summary("a/prod", *(line(DISK, str(number)) for number in range(50)))
    assert names(advisory, summary("b/prod", line(HIGH))) == ["b/prod", "a/prod"]


@pytest.mark.parametrize(
    ("worse", "better"),
    [
        (line(DISK), line(TLS, status="undecided")),
        (line(TLS, status="error"), line(TLS, status="known")),
        (line(TLS, status="waived"), None),
    ],
)
def test_what_stops_nobody_is_ordered_too(worse: Line, better: Line | None) -> None:
    lighter = summary("a/prod", *([better] if better else []))
    assert names(lighter, summary("b/prod", worse)) == ["b/prod", "a/prod"]


def test_stacks_that_are_as_bad_stand_by_name() -> None:
    assert names(summary("b/prod"), summary("a/prod")) == ["a/prod", "b/prod"]


def test_stacks_that_are_called_alike_are_told_apart_by_their_place() -> None:
    one, other = summary("a/prod", place="eu.json"), summary("a/prod", place="us.json")
    assert names(one, other) == ["a/prod (eu.json)", "a/prod (us.json)"]


def test_stacks_that_nothing_tells_apart_have_a_number() -> None:
    one = summary("a/prod", place="eu.json")
    assert names(one, one) == ["a/prod (eu.json)", "a/prod (eu.json) #2"]


@pytest.mark.parametrize(
    ("lines", "verdict"),
    [
        ([line(TLS), line(TLS, status="known")], "mandatory"),
        ([line(TLS, level="advisory"), line(TLS, status="error")], "advisory"),
        ([line(TLS, status="error"), line(TLS, status="undecided")], "error"),
        ([line(TLS, status="undecided"), line(TLS, status="waived")], "undecided"),
        ([line(TLS, status="waived")], "accepted"),
        ([line(TLS, status="known")], "accepted"),
        ([], "pass"),
    ],
)
def test_a_cell_shows_the_worst_that_was_found(lines: list[Line], verdict: str) -> None:
    whole = organisation(summary("a/prod", *lines))
    (row,) = whole.rows
    assert row.cells[whole.areas.index("tls")].verdict == verdict


def test_an_area_with_nothing_to_judge_is_no_pass() -> None:
    made = summary("a/prod")
    nothing = replace(made, areas=tuple(replace(area, passed=0) for area in made.areas))
    assert {cell.verdict for cell in organisation(nothing).rows[0].cells} == {"none"}


def test_what_the_configuration_keeps_silent_about_is_no_pass() -> None:
    made = summary("a/prod")
    silent = replace(made, areas=tuple(replace(area, undecided=1) for area in made.areas))
    assert {cell.verdict for cell in organisation(silent).rows[0].cells} == {"undecided"}


def test_areas_stand_in_the_order_of_the_index() -> None:
    areas = organisation(summary("a/prod")).areas
    assert areas[0] == "tls"
    assert areas[-1] == "operations"


def test_owners_stand_worst_first_and_those_without_one_together() -> None:
    stacks = (
        summary("a/prod", line(HIGH), owner="web"),
        summary("b/prod", line(TLS), owner="data"),
        summary("c/prod", line(DISK)),
        summary("d/prod"),
    )
    owners = organisation(*stacks).owners
    assert [(owner.name, owner.stacks, owner.failed, owner.worst) for owner in owners] == [
        ("data", 1, 1, "b/prod"),
        ("web", 1, 1, "a/prod"),
        ("", 2, 0, "c/prod"),
    ]


def test_rules_stand_by_the_stacks_that_they_cost() -> None:
    stacks = (
        summary("a/prod", line(DISK), line(TLS, "x"), line(TLS, "y")),
        summary("b/prod", line(DISK), line(REGIONS, status="undecided")),
    )
    rows = organisation(*stacks).rule_rows
    assert [(row.rule.name, row.failing, row.stacks) for row in rows] == [(DISK, 2, 2), (TLS, 1, 1), (REGIONS, 0, 1)]
    assert rows[1].tally == Tally(mandatory=2)


@pytest.mark.parametrize(
    ("stacks", "unread", "code"),
    [
        ([summary("a/prod")], [], 0),
        ([summary("a/prod", line(DISK))], [], 0),
        ([summary("a/prod", line(TLS)), summary("b/prod")], [], 1),
        ([summary("a/prod", line(TLS))], [UNREAD], 2),
        ([], [], 0),
    ],
)
def test_the_exit_code_is_the_gravest(stacks: list[StackSummary], unread: list[Unread], code: int) -> None:
    assert organisation(*stacks, unread=unread).exit_code == code


GONE, NOWHERE = (
    Cleanup("guard.waivers[0]", f"guard.waivers[0] waives nothing: {why}", why == "gone") for why in ("gone", "nowhere")
)


def test_a_waiver_that_waives_something_in_one_stack_is_not_stale() -> None:
    used = replace(summary("a/prod"), used_waivers=frozenset({"guard.waivers[0]"}))
    assert organisation(used, replace(summary("b/prod"), stale_waivers=(GONE,))).stale_waivers == ()


def test_of_a_waiver_that_nothing_needs_the_stack_that_once_did_tells() -> None:
    one, other = (
        replace(summary(f"{name}/prod"), stale_waivers=(said,)) for name, said in (("a", GONE), ("b", NOWHERE))
    )
    assert organisation(one, other).stale_waivers == (GONE,)


def test_a_stale_waiver_fails_where_the_configuration_wants_it() -> None:
    stale = replace(summary("a/prod"), stale_waivers=(GONE,), stale_is_mandatory=True)
    assert organisation(stale).exit_code == 1


def test_a_mistake_of_the_configuration_is_told_once() -> None:
    wrong = [replace(summary(f"{name}/prod"), problems=(("guard.x", "there is no such setting"),)) for name in "ab"]
    assert organisation(*wrong).problems == (("guard.x", "there is no such setting"),)


def change(before: StackSummary | None, now: StackSummary | None) -> Change:
    former = as_former(organisation(*([before] if before else [])))
    trend = organisation(*([now] if now else []), former=former).trend
    assert trend is not None
    return trend.total


def test_without_a_former_report_there_is_no_trend() -> None:
    assert organisation(summary("a/prod")).trend is None


def test_a_finding_that_was_not_there_is_new() -> None:
    assert change(summary("a/prod"), summary("a/prod", line(TLS))) == Change(new=1)


def test_a_finding_that_is_gone_is_fixed() -> None:
    assert change(summary("a/prod", line(TLS)), summary("a/prod")) == Change(fixed=1)


@pytest.mark.parametrize("status", ["waived", "known"])
def test_a_finding_that_is_accepted_is_neither_fixed_nor_new(status: str) -> None:
    assert change(summary("a/prod", line(TLS)), summary("a/prod", line(TLS, status=status))) == Change()


def test_a_finding_of_a_rule_that_is_switched_off_is_not_fixed() -> None:
    assert change(summary("a/prod", line(TLS)), summary("a/prod", off=[TLS])) == Change(unsure=1)


def test_switching_rules_off_pays_no_debt() -> None:
    assert Change(fixed=1).paid
    assert not Change(unsure=5).paid
    assert not Change(fixed=1, new=1).paid


@pytest.mark.parametrize("status", ["undecided", "error"])
def test_a_finding_of_which_nothing_can_be_told_now_is_not_fixed(status: str) -> None:
    assert change(summary("a/prod", line(TLS)), summary("a/prod", line(TLS, status=status))) == Change(unsure=1)


def test_findings_of_stacks_that_come_and_go_are_neither_new_nor_fixed() -> None:
    assert change(None, summary("a/prod", line(TLS))) == Change(came=1)
    assert change(summary("a/prod", line(TLS), line(DISK)), None) == Change(left=2)


def test_a_stack_that_cannot_be_judged_today_is_missing_not_gone() -> None:
    place = "s3://states/broken.json"
    former = as_former(organisation(summary("a/prod", line(TLS), place=place), summary("b/prod")))
    trend = organisation(unread=[UNREAD], former=former).trend
    assert trend is not None
    assert (trend.missing, trend.gone, trend.total) == (("a/prod",), ("b/prod",), Change())


def test_the_trend_is_told_by_area_and_by_stack() -> None:
    former = as_former(organisation(summary("a/prod", line(TLS)), summary("b/prod")))
    now = organisation(summary("a/prod"), summary("b/prod", line(REGIONS)), former=former)
    trend = now.trend
    assert trend is not None
    assert trend.areas == {"tls": Change(fixed=1), "regions": Change(new=1)}
    assert trend.stacks == {"a/prod": Change(fixed=1), "b/prod": Change(new=1)}
    assert trend.new["b/prod"] == {line(REGIONS).key}


def test_each_report_hands_on_the_history_of_the_one_before() -> None:
    first = organisation(*crowd(6), date="2026-10-01")
    second = organisation(*crowd(6, week=1), date="2026-10-08", former=as_former(first))
    third = organisation(*crowd(6, week=2), date="2026-10-15", former=as_former(second))
    assert [point.date for point in third.history] == ["2026-10-01", "2026-10-08", "2026-10-15"]
    assert third.history[:2] == (first.point, second.point)
    assert third.history[0].debt > third.history[2].debt


def test_the_history_does_not_grow_for_ever() -> None:
    former = as_former(organisation(summary("a/prod")))
    long = replace(former, history=former.history * 500)
    assert len(organisation(summary("a/prod"), former=long).history) == 120


@pytest.mark.parametrize("text", ["", "[]", "{}", "7", '{"version": 1, "audits": []}', "[" * 100_000])
def test_what_is_no_report_of_an_organisation_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="no JSON report of an organisation"):
        former_organisation(text, "x.json")


def test_a_hostile_former_report_commands_no_terminal() -> None:
    document = {
        "date": "\x1b[31m",
        "tool": {"version": "\x1b"},
        "stacks": [{"name": "\x1b", "place": "", "findings": []}],
        "history": [],
    }
    former = former_organisation(json.dumps(document), "\x1b.json")
    assert "\x1b" not in f"{former.name}{former.date}{former.version}{''.join(former.stacks)}"
