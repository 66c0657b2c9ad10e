"""The page of an organisation in the hands of its reader."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from policypack.reports.cleaning import escape
from policypack.reports.organisation.html import html_organisation
from policypack.reports.organisation.organisation import Organisation
from tests.reports.judged import HOSTILE
from tests.reports.organisations import RULES, UNREAD, as_former, crowd, line, organisation, summary

TLS, DISK, REGIONS = "tls-policy-min-version", "disk-cmek", "backend-service-two-regions"

Open = Callable[..., Page]


@pytest.fixture
def open_page(open_html: Callable[[str, int, bool], Page]) -> Open:
    def opened(made: Organisation | None = None, *, width: int = 1300, dark: bool = False) -> Page:
        return open_html(html_organisation(made or three()), width, dark)

    return opened


def three() -> Organisation:
    """A stack of web with TLS and regions at fault, one of data with a disk and a waiver, and one of nobody without."""
    before = summary("shop/prod", line(TLS, "old", stack="shop/prod"), owner="web")
    return organisation(
        summary(
            "shop/prod",
            line(TLS, "old", stack="shop/prod"),
            line(REGIONS, "front", stack="shop/prod"),
            owner="web",
        ),
        summary(
            "bank/prod",
            line(DISK, "ledger", stack="bank/prod"),
            line(TLS, "older", stack="bank/prod", status="waived", remark="waived until 2026-12-31 by bank"),
            owner="data",
        ),
        summary("attic/prod"),
        unread=[UNREAD],
        former=as_former(organisation(before, summary("gone/prod"), date="2026-11-17")),
    )


def shown(page: Page) -> list[str]:
    return [row.inner_text() for row in page.locator("#heat tbody tr:visible > th").all()]


def cell(page: Page, stack: str, area: str) -> str:
    """Give the selector of a cell of the table."""
    titles = [one.inner_text() for one in page.locator("#heat thead .area").all()]
    names = [one.inner_text() for one in page.locator("#heat tbody th").all()]
    first = page.locator("#heat thead th").count() - len(titles)
    return f"#heat tbody tr:nth-child({names.index(stack) + 1}) > :nth-child({first + titles.index(area) + 1})"


def test_it_says_what_came_out_first(open_page: Open) -> None:
    expect(open_page().locator(".conclusion")).to_contain_text("1 of 3 stacks has something mandatory")


def test_stacks_stand_worst_first(open_page: Open) -> None:
    assert shown(open_page()) == ["shop/prod", "bank/prod", "attic/prod"]


def test_a_cell_has_a_sign_a_number_and_a_colour(open_page: Open) -> None:
    page = open_page()
    bad, good = page.locator(cell(page, "shop/prod", "TLS")), page.locator(cell(page, "attic/prod", "TLS"))
    expect(bad).to_have_text("✕1")
    expect(good).to_have_text("✓")
    colour = "each => getComputedStyle(each).backgroundColor"
    assert bad.evaluate(colour) != good.evaluate(colour)


@pytest.mark.parametrize(
    ("words", "stacks"),
    [
        ("shop", ["shop/prod"]),
        ("DATA", ["bank/prod"]),
        ("ledger waived", ["bank/prod"]),
        ("disk-cmek", ["bank/prod"]),
        ("states/attic", ["attic/prod"]),
        ("nothing such", []),
    ],
)
def test_searching_leaves_what_fits(open_page: Open, words: str, stacks: list[str]) -> None:
    page = open_page()
    page.locator("#search").fill(words)
    assert shown(page) == stacks
    expect(page.locator("#shown")).to_have_text(f"{len(stacks)} of 3 stacks shown")
    assert page.locator("#nothing").is_visible() is not bool(stacks)


@pytest.mark.parametrize(
    ("chosen", "stacks"),
    [
        ({"owner": "web"}, ["shop/prod"]),
        ({"owner": "no owner known"}, ["attic/prod"]),
        ({"area": "TLS"}, ["shop/prod", "bank/prod"]),
        ({"area": "TLS", "kind": "waived"}, ["bank/prod"]),
        ({"severity": "medium"}, ["bank/prod"]),
        ({"kind": "mandatory"}, ["shop/prod"]),
        ({"kind": "new"}, ["shop/prod"]),
        ({"kind": "new", "area": "Regions"}, ["shop/prod"]),
        ({"kind": "new", "area": "TLS"}, []),
        ({"rule": REGIONS}, ["shop/prod"]),
        ({"rule": REGIONS, "kind": "waived"}, []),
    ],
)
def test_filters_leave_what_fits_all_of_them(open_page: Open, chosen: dict[str, str], stacks: list[str]) -> None:
    page = open_page()
    for field, value in chosen.items():
        page.locator(f"#{field}").select_option(label=value)
    assert shown(page) == stacks


def test_clearing_the_filters_brings_everything_back(open_page: Open) -> None:
    page = open_page()
    page.locator("#owner").select_option("web")
    page.get_by_role("button", name="Clear").click()
    expect(page.locator("#shown")).to_have_text("3 of 3 stacks shown")


def test_a_column_sorts_and_at_the_third_click_the_worst_stand_first_again(open_page: Open) -> None:
    page = open_page()
    head = page.locator("#heat thead th").first
    head.locator("button").click()
    assert (shown(page), head.get_attribute("aria-sort")) == (["attic/prod", "bank/prod", "shop/prod"], "ascending")
    head.locator("button").click()
    assert (shown(page), head.get_attribute("aria-sort")) == (["shop/prod", "bank/prod", "attic/prod"], "descending")
    head.locator("button").click()
    assert (shown(page), head.get_attribute("aria-sort")) == (["shop/prod", "bank/prod", "attic/prod"], "none")


def test_an_area_sorts_by_what_was_found_there(open_page: Open) -> None:
    page = open_page()
    page.get_by_role("button", name="Encryption at rest").click()
    assert shown(page) == ["bank/prod", "shop/prod", "attic/prod"]


def test_stacks_without_an_owner_stand_last_by_owner(open_page: Open) -> None:
    page = open_page()
    page.locator("[data-sort=owner]").click()
    assert shown(page) == ["bank/prod", "shop/prod", "attic/prod"]


def test_the_name_of_a_stack_opens_all_that_is_said_of_it(open_page: Open) -> None:
    page = open_page()
    page.locator("#heat tbody th").first.click()
    detail = page.get_by_role("dialog")
    expect(detail.locator("h2")).to_have_text("shop/prod")
    expect(detail).to_contain_text("web, by labels")
    expect(detail).to_contain_text("states/shop/prod.json")
    expect(detail.locator("h3")).to_have_count(2)
    expect(detail).to_contain_text("old BackendService")
    expect(detail).to_contain_text(f"What to do: {RULES[TLS].fix}")


def test_a_cell_opens_what_is_said_in_its_area(open_page: Open) -> None:
    page = open_page()
    page.locator(cell(page, "shop/prod", "TLS")).click()
    detail = page.get_by_role("dialog")
    expect(detail).to_contain_text("Only: TLS.")
    expect(detail.locator("h3 code")).to_have_text(TLS)
    detail.get_by_role("button", name="Show everything of this stack").click()
    expect(detail.locator("h3")).to_have_count(2)


def test_a_cell_without_a_finding_says_what_passed(open_page: Open) -> None:
    page = open_page()
    page.locator(cell(page, "attic/prod", "TLS")).click()
    expect(page.get_by_role("dialog")).to_contain_text("rules passed")
    expect(page.get_by_role("dialog")).to_contain_text("Nothing is said here.")


def test_details_mark_what_is_new_and_what_is_waived(open_page: Open) -> None:
    page = open_page()
    page.locator("#heat tbody th").first.click()
    new = page.locator("dialog li").filter(has=page.locator(".new"))
    expect(new).to_have_count(1)
    expect(new).to_contain_text("front")
    page.keyboard.press("Escape")
    page.locator("#heat tbody th").nth(1).click()
    expect(page.get_by_role("dialog")).to_contain_text("waived until 2026-12-31 by bank")


@pytest.mark.parametrize("way", ["Escape", "Close"])
def test_closing_the_details_leads_back_to_the_cell(open_page: Open, way: str) -> None:
    page = open_page()
    there = cell(page, "shop/prod", "TLS")
    page.locator(there).click()
    if way == "Escape":
        page.keyboard.press("Escape")
    else:
        page.get_by_role("button", name="Close").click()
    expect(page.locator("dialog")).not_to_be_visible()
    expect(page.locator(there)).to_be_focused()


def test_everything_can_be_reached_by_keys_alone(open_page: Open) -> None:
    page = open_page()
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("/")
    assert page.evaluate("document.activeElement.id") == "search"
    page.locator("#heat thead button").last.focus()
    page.keyboard.press("Tab")
    expect(page.locator("#heat tbody th").first).to_be_focused()
    page.keyboard.press("ArrowDown")
    expect(page.locator("#heat tbody th").nth(1)).to_be_focused()
    page.keyboard.press("End")
    expect(page.locator("#heat tbody tr").nth(1).locator("td").last).to_be_focused()
    page.keyboard.press("Home")
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog").locator("h2")).to_have_text("bank/prod")


def test_one_cell_of_the_table_takes_part_in_tabbing(open_page: Open) -> None:
    assert open_page(organisation(*crowd(60))).locator("#heat tbody [tabindex]").count() == 1


def test_arrow_keys_pass_over_stacks_that_the_filter_hides(open_page: Open) -> None:
    page = open_page(
        organisation(*(summary(f"{name}/prod", owner=owner) for name, owner in zip("abc", "xyx", strict=True)))
    )
    page.locator("#owner").select_option("x")
    page.locator("#heat tbody th").first.focus()
    page.keyboard.press("ArrowDown")
    expect(page.locator("#heat tbody th").nth(2)).to_be_focused()
    page.keyboard.press("ArrowUp")
    expect(page.locator("#heat tbody th").first).to_be_focused()


def test_an_owner_opens_the_stacks_that_are_theirs(open_page: Open) -> None:
    page = open_page()
    page.locator(".owners").get_by_role("button", name="data").click()
    expect(page.locator("#shown")).to_have_text("1 of 3 stacks shown")
    assert shown(page) == ["bank/prod"]


def test_the_worst_stack_of_an_owner_opens(open_page: Open) -> None:
    page = open_page()
    page.locator(".owners").get_by_role("button", name="shop/prod").click()
    expect(page.get_by_role("dialog").locator("h2")).to_have_text("shop/prod")


def test_a_rule_opens_the_stacks_that_it_costs(open_page: Open) -> None:
    page = open_page()
    page.locator(".rules").get_by_role("button", name=DISK).click()
    expect(page.locator("#rule")).to_have_value(DISK)
    assert shown(page) == ["bank/prod"]


def test_many_rules_are_shown_when_the_reader_asks_for_them(open_page: Open) -> None:
    speaking = [line(name, stack="a/prod") for name in sorted(RULES)[:30]]
    page = open_page(organisation(summary("a/prod", *speaking)))
    expect(page.locator(".rules tbody tr:visible")).to_have_count(12)
    page.get_by_role("button", name="Show all 30 rules").click()
    expect(page.locator(".rules tbody tr:visible")).to_have_count(30)


def test_a_rule_of_a_framework_leads_to_its_row(open_page: Open) -> None:
    page = open_page()
    cis = page.locator("details.framework").filter(has_text="CIS GCP 4.0")
    cis.locator("summary").click()
    cis.get_by_role("link", name=TLS).click()
    expect(page.locator(f"#rule-{TLS} button")).to_be_focused()


def test_the_trend_is_drawn_and_told(open_page: Open) -> None:
    page = open_page()
    expect(page.locator("#trend svg.debt")).to_have_attribute(
        "aria-label", "Findings: 1 on 2026-11-17, 4 on 2026-11-24"
    )
    expect(page.locator("#trend p").first).to_have_text("+3 findings since 2026-11-17: 1 new, 2 with stacks that came.")
    expect(page.locator(".sparks li").filter(has_text="Regions")).to_contain_text("+1")
    expect(page.locator("#trend")).to_contain_text("Stacks gone (1)")


def test_what_was_not_judged_is_told_without_credentials(open_page: Open) -> None:
    expect(open_page().locator(".unread tbody")).to_contain_text("s3://states/broken.json")


def test_dark_mode_is_dark(open_page: Open) -> None:
    colour = "getComputedStyle(document.body).backgroundColor"
    assert open_page(dark=True).evaluate(colour) == "rgb(20, 23, 26)"
    assert open_page().evaluate(colour) == "rgb(255, 255, 255)"


@pytest.mark.parametrize("dark", [False, True])
def test_every_cell_can_be_read_on_its_colour(open_page: Open, dark: bool) -> None:
    page = open_page(organisation(*crowd(60)), dark=dark)
    contrast = """cells => Math.min(...cells.map(cell => {
      const light = colour => {
        const parts = colour.match(/[\\d.]+/g).slice(0, 3).map(part => part / 255);
        const [r, g, b] = parts.map(part => part <= 0.03928 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4);
        return 0.2126 * r + 0.7152 * g + 0.0722 * b;
      };
      const style = getComputedStyle(cell);
      const [dark, bright] = [light(style.color), light(style.backgroundColor)].sort((a, b) => a - b);
      return (bright + 0.05) / (dark + 0.05);
    }))"""
    assert page.locator("#heat td.cell:not(.none)").evaluate_all(contrast) >= 4.5


def test_a_narrow_screen_is_not_wider_than_itself(open_page: Open) -> None:
    page = open_page(width=390)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.locator("#heat tbody th").first.click()
    assert page.evaluate("document.querySelector('dialog').scrollWidth") <= 390


def test_on_paper_filters_are_gone_and_every_rule_is_there(open_page: Open) -> None:
    speaking = [line(name, stack="a/prod") for name in sorted(RULES)[:30]]
    page = open_page(organisation(summary("a/prod", *speaking)))
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    page.emulate_media(media="print")
    expect(page.locator(".rules tbody tr:visible")).to_have_count(30)
    expect(page.locator(".filters")).not_to_be_visible()
    assert page.pdf().startswith(b"%PDF")


def test_paper_is_light_also_where_the_screen_is_dark(open_page: Open) -> None:
    page = open_page(dark=True)
    page.emulate_media(media="print")
    colours = "(style => [style.backgroundColor, style.getPropertyValue('--fail')])(getComputedStyle(document.body))"
    assert page.evaluate(colours) == ["rgb(255, 255, 255)", "#b3261e"]


def test_hostile_names_do_nothing(open_page: Open) -> None:
    name = escape(f"{HOSTILE}</script><img src=x onerror=alert(1)>\"'>")
    stack = f"{name}/prod"
    page = open_page(
        organisation(summary(stack, line(TLS, name, stack=stack, message=name), owner=name), unread=[UNREAD])
    )
    page.locator("#heat tbody th").first.click()
    expect(page.locator("dialog li strong")).to_contain_text("onerror=alert(1)")
    assert page.locator("img").count() == 0


def test_a_page_that_left_lines_out_says_how_many(open_page: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("policypack.reports.organisation.page_data._LIMITS", (2,))
    page = open_page(
        organisation(summary("a/prod", *(line(TLS, f"t-{number}", stack="a/prod") for number in range(5))))
    )
    page.locator("#heat tbody th").first.click()
    expect(page.get_by_role("dialog")).to_contain_text("And 3 more, which this page has no room for")


def test_nothing_to_judge_is_a_page_too(open_page: Open) -> None:
    expect(open_page(organisation()).locator(".conclusion")).to_have_text("There is no stack to judge.")


def test_a_thousand_stacks_are_searched_while_one_types(open_page: Open) -> None:
    page = open_page(organisation(*crowd(1000)))
    page.locator("#search").press_sequentially("models-7")
    expect(page.locator("#shown")).to_have_text("11 of 1000 stacks shown")
    page.locator("#heat tbody th:visible").first.click()
    expect(page.get_by_role("dialog").locator("h2")).to_contain_text("models-7")
