"""Runs many small Pulumi programs, one after the other, each in a process of its own that is ready at once.

Most of the time a small program takes is the import of the provider's SDK. So one process imports it and waits; for
every program it is told of, it makes a copy of itself, and the copy runs the program just as the dry-run engine does.

Started as a script, it reads one JSON document a line and answers each with how the program ended.
"""

from __future__ import annotations

import importlib
import importlib.util
import json
import os
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping
    from types import ModuleType

    from policypack.model.graph import Graph

RUNNER = Path(__file__).parents[2] / "policypack" / "sources" / "program" / "runner.py"
SETTINGS = "MULTIREGION_GUARD_RUN"
WARM = ("pulumi_gcp.compute", "pulumi_gcp.kms", "pulumi_gcp.certificatemanager", "pulumi_gcp.serviceaccount")
"""What almost every program on a page imports."""


@dataclass
class Farm:
    """The waiting process, as seen from the tests; it ends with them.

    Attributes:
        recorded: Source of each program that was run, to the graph of what it registered.
    """

    recorded: dict[str, Graph] = field(default_factory=dict, repr=False)
    _process: subprocess.Popen[str] | None = field(default=None, repr=False)

    def run(self, environment: Mapping[str, str]) -> dict[str, Any]:
        """Run one program to its end.

        Args:
            environment: The environment that the dry-run engine gives a program, with the settings of its runner.

        Returns:
            How it ended, as the runner reports it; {} if its process ended before it did.
        """
        process = self._process or self._start()
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(json.dumps(dict(environment)) + "\n")
        process.stdin.flush()
        answer: dict[str, Any] = json.loads(process.stdout.readline())
        return answer

    def close(self) -> None:
        """End the waiting process."""
        if self._process is not None:
            assert self._process.stdin is not None
            self._process.stdin.close()
            self._process.wait(10)
            assert self._process.stdout is not None
            self._process.stdout.close()
            self._process = None

    def _start(self) -> subprocess.Popen[str]:
        self._process = subprocess.Popen(
            [sys.executable, __file__], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        return self._process


def main() -> None:
    """Wait for programs, and run each in a copy of this process."""
    runner = load_runner()
    for name in WARM:
        # The SDK puts off the work until something inside the module is asked for.
        getattr(importlib.import_module(name), "outputs", None)
    for line in sys.stdin:
        reading, writing = os.pipe()
        lifeline, ours = os.pipe()
        copy = os.fork()
        if copy == 0:
            os.close(reading)
            os.close(ours)
            become(runner, json.loads(line), writing, lifeline)
        os.close(writing)
        os.close(lifeline)
        with os.fdopen(reading, encoding="utf-8") as report:
            said = report.read()
        os.waitpid(copy, 0)
        os.close(ours)
        sys.stdout.write((said or "{}") + "\n")
        sys.stdout.flush()


def load_runner() -> ModuleType:
    """Load the runner of the dry-run engine, which stands alone and is no part of a package."""
    spec = importlib.util.spec_from_file_location("runner", RUNNER)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def become(runner: ModuleType, environment: dict[str, str], report: int, lifeline: int) -> None:
    """Turn this copy into the program. It never comes back: the runner ends the process.

    Args:
        runner: The runner of the dry-run engine.
        environment: What the program finds as its environment.
        report: The pipe it reports to.
        lifeline: A pipe that ends with the process at its other end; the runner then ends itself and its group.
    """
    os.setsid()
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    settings = json.loads(environment[SETTINGS])
    os.chdir(settings["program_directory"])
    os.environ.update(environment)
    os.environ[SETTINGS] = json.dumps({**settings, "report": report, "lifeline": lifeline})
    runner.main()


if __name__ == "__main__":
    main()
