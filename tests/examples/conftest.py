"""The examples, each run once before and once after its deployment."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.rules.farm import Farm

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="session")
def farm() -> Iterator[Farm]:
    """One waiting process for all of them."""
    running = Farm()
    yield running
    running.close()
