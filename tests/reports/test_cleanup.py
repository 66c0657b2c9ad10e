"""What is to be cleaned up: each entry, what is wrong with it, and what to do."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from policypack.gcp.types import SSL_POLICY
from policypack.model.values import Secret
from policypack.reports.cleanup import Entry, entries_of
from policypack.reports.html import html_report
from policypack.reports.report import Report
from tests.reports.judged import RULE, WAIVER, audit_of, judged, policy
from tests.support.graphs import res

URN = "urn:pulumi:dev::shop::gcp:compute/sSLPolicy:SSLPolicy::old"
ABOUT = f"{RULE} on old; shop: clients of 2012"


def waived(**changed: Any) -> dict[str, Any]:
    return {"waivers": [{**WAIVER, **changed}]}


def known(*paths: str) -> dict[str, Any]:
    return {"baseline": {"version": 1, "findings": {RULE: {URN: list(paths)}}}}


def test_where_nothing_is_to_be_cleaned_up_nothing_is_told() -> None:
    assert entries_of(judged(policy("old"), config={"guard": waived()})) == ()


def test_an_expired_waiver_says_what_counts_again() -> None:
    report = judged(policy("old"), config={"guard": waived(expires="2026-11-01")})
    assert entries_of(report) == (
        Entry(
            "expired waiver",
            "mandatory",
            "guard.waivers[0]",
            ABOUT,
            "It expired on 2026-11-01 (23 days ago): 1 finding counts again.",
            "Mend what it waived, or have shop decide on a later day.",
        ),
    )


def test_an_expired_waiver_of_several_findings_is_told_once() -> None:
    config = {"guard": waived(resources="*", expires="2026-11-01")}
    (entry,) = entries_of(judged(policy("old"), policy("older"), config=config))
    assert entry.wrong.endswith("2 findings count again.")


def test_a_stale_waiver_says_why_it_waives_nothing() -> None:
    (entry,) = entries_of(judged(policy("old", version="TLS_1_2"), config={"guard": waived(ticket="A-1")}))
    assert entry == Entry(
        "stale waiver",
        "advisory",
        "guard.waivers[0]",
        f"{RULE} on old; shop, A-1: clients of 2012",
        "It waives nothing: what it waives is no longer found.",
        "Take it out of the configuration.",
    )


def test_a_stale_waiver_that_has_expired_says_so_too() -> None:
    (entry,) = entries_of(judged(policy("new"), config={"guard": waived(expires="2026-11-01")}))
    assert entry.wrong == "It waives nothing: no resource matches it. It expired on 2026-11-01."


def test_a_stale_waiver_is_mandatory_where_the_configuration_wants_it() -> None:
    config = {"guard": {**waived(), "onStaleWaiver": "fail"}}
    (entry,) = entries_of(judged(policy("new"), config=config))
    assert entry.level == "mandatory"


@pytest.mark.parametrize(("ratchet", "level"), [(False, "advisory"), (True, "mandatory")])
def test_an_entry_of_the_baseline_that_is_fixed_can_go(ratchet: bool, level: str) -> None:
    report = judged(policy("old", version="TLS_1_2"), config={"guard": known("minTlsVersion")})
    judgement = replace(report.judgement, settings=replace(report.judgement.settings, ratchet=ratchet))
    (entry,) = entries_of(Report(judgement, report.origin))
    assert (entry.kind, entry.level, entry.entry, entry.about) == ("baseline", level, RULE, "old")
    assert entry.wrong == "It is fixed."
    assert "--write-baseline" in entry.what_to_do


def test_an_entry_of_the_baseline_that_could_shrink_says_what_is_left() -> None:
    (entry,) = entries_of(judged(policy("old"), config={"guard": known("minTlsVersion", "profile")}))
    assert entry.wrong == "1 of 2 findings are left."


def test_a_secret_of_the_stack_stands_in_no_entry() -> None:
    secret = res(SSL_POLICY, "old", {"description": Secret("hunter2"), "minTlsVersion": "TLS_1_0"})
    report = judged(secret, config={"guard": waived(reason="the word is hunter2", expires="2026-11-01")})
    assert "[secret]" in entries_of(report)[0].about


def test_the_page_has_a_table_of_it() -> None:
    report = judged(policy("old"), config={"guard": waived(expires="2026-11-01")})
    html = html_report(audit_of(report), today=date(2026, 11, 24))
    assert "<h3>To clean up</h3>" in html
    assert "1 finding counts again." in html


def test_the_page_of_a_stack_with_nothing_to_clean_up_has_none() -> None:
    assert "To clean up" not in html_report(audit_of(judged(policy("old"))))


def test_the_page_of_several_stacks_tells_of_a_waiver_that_waives_nothing_in_any_once() -> None:
    report = judged(policy("new", version="TLS_1_2"), config={"guard": waived()})
    many = replace(report, judgement=replace(report.judgement, one_of_many=True))
    html = html_report(audit_of(many, many))
    assert html.count("<h3>To clean up</h3>") == 1
    assert "It waives nothing: no resource matches it." in html
