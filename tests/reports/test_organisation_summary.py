"""What is kept of one stack among many."""

from __future__ import annotations

import multiprocessing
import pickle
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from policypack.engine.frameworks import outcomes
from policypack.engine.owners import Owner
from policypack.gcp.types import SSL_POLICY
from policypack.model.values import UNKNOWN, Secret
from policypack.reports.organisation.summary import AreaCount, Line, StackSummary, summary_of, without_credentials
from policypack.reports.report import Origin, Report
from tests.reports import scripted
from tests.reports.judged import HOSTILE, RULE, WAIVER, judged, policy
from tests.support.graphs import res

URN = "urn:pulumi:dev::shop::gcp:compute/sSLPolicy:SSLPolicy::old"


def area(summary: StackSummary, name: str) -> AreaCount:
    return next(one for one in summary.areas if one.area == name)


def scripted_summary(**inputs: Any) -> StackSummary:
    return summary_of(scripted.report(scripted.made("a", line=3, **inputs)))


def test_it_names_the_stack_and_what_was_read() -> None:
    summary = summary_of(judged(policy("old")))
    assert (summary.name, summary.kind, summary.place, summary.resources) == ("shop/dev", "program", "shop", 1)
    assert (summary.seconds, summary.exit_code, summary.result) == (1.25, 1, "failed")


def test_a_finding_keeps_what_a_reader_needs() -> None:
    (line,) = summary_of(judged(policy("old", line=7))).lines
    message = "minTlsVersion: TLS_1_0, the default of a policy that names none"
    assert line == Line(
        RULE, "tls", "critical", "mandatory", "violation", URN, "minTlsVersion", message, source="__main__.py:7"
    )
    assert line.name == "old"


def test_a_waived_finding_says_by_whom_and_until_when() -> None:
    (line,) = summary_of(judged(policy("old"), config={"guard": {"waivers": [WAIVER]}})).lines
    assert (line.status, line.level, line.remark) == ("waived", "advisory", "waived until 2026-12-01 by shop")


def test_a_finding_whose_waiver_is_over_counts_and_says_so() -> None:
    expired = {**WAIVER, "expires": "2026-11-01"}
    (line,) = summary_of(judged(policy("old"), config={"guard": {"waivers": [expired]}})).lines
    assert (line.status, line.remark) == ("violation", "its waiver expired on 2026-11-01")


def test_a_finding_of_the_baseline_is_known() -> None:
    baseline = {"version": 1, "findings": {RULE: {URN: ["minTlsVersion"]}}}
    summary = summary_of(judged(policy("old"), config={"guard": {"baseline": baseline}}))
    assert [line.status for line in summary.lines] == ["known"]
    assert area(summary, "tls").known == 1


def test_a_rule_counts_once_however_many_findings_it_has() -> None:
    assert area(summary_of(judged(policy("old"), policy("older"))), "tls").mandatory == 1


def test_a_rule_with_a_finding_that_counts_is_no_waived_rule() -> None:
    summary = summary_of(judged(policy("old"), policy("older"), config={"guard": {"waivers": [WAIVER]}}))
    assert (area(summary, "tls").mandatory, area(summary, "tls").waived) == (1, 0)


def test_a_rule_whose_findings_are_waived_or_known_counts_as_waived() -> None:
    baseline = {"version": 1, "findings": {RULE: {URN.replace("::old", "::older"): ["minTlsVersion"]}}}
    guard = {"waivers": [WAIVER], "baseline": baseline}
    summary = summary_of(judged(policy("old"), policy("older"), config={"guard": guard}))
    assert (area(summary, "tls").waived, area(summary, "tls").known) == (1, 0)


def test_what_is_undecided_is_a_line_that_says_what_would_decide_it() -> None:
    lines = summary_of(judged(policy("old", version=UNKNOWN))).lines
    said = {(line.status, line.level, line.message) for line in lines if line.rule == RULE}
    assert said == {("undecided", "advisory", "old.minTlsVersion: its value is known only after deployment")}


def test_what_the_configuration_ignores_is_no_line_and_is_counted_all_the_same() -> None:
    summary = summary_of(judged(policy("old", version=UNKNOWN), config={"guard": {"onUndecided": "ignore"}}))
    assert summary.lines == ()
    assert area(summary, "tls").undecided > 0


