"""Measures the audit of many stacks: `make bench-many`.

A folder of synthetic stack exports, 100 resources each, is audited as a user would: the command in a process of its
own, with one process that judges and with two. What is asked is whether the time grows with the number of stacks and
with nothing else, what a second process gains, and how much memory the command and its processes take.

Only ratios mean something. Every combination is measured several times, in turn, and the best time counts; processor
time is given beside it, since it suffers less where the machine has other work.
"""

from __future__ import annotations

import argparse
import itertools
import json
import os
import resource
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.synthetic import PROJECT, STACK, stack, stack_export

ROOT = Path(__file__).resolve().parents[1]
SIZES = (250, 500, 1_000)
RESOURCES = 100
JOBS = (1, 2)
ROUNDS = 3
SAMPLING = 0.05
"""Seconds between two looks at the memory of the processes."""


@dataclass
class Best:
    """The best of several runs over one number of stacks.

    Attributes:
        wall: Seconds from start to end.
        processor: Seconds of processor time, of all processes together.
        parent: Peak memory of the command itself, in mebibytes.
        worker: Peak memory of the largest of its processes; 0 where there are none.
    """

    wall: float = float("inf")
    processor: float = float("inf")
    parent: float = 0.0
    worker: float = 0.0


@dataclass
class Peaks:
    """The peak memory of a process and of its children, as far as it is seen from time to time."""

    pid: int
    parent: float = 0.0
    worker: float = 0.0
    done: threading.Event = field(default_factory=threading.Event)

    def watch(self) -> None:
        """Look again and again until told to stop."""
        while not self.done.wait(SAMPLING):
            self.parent = max(self.parent, _peak(self.pid))
            self.worker = max([self.worker, *(_peak(child) for child in _children(self.pid))])


def _children(pid: int) -> list[int]:
    try:
        return [int(one) for one in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except OSError:  # it has just ended, or the system does not tell
        return []


def _peak(pid: int) -> float:
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return 0.0
    return next((int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM")), 0.0)


def write_stacks(folder: Path, count: int) -> None:
    """Write exports of stacks that differ in their names."""
    text = json.dumps(stack_export(stack(RESOURCES)))
    for number in range(count):
        mine = text.replace(f"urn:pulumi:{STACK}::{PROJECT}::", f"urn:pulumi:{STACK}::{PROJECT}-{number:04}::")
        (folder / f"{number:04}.json").write_text(mine)


def run(folder: Path, jobs: int, output: Path) -> Best:
    """Audit a folder once."""
    command = [sys.executable, "-m", "policypack.cli", "audit", str(folder)]
    command += ["--jobs", str(jobs), "--format", "json", "--output", str(output)]
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    began = time.perf_counter()
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    peaks = Peaks(process.pid)
    watcher = threading.Thread(target=peaks.watch)
    watcher.start()
    _, errors = process.communicate()
    wall = time.perf_counter() - began
    peaks.done.set()
    watcher.join()
    if process.returncode not in {0, 1}:
        raise RuntimeError(errors)
    now = resource.getrusage(resource.RUSAGE_CHILDREN)
    processor = now.ru_utime + now.ru_stime - used.ru_utime - used.ru_stime
    return Best(wall, processor, peaks.parent, peaks.worker)


def measure(sizes: tuple[int, ...], rounds: int) -> dict[tuple[int, int], Best]:
    """Measure every number of stacks with every number of processes, in turn."""
    found = {(size, jobs): Best() for size in sizes for jobs in JOBS}
    with tempfile.TemporaryDirectory() as place:
        for size in sizes:
            folder = Path(place) / str(size)
            folder.mkdir()
            write_stacks(folder, size)
        for number, (size, jobs) in itertools.product(range(rounds), found):
            print(f"measuring: round {number + 1}, {size:,} stacks, {jobs} at a time", file=sys.stderr, flush=True)
            once, best = run(Path(place) / str(size), jobs, Path(place) / "report.json"), found[size, jobs]
            best.wall, best.processor = min(best.wall, once.wall), min(best.processor, once.processor)
            best.parent, best.worker = max(best.parent, once.parent), max(best.worker, once.worker)
    return found


def table(found: dict[tuple[int, int], Best]) -> str:
    """Lay out what was measured."""
    lines = [
        "| stacks | processes | time | per stack | processor time | memory of the command | of a process |",
        "|---|---|---|---|---|---|---|",
    ]
    for (size, jobs), best in found.items():
        worker = f"{best.worker:.0f} MiB" if jobs > 1 else ""
        lines.append(
            f"| {size:,} | {jobs} | {best.wall:.1f} s | {best.wall / size * 1000:.1f} ms | {best.processor:.1f} s "
            f"| {best.parent:.0f} MiB | {worker} |"
        )
    return "\n".join(lines)


def bars(found: dict[tuple[int, int], Best], sizes: tuple[int, ...]) -> str:
    """Hold what was measured against what is allowed."""
    few, many = sizes[0], sizes[-1]
    grown = (found[many, 1].wall / many) / (found[few, 1].wall / few)
    processor = (found[many, 1].processor / many) / (found[few, 1].processor / few)
    gain = found[many, 1].wall / found[many, 2].wall
    worker = found[many, 2].worker / found[few, 2].worker
    kept = (found[many, 2].parent - found[few, 2].parent) * 1024 / (many - few)
    rows = [
        (f"time per stack, {many:,} against {few:,} (1 is linear)", "at most 1.10×", grown, "×", grown <= 1.10),
        (f"processor time per stack, {many:,} against {few:,}", "at most 1.10×", processor, "×", processor <= 1.10),
        (f"two processes against one, {many:,} stacks", "at least 1.70×", gain, "×", gain >= 1.70),
        (f"memory of a process, {many:,} stacks against {few:,}", "at most 1.10×", worker, "×", worker <= 1.10),
        ("memory of the command for each further stack", "at most 32 KiB", kept, " KiB", kept <= 32),
    ]
    lines = ["| bar | allowed | measured | |", "|---|---|---|---|"]
    lines += [
        f"| {what} | {allowed} | {value:.2f}{unit} | {'met' if met else '**not met**'} |"
        for what, allowed, value, unit, met in rows
    ]
    return "\n".join(lines)


def main() -> None:
    """Measure and print."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--rounds", type=int, default=ROUNDS, help=f"runs of each kind (default: {ROUNDS})")
    arguments.add_argument("--sizes", type=int, nargs="+", default=list(SIZES), help="numbers of stacks")
    chosen = arguments.parse_args()
    sizes = tuple(sorted(chosen.sizes))
    load = os.getloadavg()[0]
    found = measure(sizes, chosen.rounds)
    print(table(found))
    print(f"\nBest of {chosen.rounds} runs; {RESOURCES} resources in each stack.")
    print(f"Load of the machine before: {load:.1f}, after: {os.getloadavg()[0]:.1f}, on {os.cpu_count()} processors.\n")
    print(bars(found, sizes))


if __name__ == "__main__":
    main()
