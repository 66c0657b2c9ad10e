"""A real browser for what only a browser can tell.

Where there is none, its tests are skipped with the reason, so that a contributor without one can still run the suite.
With `CI=true` that is a failure: a build that everybody trusts must not have left anything out.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

_NAMES = ("chromium", "chromium-browser", "google-chrome")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Chromium, as it is installed on this machine.

    Not longer than a module: while Playwright runs, nothing else in the process can run an event loop.
    """
    found = next(filter(None, map(shutil.which, _NAMES)), None)
    if found is None:
        reason = f"the tests in a browser did not run: none of {', '.join(_NAMES)} is on PATH"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    with sync_playwright() as playwright:
        # Build machines run as root, where Chromium's sandbox does not.
        started = playwright.chromium.launch(executable_path=found, args=["--no-sandbox"])
        yield started
        started.close()


@pytest.fixture
def open_html(browser: Browser, tmp_path: Path) -> Iterator[Callable[[str, int, bool], Page]]:
    """Open a page, given its text, the width of the window, and whether the screen is dark.

    Whatever it asks for beside itself, and whatever it complains of, fails the test.
    """
    wrong: list[str] = []
    contexts = []

    def opened(html: str, width: int, dark: bool) -> Page:
        file = tmp_path / "report.html"
        file.write_text(html, encoding="utf-8")
        context = browser.new_context(
            viewport={"width": width, "height": 800}, color_scheme="dark" if dark else "light"
        )
        contexts.append(context)
        page = context.new_page()
        page.on("request", lambda request: None if request.url == file.as_uri() else wrong.append(request.url))
        page.on("console", lambda message: wrong.append(message.text))
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.on("dialog", lambda dialog: wrong.append(dialog.message))
        page.goto(file.as_uri())
        return page

    yield opened
    for context in contexts:
        context.close()
    assert wrong == []
