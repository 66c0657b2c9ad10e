"""The audit of many stacks at a terminal: progress while it works, and an end at once when it is told to."""

from __future__ import annotations

import os
import pty
import re
import select
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.exports import export

PATIENCE = 120
ESCAPES = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")


# Whoever starts these tests in the background has them, and all they start, ignore Ctrl-C: here it is heard.
HEARING = """
import signal, sys
signal.signal(signal.SIGINT, signal.default_int_handler)
from policypack.cli import main
sys.exit(main())
"""


class Running:
    """The command, with a terminal for what it says of its progress."""

    def __init__(self, *words: str, cwd: Path) -> None:
        ours, theirs = pty.openpty()
        self._terminal = ours
        self.process = subprocess.Popen(
            [sys.executable, "-c", HEARING, "audit", *words],
            cwd=cwd,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=theirs,
            start_new_session=True,
            env={
                **os.environ,
                "TERM": "xterm",
                "COLUMNS": "120",
                "PYTHONPATH": str(Path(__file__).parents[3]),
                "TMPDIR": str(cwd),
            },
        )
        os.close(theirs)
        self.shown = ""

    def until(self, text: str) -> None:
        """Read what is shown until it has a text, or the command has ended."""
        until = time.monotonic() + PATIENCE
        while text not in self.shown:
            ready, _, _ = select.select([self._terminal], [], [], max(0.0, until - time.monotonic()))
            assert ready, f"it never came: {self.shown}"
            try:
                piece = os.read(self._terminal, 1 << 16)
            except OSError:  # the other end has gone
                break
            self.shown += ESCAPES.sub("", piece.decode("utf-8", errors="replace"))

    def ended(self) -> int:
        """Wait for the end, and give the exit code."""
        self.until("\0 nothing has this")
        return self.process.wait(PATIENCE)

    def close(self) -> None:
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
        if self.process.stdout is not None:
            self.process.stdout.close()
        os.close(self._terminal)


@pytest.fixture
def stacks(tmp_path: Path) -> Path:
    """A folder with three stacks."""
    folder = tmp_path / "stacks"
    folder.mkdir()
    for name in ("shop", "bank", "attic"):
        (folder / f"{name}.json").write_text(export(name, "disk"), encoding="utf-8")
    return folder


@pytest.fixture
def running(stacks: Path) -> Iterator[Running]:
    """The command over three stacks and a state that never comes: a pipe to which nobody writes."""
    os.mkfifo(stacks.parent / "never.json")
    started = Running("stacks", "never.json", "--jobs", "2", "--report", "sarif=all.sarif", cwd=stacks.parent)
    yield started
    started.close()


def test_the_progress_is_shown_with_what_was_found_and_the_report_goes_elsewhere(stacks: Path) -> None:
    command = Running("stacks", "--jobs", "2", cwd=stacks.parent)
    try:
        assert command.ended() == 0
        assert command.process.stdout is not None
        report = command.process.stdout.read().decode("utf-8")
    finally:
        command.close()
    assert "3/3" in command.shown
    assert "left" in command.shown
    assert "0 failed" in command.shown
    assert "shop/prod" in report
    assert "judging" not in report


def test_an_interruption_ends_it_at_once_without_a_traceback_and_leaves_nothing_behind(
    running: Running, stacks: Path
) -> None:
    running.until("3/4")
    os.killpg(running.process.pid, signal.SIGINT)
    assert running.ended() == 130
    assert running.shown.rstrip().endswith("stopped")
    assert "Traceback" not in running.shown
    assert sorted(path.name for path in stacks.parent.iterdir()) == ["never.json", "stacks"]
