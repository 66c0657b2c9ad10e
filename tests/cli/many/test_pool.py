"""Processes that may die of a task: every other task gets its answer."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import signal
import subprocess
import sys
import time
from multiprocessing.context import SpawnProcess
from pathlib import Path

import pytest

from policypack.cli.many.pool import Died, Pool
from policypack.sources.errors import InputError


def square(number: int) -> int:
    return number * number


def process(_: int) -> int:
    return os.getpid()


def die_of_three(number: int) -> int:
    if number == 3:
        os.kill(os.getpid(), signal.SIGKILL)
    return number


def leave_at_three(number: int) -> int:
    if number == 3:
        os._exit(7)
    return number


class DieOnce:
    """Dies of the task 2 when it meets it first, as if the memory had been short just then."""

    def __init__(self, mark: Path) -> None:
        self.mark = mark

    def __call__(self, number: int) -> int:
        if number == 2 and not self.mark.exists():
            self.mark.touch()
            os.kill(os.getpid(), signal.SIGKILL)
        return number


class SleepForEver:
    """Says that it has begun, and does not end."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def __call__(self, number: int) -> int:
        (self.folder / f"{number}.begun").touch()
        time.sleep(600)
        return 0


class Unsendable:
    """Work that no process can take up."""

    def __init__(self) -> None:
        self.name = "nothing"

    def __reduce__(self) -> tuple[object, tuple[int]]:
        return os._exit, (9,)

    def __call__(self, number: int) -> int:
        return number


def test_every_task_has_its_result() -> None:
    assert dict(Pool(2, square).run(range(20))) == {number: number * number for number in range(20)}


def test_no_task_needs_no_process() -> None:
    assert list(Pool(2, square).run([])) == []


def test_there_are_no_more_processes_than_asked_for_and_none_is_this_one() -> None:
    pids = {pid for _, pid in Pool(2, process).run(range(12))}
    assert len(pids) <= 2
    assert os.getpid() not in pids


def test_what_kills_its_process_is_named_and_the_others_are_done() -> None:
    done = dict(Pool(2, die_of_three).run(range(8)))
    assert done.pop(3) == Died(-signal.SIGKILL)
    assert done == {number: number for number in range(8) if number != 3}


def test_what_ends_its_process_without_a_signal_is_named_as_well() -> None:
    assert dict(Pool(1, leave_at_three).run([3, 4])) == {0: Died(7), 1: 4}


def test_what_died_once_is_tried_once_more_alone(tmp_path: Path) -> None:
    assert dict(Pool(2, DieOnce(tmp_path / "died")).run(range(4))) == {number: number for number in range(4)}


@pytest.mark.parametrize(
    ("died", "how"), [(Died(-9), "by SIGKILL"), (Died(-99), "by signal 99"), (Died(3), "with exit code 3")]
)
def test_how_a_process_ended_is_said_in_words(died: Died, how: str) -> None:
    assert died.how == how


def test_processes_that_never_come_up_are_an_error_and_no_endless_loop() -> None:
    with pytest.raises(InputError, match="end before they have begun") as caught:
        list(Pool(2, Unsendable()).run(range(50)))
    assert "--jobs 1" in caught.value.what_to_do


def test_a_system_that_allows_no_more_processes_is_an_error_with_a_way_out(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_: object) -> None:
        raise BlockingIOError(11, "Resource temporarily unavailable")

    monkeypatch.setattr(SpawnProcess, "start", refuse)
    with pytest.raises(InputError, match="end before they have begun"):
        list(Pool(2, square).run(range(4)))


def test_who_stops_listening_ends_the_processes_at_once() -> None:
    began = time.monotonic()
    with contextlib.closing(Pool(2, square_or_sleep).run([1, 600, 600])) as results:
        next(results)
    assert time.monotonic() - began < 60
    assert multiprocessing.active_children() == []


def square_or_sleep(number: int) -> int:
    time.sleep(number if number > 100 else 0)
    return number * number


STOPPED = """
import os, pathlib, signal, sys, threading, time
from policypack.cli.many.pool import Pool
from tests.cli.many.test_pool import SleepForEver

folder = pathlib.Path(sys.argv[1])

def interrupt():
    while len(list(folder.glob("*.begun"))) < 2:
        time.sleep(0.05)
    os.killpg(os.getpgid(0), signal.SIGINT)

if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.default_int_handler)  # in the background, Ctrl-C would be ignored
    threading.Thread(target=interrupt, daemon=True).start()
    try:
        list(Pool(2, SleepForEver(folder)).run(range(4)))
    except KeyboardInterrupt:
        print("stopped")
"""


@pytest.fixture
def script(tmp_path: Path) -> Path:
    """A program that is interrupted, with all of its processes, while they work."""
    file = tmp_path / "stopped.py"
    file.write_text(STOPPED, encoding="utf-8")
    return file


def test_an_interruption_ends_everything_without_a_word_of_the_processes(script: Path) -> None:
    done = subprocess.run(
        [sys.executable, str(script), str(script.parent)],
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
        start_new_session=True,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[3])},
    )
    assert (done.stdout, done.stderr) == ("stopped\n", "")
