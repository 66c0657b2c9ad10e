"""Measures what the pack costs, against other servers, in one run: `make bench`.

Every server is a process of its own, started as the engine starts it, and asked the same questions over gRPC. Only the
ratios mean something: machines differ, and so do their bad days. `--quick` leaves out the largest stack.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import grpc
from google.protobuf import empty_pb2
from pulumi.runtime.proto import analyzer_pb2_grpc

from benchmarks.synthetic import analyze_requests, stack, stack_request

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
PYTHON_PACKS = ("nothing", "decode_once", "one_policy", "ours", "sdk")
LABELS = {
    "nothing": "does nothing",
    "decode_once": "decodes once",
    "one_policy": "one policy on the SDK",
    "ours": "this pack, 60 rules",
    "sdk": "same rules on the SDK's server",
    "node": "60 trivial policies, Node.js SDK",
}
SIZES = (100, 1_000, 10_000)
STARTS = 5
ANALYZED = 1_000
LARGEST = 400 * 1024 * 1024


@dataclass
class Figures:
    """What was measured of one server. Seconds, and mebibytes."""

    start: float = 0.0
    analyze: dict[int, float] = field(default_factory=dict)
    stack: dict[int, float] = field(default_factory=dict)
    memory: float | None = None


@contextlib.contextmanager
def server(name: str) -> Iterator[tuple[analyzer_pb2_grpc.AnalyzerStub, float, int]]:
    """Start a pack; give a stub, the time until its port was known, and its process id."""
    folder = HERE / "packs" / name
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PULUMI_NODEJS_PROCESS": "1"}
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
    options = [("grpc.max_send_message_length", LARGEST), ("grpc.max_receive_message_length", LARGEST)]
    channel = grpc.insecure_channel(f"127.0.0.1:{port}", options=options)
    try:
        yield analyzer_pb2_grpc.AnalyzerStub(channel), took, process.pid
    finally:
        channel.close()
        process.terminate()
        process.wait(10)


def peak(pid: int) -> float | None:
    """Give the peak memory of a process in mebibytes, where the system tells."""
    status = Path(f"/proc/{pid}/status")
    if not status.exists():
        return None
    line = next((text for text in status.read_text().splitlines() if text.startswith("VmHWM")), None)
    return int(line.split()[1]) / 1024 if line else None


def measure(name: str, sizes: tuple[int, ...]) -> Figures:
    """Measure one server."""
    figures = Figures()
    starts = []
    for _ in range(STARTS):
        with server(name) as (stub, took, _pid):
            stub.GetAnalyzerInfo(empty_pb2.Empty())
            starts.append(took)
    figures.start = statistics.median(starts)
    for size in sizes:
        resources = stack(size)
        requests = analyze_requests(resources)
        whole = stack_request(resources)
        with server(name) as (stub, _took, pid):
            for request in requests[:20]:
                stub.Analyze(request)
            began = time.perf_counter()
            for request in requests[:ANALYZED]:
                stub.Analyze(request)
            figures.analyze[size] = (time.perf_counter() - began) / min(size, ANALYZED)
            for request in requests[ANALYZED:] if name in {"ours"} else ():
                stub.Analyze(request)
            rounds = []
            for _ in range(3 if size < SIZES[-1] or name in {"nothing", "decode_once", "ours"} else 1):
                began = time.perf_counter()
                stub.AnalyzeStack(whole)
                rounds.append(time.perf_counter() - began)
            figures.stack[size] = min(rounds)
            figures.memory = peak(pid)
    return figures


def prepare_node() -> bool:
    """Install the Node.js SDK, if there is a Node.js; else say that it is left out."""
    folder = HERE / "packs" / "node"
    if shutil.which("node") is None or shutil.which("npm") is None:
        print("no Node.js here: its SDK is left out")
        return False
    if not (folder / "node_modules").exists():
        subprocess.run(["npm", "install", "--no-audit", "--no-fund", "--silent"], cwd=folder, check=True)
    return True


def whole_process(command: list[str]) -> float:
    """Time a command from its start to its end; the best of three."""
    times = []
    for _ in range(3):
        began = time.perf_counter()
        done = subprocess.run(command, cwd=ROOT, capture_output=True, check=False)
        times.append(time.perf_counter() - began)
        if done.returncode not in {0, 1}:
            raise RuntimeError(done.stderr.decode())
    return min(times)


def table(found: dict[str, Figures], sizes: tuple[int, ...]) -> str:
    """Write the figures as a table."""
    base = found["nothing"]
    head = [
        "server",
        "start-up",
        *(f"Analyze, {size:,}" for size in sizes),
        *(f"AnalyzeStack, {size:,}" for size in sizes),
        "memory",
    ]
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    for name, figures in found.items():
        cells = [LABELS[name], f"{figures.start:.2f} s ({figures.start / found['one_policy'].start:.2f}×)"]
        cells += [
            f"{figures.analyze[size] * 1e3:.2f} ms ({figures.analyze[size] / base.analyze[size]:.1f}×)"
            for size in sizes
        ]
        cells += [
            f"{figures.stack[size]:.3f} s ({figures.stack[size] / found['decode_once'].stack[size]:.1f}×)"
            for size in sizes
        ]
        cells.append("–" if figures.memory is None else f"{figures.memory:.0f} MiB")
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines)


def main() -> None:
    """Measure and print."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--quick", action="store_true", help="leave out the largest stack")
    arguments.add_argument("--only", nargs="*", help="names of servers")
    chosen = arguments.parse_args()
    sizes = SIZES[:-1] if chosen.quick else SIZES
    names = [*PYTHON_PACKS, *(["node"] if prepare_node() else [])]
    if chosen.only:
        names = [name for name in names if name in {*chosen.only, "nothing", "decode_once", "one_policy"}]
    found = {}
    for name in names:
        print(f"measuring: {LABELS[name]}", file=sys.stderr, flush=True)
        found[name] = measure(name, sizes)
    print(table(found, sizes))
    print(
        "\nIn brackets: start-up against one policy on the SDK, "
        "Analyze against doing nothing, AnalyzeStack against decoding once."
    )
    print("\n| command, as a whole process | time |\n|---|---|")
    for program in ("stacks/reference", "examples/starting_program"):
        took = whole_process([sys.executable, "-m", "policypack.cli", "check", program])
        print(f"| `check {program}` | {took:.1f} s |")


if __name__ == "__main__":
    main()
