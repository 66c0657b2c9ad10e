"""The stacks of this repository, each run once for all tests of a process."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import TYPE_CHECKING, TypeAlias

import pytest

from tests.rules.farm import Farm
from tests.whole.stacks import Stack, record_stack

if TYPE_CHECKING:
    from collections.abc import Iterator

Stacks: TypeAlias = Callable[[str], Stack]


@pytest.fixture(scope="session")
def farm() -> Iterator[Farm]:
    running = Farm()
    yield running
    running.close()


@pytest.fixture(scope="session")
def stacks(farm: Farm) -> Stacks:
    """Gives a stack by its name."""
    return functools.cache(lambda name: record_stack(name, farm))
