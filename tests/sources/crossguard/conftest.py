from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.sources.crossguard.process import PACKS, Pack, pack


@pytest.fixture(scope="module")
def process() -> Iterator[Pack]:
    """The sample rules, served by the project's own analyzer."""
    with pack(PACKS / "sample") as running:
        yield running


@pytest.fixture
def sample(process: Pack) -> Pack:
    """The same process, with nothing configured."""
    process.configure_stack()
    process.configure({})
    return process
