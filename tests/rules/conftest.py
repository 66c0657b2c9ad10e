"""One waiting process for all programs that the tests of rules run."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.rules.farm import Farm

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="session")
def farm() -> Iterator[Farm]:
    running = Farm()
    yield running
    running.close()
