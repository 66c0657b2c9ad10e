"""The HTML report in the hands of its reader."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date

import pytest
from playwright.sync_api import Page, expect

from policypack.reports.former import former_report
from policypack.reports.html import html_report
from policypack.topology.tree import Node
from tests.reports.judged import HOSTILE, UNREAD, audit_of, judged, policy, with_tree

URN = "urn:pulumi:dev::shop::gcp:compute/sSLPolicy:SSLPolicy::old"
TREE = Node("front (global, port 443)", "forwarding rule", "", (Node("old → europe-west1", "backend", URN),))

Open = Callable[..., Page]


@pytest.fixture
def open_page(open_html: Callable[[str, int, bool], Page]) -> Open:
    def opened(html: str | None = None, *, width: int = 1200, dark: bool = False) -> Page:
        return open_html(html or report(), width, dark)

    return opened


def report() -> str:
    """Two findings: one mandatory at `old`, one waived at `older`; and a drawing in which `old` stands."""
    waiver = {
        "rules": ["tls-policy-min-version"],
        "resources": ["older"],
        "reason": "clients of 2012",
        "owner": "shop",
        "expires": "2026-12-01",
    }
    one = judged(policy("old", line=7), policy("older"), config={"guard": {"waivers": [waiver]}})
    return html_report(audit_of(with_tree(one, TREE)), today=date(2026, 11, 24))


def shown(page: Page) -> list[str]:
    return [item.inner_text() for item in page.locator(".finding:visible .what strong").all()]


def test_it_says_what_came_out_first(open_page: Open) -> None:
    page = open_page()
    expect(page.locator("h1")).to_have_text("shop / dev")
    expect(page.locator(".conclusion")).to_contain_text("1 mandatory finding")


def test_searching_leaves_what_fits(open_page: Open) -> None:
    page = open_page()
    page.locator("#search").fill("clients of 2012")
    assert shown(page) == ["older"]
    expect(page.locator("#shown")).to_have_text("1 of 2 shown")


def test_searching_in_vain_is_said(open_page: Open) -> None:
    page = open_page()
    page.locator("#search").fill("nothing such")
    assert shown(page) == []
    expect(page.locator("#nothing")).to_be_visible()


@pytest.mark.parametrize(("field", "value"), [("kind", "waived"), ("severity", "critical"), ("area", "TLS")])
def test_filters_leave_what_fits(open_page: Open, field: str, value: str) -> None:
    page = open_page()
    page.locator(f"#{field}").select_option(value)
    assert shown(page) == (["older"] if field == "kind" else ["old", "older"])


def test_clearing_the_filters_brings_everything_back(open_page: Open) -> None:
    page = open_page()
    page.locator("#kind").select_option("waived")
    page.get_by_role("button", name="Clear").click()
    expect(page.locator("#shown")).to_have_text("2 of 2 shown")


def test_a_finding_unfolds(open_page: Open) -> None:
    page = open_page()
    finding = page.locator(".finding").first
    expect(finding.locator("dl")).not_to_be_visible()
    finding.locator("summary").click()
    expect(finding.locator("dl")).to_contain_text("shop/__main__.py:7")


def test_its_rule_opens_at_its_page(open_page: Open) -> None:
    page = open_page()
    page.locator(".finding summary").first.click()
    page.locator(".finding dl a").first.click()
    expect(page.locator("#rule-tls-policy-min-version .page")).to_be_visible()


def test_everything_can_be_reached_by_keys_alone(open_page: Open) -> None:
    page = open_page()
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("/")
    assert page.evaluate("document.activeElement.id") == "search"
    page.keyboard.type("older")
    assert shown(page) == ["older"]
    page.locator(".finding:visible summary").focus()
    page.keyboard.press("Enter")
    expect(page.locator(".finding:visible dl")).to_be_visible()


def test_a_slash_in_the_search_is_a_slash(open_page: Open) -> None:
    page = open_page()
    page.keyboard.press("/")
    page.keyboard.type("a/b")
    expect(page.locator("#search")).to_have_value("a/b")


def test_a_box_of_the_drawing_has_the_colour_of_its_verdict(open_page: Open) -> None:
    expect(open_page().locator("g.box[role=button]")).to_have_class("box fail")


def test_a_box_of_the_drawing_tells_its_findings(open_page: Open) -> None:
    page = open_page()
    page.locator("g.box[role=button]").click()
    expect(page.locator("section .details li")).to_contain_text("tls-policy-min-version")
    page.locator("section .details a").click()
    expect(page.locator(".finding").first.locator("dl")).to_be_visible()


def test_a_box_of_the_drawing_takes_the_enter_key(open_page: Open) -> None:
    page = open_page()
    page.locator("g.box[role=button]").focus()
    page.keyboard.press("Enter")
    expect(page.locator("section .details")).to_contain_text(URN)


def test_dark_mode_is_dark(open_page: Open) -> None:
    colour = "getComputedStyle(document.body).backgroundColor"
    assert open_page(dark=True).evaluate(colour) == "rgb(20, 23, 26)"
    assert open_page().evaluate(colour) == "rgb(255, 255, 255)"


def test_a_narrow_screen_is_not_wider_than_itself(open_page: Open) -> None:
    page = open_page(width=360)
    assert page.evaluate("document.documentElement.scrollWidth") <= 360


def test_on_paper_findings_are_unfolded_and_filters_gone(open_page: Open) -> None:
    page = open_page()
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    page.emulate_media(media="print")
    expect(page.locator(".finding dl").first).to_be_visible()
    expect(page.locator(".filters")).not_to_be_visible()
    assert page.pdf().startswith(b"%PDF")


def test_paper_is_light_also_where_the_screen_is_dark(open_page: Open) -> None:
    page = open_page(dark=True)
    page.emulate_media(media="print")
    colours = "(style => [style.backgroundColor, style.getPropertyValue('--fail')])(getComputedStyle(document.body))"
    assert page.evaluate(colours) == ["rgb(255, 255, 255)", "#b3261e"]


def test_hostile_names_do_nothing(open_page: Open) -> None:
    name = f"{HOSTILE}<img src=x onerror=alert(1)>\"'>"
    tree = Node(f"{name} → {name}", "backend", URN)
    page = open_page(html_report(audit_of(with_tree(judged(policy(name)), tree))))
    expect(page.locator(".finding .what strong")).to_contain_text("onerror=alert(1)")
    assert page.locator("img").count() == 0


def test_an_audit_lists_its_stacks_and_what_was_not_read(open_page: Open) -> None:
    page = open_page(html_report(audit_of(judged(policy("old")), judged(policy("new", version="TLS_1_2")), UNREAD)))
    expect(page.locator("h1")).to_have_text("Audit of 3 stacks")
    expect(page.locator("table.stacks tbody tr")).to_have_count(3)
    expect(page.locator("table.stacks")).to_contain_text("not judged: it is not JSON")


def test_what_is_new_since_a_former_report_is_marked(open_page: Open) -> None:
    before = {"deployment": {"project": "shop", "stack": "dev"}, "verdicts": []}
    former = former_report(json.dumps(before), "former.json")
    html = html_report(audit_of(judged(policy("old"))), former=former)
    page = open_page(html)
    expect(page.locator(".finding .rule em")).to_have_text("new since the former report")
    expect(page.locator(".cards")).to_contain_text("1 new, 0 gone, 0 before")


def test_a_framework_unfolds_to_its_controls(open_page: Open) -> None:
    page = open_page()
    cis = page.locator("details.framework").filter(has_text="CIS GCP 5.0")
    expect(cis.locator("summary")).to_contain_text("rules speak to")
    expect(cis.locator("table")).not_to_be_visible()
    cis.locator("summary").click()
    row = cis.locator("tr").filter(has_text="3.11")
    expect(row.locator("td.fail")).to_have_text("failed")
    expect(cis).to_contain_text("8 Dataproc: 8.1")


def test_a_rule_that_makes_a_control_fail_opens_at_its_page(open_page: Open) -> None:
    page = open_page()
    cis = page.locator("details.framework").filter(has_text="CIS GCP 4.0")
    cis.locator("summary").click()
    cis.get_by_role("link", name="tls-policy-min-version").click()
    expect(page.locator("#rule-tls-policy-min-version .page")).to_be_visible()


def test_unfolded_frameworks_fit_a_narrow_screen(open_page: Open) -> None:
    page = open_page(width=360)
    for summary in page.locator("details.framework summary").all():
        summary.click()
    assert page.evaluate("document.documentElement.scrollWidth") <= 360


def test_frameworks_of_an_audit_tell_how_many_stacks(open_page: Open) -> None:
    one, other = judged(policy("old")), judged(policy("new", version="TLS_1_2"))
    page = open_page(html_report(audit_of(one, other)))
    cis = page.locator("details.framework").filter(has_text="CIS GCP 4.0")
    cis.locator("summary").click()
    expect(cis.locator("td.fail")).to_have_text("failed (1 of 2 stacks)")


def cleaning() -> str:
    """A waiver that has expired, one that nothing needs, and an entry of the baseline that is fixed."""
    waiver = {"rules": "tls-policy-min-version", "reason": "clients of 2012", "owner": "shop"}
    gone = URN.replace("::old", "::gone")
    guard = {
        "waivers": [
            {**waiver, "resources": "old", "expires": "2026-11-01"},
            {**waiver, "resources": "nothing-of-that-name", "expires": "2026-12-01"},
        ],
        "baseline": {"version": 1, "findings": {"tls-policy-min-version": {gone: ["minTlsVersion"]}}},
    }
    return html_report(audit_of(judged(policy("old"), config={"guard": guard})), today=date(2026, 11, 24))


def test_what_is_to_be_cleaned_up_is_a_table_with_what_to_do(open_page: Open) -> None:
    rows = open_page(cleaning()).locator("table.cleanup tbody tr")
    expect(rows).to_have_count(3)
    expect(rows.nth(0)).to_contain_text("It expired on 2026-11-01 (23 days ago): 1 finding counts again.")
    expect(rows.nth(1)).to_contain_text("Take it out of the configuration.")
    expect(rows.nth(2)).to_contain_text("Write the baseline anew")


def test_what_is_to_be_cleaned_up_fits_a_narrow_screen(open_page: Open) -> None:
    assert open_page(cleaning(), width=360).evaluate("document.documentElement.scrollWidth") <= 360
