"""Starts servers, asks them, and takes the time."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import grpc
from google.protobuf import empty_pb2
from pulumi.runtime.proto import analyzer_pb2, analyzer_pb2_grpc

from benchmarks.synthetic import stack_export
from benchmarks.workload import SIZES, Workload

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
ROUNDS = 5
STARTS = 7
ANALYZED = 1_000
"""How many resources of a larger stack each round asks about one by one."""
SLOW = frozenset({"sdk", "node"})
"""Servers that take minutes over the largest stack: one round has to do."""
LARGEST_MESSAGE = 400 * 1024 * 1024


@dataclass
class Figures:
    """What was measured of one server.

    Attributes:
        start: Seconds until it told its port.
        analyze: Size of the stack, to seconds for one resource.
        stack: Size of the stack, to seconds for the whole of it.
        memory: Peak memory after the largest stack, in mebibytes; None where the system does not tell.
    """

    start: float
    analyze: dict[int, float] = field(default_factory=dict)
    stack: dict[int, float] = field(default_factory=dict)
    memory: float | None = None


@contextlib.contextmanager
def server(name: str, folder: Path | None = None) -> Iterator[tuple[analyzer_pb2_grpc.AnalyzerStub, float, int]]:
    """Start a pack; give a stub, the time until its port was known, and its process id."""
    folder = folder or HERE / "packs" / name
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PULUMI_NODEJS_PROCESS": "1"}
    # Compiled modules are kept, as they are for users: reading the source again would be most of the start-up.
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    if name == "node":
        script = folder / "node_modules" / "@pulumi" / "pulumi" / "cmd" / "run-policy-pack"
        command = ["node", str(script), "127.0.0.1:1", str(folder)]
    else:
        command = [sys.executable, "-u", "-m", "pulumi.policy", "127.0.0.1:1", str(folder)]
    began = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.PIPE, env=environment, cwd=folder, text=True)
    if process.stdout is None:
        raise RuntimeError("the server has no output")
    port = process.stdout.readline().strip()
    took = time.perf_counter() - began
    if not port.isdigit():
        process.kill()
        raise RuntimeError(f"{name} did not start: {port}")
    options = [
        ("grpc.max_send_message_length", LARGEST_MESSAGE),
        ("grpc.max_receive_message_length", LARGEST_MESSAGE),
    ]
    channel = grpc.insecure_channel(f"127.0.0.1:{port}", options=options)
    try:
        yield analyzer_pb2_grpc.AnalyzerStub(channel), took, process.pid
    finally:
        channel.close()
        process.terminate()
        process.wait(10)


def start_times(names: Sequence[str]) -> dict[str, float]:
    """Start every server several times, in turn, so that a bad minute of the machine is bad for all of them."""
    times: dict[str, list[float]] = {name: [] for name in names}
    for _ in range(STARTS):
        for name in names:
            # The pack as it is, and not with rules repeated.
            with server(name, ROOT if name == "ours" else None) as (stub, took, _pid):
                stub.GetAnalyzerInfo(empty_pb2.Empty())
                times[name].append(took)
    return {name: min(some) for name, some in times.items()}


def measure(found: Mapping[str, Figures], load: Workload) -> None:
    """Ask servers all about one stack, in turn: whatever disturbs the machine for a while disturbs all of them."""
    with contextlib.ExitStack() as open_servers:
        running = {name: open_servers.enter_context(server(name)) for name in found}
        for number in range(ROUNDS):
            for name, (stub, _took, pid) in running.items():
                if number and name in SLOW and load.size == SIZES[-1]:
                    continue
                _ask(stub, name, found[name], load)
                if number == 0:  # the engine asks once
                    found[name].memory = peak(pid)


def _ask(stub: analyzer_pb2_grpc.AnalyzerStub, name: str, figures: Figures, load: Workload) -> None:
    asked = load.requests[:ANALYZED]
    _each(stub, asked[:50])
    _keep_best(figures.analyze, load.size, timed(partial(_each, stub, asked)) / len(asked))
    # The pack remembers what it heard of each resource, so it must have heard of all.
    _each(stub, load.requests[ANALYZED:] if name == "ours" else ())
    _keep_best(figures.stack, load.size, timed(partial(stub.AnalyzeStack, load.whole)))


def _keep_best(times: dict[int, float], size: int, took: float) -> None:
    times[size] = min(took, times.get(size, took))


def _each(stub: analyzer_pb2_grpc.AnalyzerStub, requests: Sequence[analyzer_pb2.AnalyzeRequest]) -> None:
    for request in requests:
        stub.Analyze(request)


def timed(work: Callable[[], object]) -> float:
    """Give the seconds that something takes."""
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def peak(pid: int) -> float | None:
    """Give the peak memory of a process in mebibytes, where the system tells."""
    status = Path(f"/proc/{pid}/status")
    if not status.exists():
        return None
    line = next((text for text in status.read_text().splitlines() if text.startswith("VmHWM")), None)
    return int(line.split()[1]) / 1024 if line else None


def prepare_node() -> bool:
    """Install the Node.js SDK, if there is a Node.js; else say that it is left out."""
    folder = HERE / "packs" / "node"
    if shutil.which("node") is None or shutil.which("npm") is None:
        print("no Node.js here: its SDK is left out", file=sys.stderr)
        return False
    if not (folder / "node_modules").exists():
        subprocess.run(["npm", "install", "--no-audit", "--no-fund", "--silent"], cwd=folder, check=True)
    return True


def whole_processes(workloads: Sequence[Workload]) -> dict[str, float]:
    """Time commands of the pack from their start to their end."""
    found = {}
    for program in ("stacks/reference", "examples/starting_program"):
        found[f"check {program}"] = min(timed(partial(_command, "check", program)) for _ in range(2))
    with tempfile.TemporaryDirectory() as folder:
        for load in workloads:
            file = Path(folder) / f"{load.size}.json"
            file.write_text(json.dumps(stack_export(load.resources)))
            found[f"audit, {load.size:,} resources"] = min(
                timed(partial(_command, "audit", str(file))) for _ in range(2)
            )
    return found


def _command(*arguments: str) -> None:
    command = [sys.executable, "-m", "policypack.cli", *arguments]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, check=False)
    if done.returncode not in {0, 1}:
        raise RuntimeError(done.stderr.decode())
