"""What stands below a pull request."""

from __future__ import annotations

from typing import Any

from markdown_it import MarkdownIt

from policypack.gcp.types import SSL_POLICY
from policypack.model.values import UNKNOWN, Secret
from policypack.reports.markdown import LONGEST, MARK, markdown_report
from tests.reports.judged import HOSTILE, RULE, UNREAD, WAIVER, audit_of, judged, policy


def written(*drafts: Any, **more: Any) -> str:
    return markdown_report(audit_of(judged(*drafts, **more)))


def baseline(name: str) -> dict[str, Any]:
    """Make a baseline that knows the finding of one policy."""
    urn = f"urn:pulumi:dev::shop::{SSL_POLICY}::{name}"
    return {"version": 1, "findings": {RULE: {urn: ["minTlsVersion"]}}}


def shown(text: str) -> str:
    """Give the HTML that a reader of Markdown makes of it; HTML within it is let through, as on GitHub."""
    return str(MarkdownIt("commonmark", {"html": True}).enable("table").render(text))


def test_it_begins_with_the_mark_by_which_it_is_found_again() -> None:
    assert written(policy("old")).startswith(f"{MARK}\n")


def test_the_first_line_tells_the_outcome() -> None:
    assert "## ❌ shop / dev" in written(policy("old"))
    assert "## ✅ shop / dev" in written(policy("new", version="TLS_1_2"))


def test_a_finding_is_a_row_with_rule_place_and_expectation() -> None:
    html = shown(written(policy("old", line=7)))
    assert f"<td><code>{RULE}</code><br>critical</td>" in html
    assert "<code>old</code> <code>minTlsVersion</code><br><code>shop/__main__.py:7</code>" in html


def test_each_rule_says_once_what_to_do() -> None:
    assert written(policy("old"), policy("older")).count(f"explain {RULE}") == 1


def test_advisory_findings_are_folded() -> None:
    assert "<details><summary>Advisory (1)</summary>" in written(policy("old"), config={RULE: "advisory"})


def test_what_is_waived_is_shown_with_its_reason() -> None:
    text = written(policy("old"), config={"guard": {"waivers": [WAIVER]}})
    assert "waived until 2026-12-01 by shop: clients of 2012" in text
    assert "## ✅" in text


def test_an_expired_waiver_is_told() -> None:
    expired = {**WAIVER, "expires": "2026-11-01"}
    assert "its waiver expired on 2026-11-01" in written(policy("old"), config={"guard": {"waivers": [expired]}})


def test_a_known_finding_is_not_called_waived_because_its_waiver_has_expired() -> None:
    expired = {**WAIVER, "expires": "2026-11-01"}
    guard = {"waivers": [expired], "baseline": baseline("old")}
    text = written(policy("old"), config={"guard": guard})
    assert "known: in the baseline" in text
    assert "waived until" not in text


def test_what_could_be_cleaned_up_is_told() -> None:
    guard = {"waivers": [WAIVER], "baseline": baseline("old")}
    text = written(policy("old", version="TLS_1_2"), config={"guard": guard})
    assert "<details><summary>To take out (2)</summary>" in text
    assert "waives nothing: what it waives is no longer found" in text
    assert f"- baseline: {RULE} on old: fixed" in text


def test_what_could_not_be_decided_is_told() -> None:
    assert "Could not be decided" in written(policy("old", version=UNKNOWN))


def test_mistakes_of_the_configuration_are_told() -> None:
    assert "Mistakes in the policy configuration" in written(policy("old"), config={"nothing-such": "mandatory"})


def test_a_file_that_could_not_be_read_is_told() -> None:
    assert "Not judged: it is not JSON" in markdown_report(audit_of(UNREAD))


def test_hostile_names_make_no_markup_and_mention_nobody() -> None:
    html = shown(written(policy(HOSTILE)))
    assert "<script" not in html
    assert "<a " not in html
    assert html.count("<td>") % 4 == 0


def test_a_long_report_is_cut_and_says_so() -> None:
    text = written(*(policy(f"old-{number}-{'x' * 200}") for number in range(400)))
    assert len(text) <= LONGEST
    assert "the rest is cut" in text


def test_secrets_are_masked() -> None:
    assert "TLS_0_secret" not in written(policy("old", version=Secret("TLS_0_secret")))
