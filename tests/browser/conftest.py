"""A real browser for what only a browser can tell.

Where there is none, its tests are skipped with the reason, so that a contributor without one can still run the suite.
With `CI=true` that is a failure: a build that everybody trusts must not have left anything out.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, sync_playwright

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