def test_a_rule_that_broke_is_a_line_that_says_where() -> None:
    (line,) = scripted_summary(colour="crash").lines
    assert (line.status, line.level) == ("error", "advisory")
    assert line.message.startswith("the rule broke on a: KeyError")


def test_every_rule_that_ran_is_counted_in_its_area() -> None:
    report = judged(policy("old"))
    summary = summary_of(report)
    counted = sum(
        one.mandatory
        + one.advisory
        + one.errors
        + one.undecided
        + one.waived
        + one.known
        + one.passed
        + one.not_applicable
        for one in summary.areas
    )
    assert counted == len(report.judgement.enabled)


def test_what_came_out_of_each_rule_can_be_told_again() -> None:
    report = judged(policy("old"))
    found = outcomes(report.judgement)
    assert summary_of(report).results(sorted(found)) == found


def test_a_stack_without_resources_is_empty() -> None:
    summary = summary_of(judged())
    assert (summary.empty, summary.result) == (True, "empty")


def test_it_survives_the_way_from_one_process_to_another_and_is_small() -> None:
    summary = summary_of(judged(policy("old"), policy("older"), config={"guard": {"waivers": [WAIVER]}}))
    here, there = multiprocessing.Pipe()
    here.send(summary)
    assert there.recv() == summary
    assert len(pickle.dumps(summary)) < 4096


def test_a_stack_without_project_and_name_is_called_by_its_place() -> None:
    assert StackSummary("", "", "old/preview.json", "preview").name == "old/preview.json"


def test_the_owner_comes_from_the_tags() -> None:
    assert summary_of(judged(policy("old")), tags={"team": "web"}).owner == Owner("web", "tag")


def test_a_secret_of_the_stack_is_no_owner() -> None:
    secret = res(SSL_POLICY, "old", {"description": Secret("hunter2")})
    assert summary_of(judged(secret), tags={"owner": "team hunter2"}).owner == Owner()


def test_a_secret_stands_in_no_text() -> None:
    name = "hunter2"
    secret = res(SSL_POLICY, name, {"description": Secret(name), "minTlsVersion": "TLS_1_0"}, line=3)
    assert name not in repr(summary_of(judged(secret)))


def test_hostile_names_are_written_visibly() -> None:
    summary = summary_of(judged(policy(HOSTILE, version=UNKNOWN)))
    assert "\x1b" not in "".join(line.message for line in summary.lines)


def test_a_long_message_is_cut() -> None:
    lines = scripted_summary(colour="x" * 10_000).lines
    assert [len(line.message) for line in lines] == [400]


@pytest.mark.parametrize(
    ("text", "safe"),
    [
        ("s3://key:secret@bucket/a/b.json", "s3://bucket/a/b.json"),
        ("gs://user:p@ss@bucket/a", "gs://bucket/a"),
        ("https://x.example/a.json?X-Amz-Signature=abc#d", "https://x.example/a.json"),
        ("not found: s3://k:s@b/a?c=d, try again", "not found: s3://b/a try again"),
        ("zip://a.json::s3://k:s@bucket/b.zip", "zip://a.json::s3://bucket/b.zip"),
        ("what? really@example", "what? really@example"),
        ("file:///srv/states/a b.json", "file:///srv/states/a b.json"),
    ],
)
def test_urls_lose_their_credentials(text: str, safe: str) -> None:
    assert without_credentials(text) == safe


def test_the_place_of_a_stack_has_no_credentials() -> None:
    report = judged(policy("old"))
    there = replace(report, origin=Origin("stack export", "s3://key:secret@bucket/a.json?token=b", Path.cwd()))
    assert summary_of(there).place == "s3://bucket/a.json"


def test_a_waiver_that_waives_nothing_here_is_kept_also_of_one_of_many() -> None:
    report = judged(policy("new", version="TLS_1_2"), config={"guard": {"waivers": [WAIVER]}})
    many = Report(replace(report.judgement, one_of_many=True), report.origin)
    (stale,) = summary_of(many).stale_waivers
    assert (stale.place, stale.gone) == ("guard.waivers[0]", False)
    assert "waives nothing" in stale.said


def test_an_entry_of_the_baseline_that_could_go_is_kept() -> None:
    baseline = {"version": 1, "findings": {RULE: {URN: ["minTlsVersion"]}}}
    report = judged(policy("old", version="TLS_1_2"), config={"guard": {"baseline": baseline}})
    assert summary_of(report).fixed == (f"{RULE} on old: fixed",)
