"""What one process does with one file: whatever it holds, there is an answer, and it can travel."""

from __future__ import annotations

import copy
import gc
import json
import multiprocessing
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from benchmarks.synthetic import stack, stack_export
from policypack.cli.many.memory import Tidy
from policypack.cli.many.work import Judged, Task, Work
from policypack.engine.settings import Settings
from policypack.model.graph import Graph
from policypack.reports.report import Report
from policypack.sources.stores import StateFile
from policypack.topology import Deployment

EXPORT = stack_export(stack(45))
"""One service with all that belongs to it."""

ODD: Any = some.recursive(
    some.none()
    | some.booleans()
    | some.integers()
    | some.floats()
    | some.text(max_size=8)
    | some.sampled_from(["", "urn:pulumi:", "projects/p/global/backendServices/x", "0.0.0.0/0", "1e999", "\x1b[2J"]),
    lambda inner: some.lists(inner, max_size=3) | some.dictionaries(some.text(max_size=4), inner, max_size=3),
    max_leaves=6,
)


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Give the path of everything in a document."""
    yield path
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in inner:
        yield from places(item, (*path, key))


PLACES = list(places(EXPORT))[1:]


def changed(path: tuple[Any, ...], value: Any) -> Any:
    """Give the export with something else in one place."""
    document = copy.deepcopy(EXPORT)
    inner: Any = document
    for key in path[:-1]:
        inner = inner[key]
    inner[path[-1]] = value
    return document


@pytest.fixture
def file(tmp_path: Path) -> StateFile:
    path = tmp_path / "state.json"
    return StateFile(str(path), str(path), named=False)


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(some.sampled_from(PLACES), ODD)
def test_an_export_with_anything_in_any_place_is_judged_or_told_of(
    file: StateFile, path: tuple[Any, ...], value: Any
) -> None:
    Path(file.location).write_text(json.dumps(changed(path, value)), encoding="utf-8")
    judged = Work(Settings())(Task(0, file))
    assert judged.trace == "", f"{path}: {value!r}"
    assert (judged.summary is not None) + (judged.unread is not None) + judged.no_state == 1


@settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(some.binary(max_size=64) | ODD.map(lambda value: json.dumps(value).encode()))
def test_a_file_with_anything_in_it_is_told_of_or_passed_over(file: StateFile, content: bytes) -> None:
    Path(file.location).write_bytes(content)
    judged = Work(Settings())(Task(0, file))
    assert judged.trace == ""
    assert (judged.unread is not None) or judged.no_state


def test_of_all_stacks_no_more_than_the_last_one_stays_in_memory(file: StateFile) -> None:
    Path(file.location).write_text(json.dumps(EXPORT), encoding="utf-8")
    work = Work(Settings())
    with Tidy() as tidy:
        kept = []
        for number in range(4):
            kept.append(work(Task(number, file)))
            tidy.after_one()
        alive = [type(one) for one in gc.get_objects() if isinstance(one, (Graph, Deployment, Report))]
    assert all(one.summary is not None for one in kept)
    assert alive in ([], [Graph])  # a view of the last graph may be kept for whoever asks next


def test_what_comes_of_a_stack_can_travel_and_is_small(file: StateFile) -> None:
    Path(file.location).write_text(json.dumps(EXPORT), encoding="utf-8")
    judged = Work(Settings())(Task(0, file))
    here, there = multiprocessing.Pipe()
    here.send(judged)
    content = there.recv_bytes()
    assert len(content) < 8_000
    here.send(judged)
    assert there.recv() == judged
    assert isinstance(judged, Judged)
