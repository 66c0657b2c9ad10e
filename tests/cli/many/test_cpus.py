"""How many processes are started: as many as there is work for, and never more than there are processors."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from policypack.cli.many import cpus
from policypack.sources.stores import StateFile
from policypack.sources.stores.records import Store

STATE = StateFile("a.json", "a.json", size=140_000, named=False)


@pytest.fixture(autouse=True)
def eight(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine with eight processors, all of them ours."""
    monkeypatch.setattr(cpus, "available", lambda: 8)


@pytest.mark.parametrize(("files", "processes"), [(1, 1), (5, 1), (40, 2), (100, 5), (1_000, 8)])
def test_few_states_need_no_process_and_many_get_every_processor(files: int, processes: int) -> None:
    assert cpus.processes_for([STATE] * files, None) == processes


def test_a_few_large_states_are_worth_a_process_each() -> None:
    large = StateFile("a.json", "a.json", size=20_000_000, named=False)
    assert cpus.processes_for([large] * 3, None) == 3


def test_packed_states_are_more_work_than_their_size_says() -> None:
    packed = StateFile("a.json.gz", "a.json.gz", size=20_000, named=False)
    assert cpus.processes_for([packed] * 100, None) > 5


@pytest.mark.parametrize(("files", "processes"), [(1, 1), (20, 6), (1_000, 32)])
def test_states_that_must_be_fetched_first_are_fetched_by_more_processes(files: int, processes: int) -> None:
    distant = StateFile("gs://b/a.json", "b/a.json", Store("gs", "gs"), size=140_000, named=False)
    assert cpus.processes_for([distant] * files, None) == processes


def test_who_asks_for_a_number_gets_it_but_none_without_work() -> None:
    assert cpus.processes_for([STATE] * 3, 2) == 2
    assert cpus.processes_for([STATE] * 3, 64) == 3


@pytest.mark.parametrize(
    ("text", "count"), [("200000 100000\n", 2), ("150000 100000\n", 2), ("50000 100000\n", 1), ("max 100000\n", 64)]
)
def test_a_container_has_the_processors_that_its_quota_is_worth(
    text: str, count: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.undo()
    quota = tmp_path / "cpu.max"
    quota.write_text(text, encoding="ascii")
    monkeypatch.setattr(cpus, "QUOTA", quota)
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: range(64), raising=False)
    monkeypatch.setattr(os, "cpu_count", lambda: 64)
    assert cpus.available() == count


def test_without_a_quota_the_processors_that_we_may_use_count(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    monkeypatch.setattr(cpus, "QUOTA", tmp_path / "missing")
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {3, 5}, raising=False)
    assert cpus.available() == 2
