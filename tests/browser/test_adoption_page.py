"""The page at the end of the week that docs/adoption.md tells of, in the hands of whoever asks how it goes."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.cli.test_adoption import live_through, write_organisation


def test_the_page_of_friday_tells_of_the_week(
    browser: Browser, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    write_organisation(tmp_path)
    live_through(tmp_path, capsys)
    wrong: list[str] = []
    page = browser.new_page(viewport={"width": 1300, "height": 900})
    page.on("console", lambda message: wrong.append(message.text))
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.goto((tmp_path / "friday.html").as_uri())

    expect(page.locator("#trend")).to_contain_text("2 fixed")
    page.get_by_text("The numbers of the chart").click()
    days = page.locator("#trend tbody tr th")
    assert days.all_inner_texts() == [f"2026-11-{day}" for day in range(27, 22, -1)]

    page.locator("#owners").get_by_role("button", name="team-1", exact=True).click()
    expect(page.locator("#shown")).to_have_text("5 of 50 stacks shown")
    page.locator("#heat tbody th:visible", has_text="service-07/prod").click()
    expect(page.get_by_role("dialog")).to_contain_text("waived until 2026-12-24")
    expect(page.get_by_role("dialog")).to_contain_text("new-api")
    assert wrong == []
