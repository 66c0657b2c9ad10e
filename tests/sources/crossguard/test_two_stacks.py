"""Two operations on different stacks, at once against one server, get the answers they get one after the other."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from policypack.sources.program import run_program
from tests.sources.crossguard.process import REPOSITORY, Made, Pack, Said, pack
from tests.sources.crossguard.test_same_as_dry_run import previewed

ROUNDS = 4

Stack = tuple[Made, ...]


@pytest.fixture(scope="module")
def stacks() -> tuple[Stack, Stack]:
    paths = ("examples/starting_program", "stacks/reference")
    unsound, sound = (
        tuple(previewed(one) for one in run_program(REPOSITORY / path).resources if not one.external) for path in paths
    )
    return unsound, sound


@pytest.fixture
def server() -> Iterator[Pack]:
    with pack(REPOSITORY) as running:
        running.configure({})
        yield running


@pytest.fixture(scope="module")
def one_after_the_other(stacks: tuple[Stack, Stack]) -> list[list[Said]]:
    with pack(REPOSITORY) as running:
        running.configure({})
        return [running.run(*stack) for stack in stacks]


def test_both_get_the_answers_they_get_alone(
    stacks: tuple[Stack, Stack], one_after_the_other: list[list[Said]], server: Pack
) -> None:
    with ThreadPoolExecutor(2 * ROUNDS) as workers:
        said = list(workers.map(lambda stack: server.run(*stack), stacks * ROUNDS))
    assert said == one_after_the_other * ROUNDS


def test_the_two_stacks_differ_in_what_is_said_of_them(one_after_the_other: list[list[Said]]) -> None:
    first, second = one_after_the_other
    assert any(one.level == "mandatory" for one in first)
    assert not any(one.level == "mandatory" for one in second)


def test_calls_of_two_operations_that_alternate_do_not_mix(
    stacks: tuple[Stack, Stack], one_after_the_other: list[list[Said]], server: Pack
) -> None:
    first, second = stacks
    for left, right in zip(first, second, strict=False):
        server.analyze(left)
        server.analyze(right)
    assert [server.run(*first), server.run(*second)] == one_after_the_other
