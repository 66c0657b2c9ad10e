"""Writes what was measured: tables, and the bars that the pack is held to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from benchmarks.measuring import Figures
from benchmarks.workload import Workload

LABELS = {
    "nothing": "does nothing",
    "decode_once": "decodes once",
    "one_policy": "one policy on the SDK",
    "ours": "this pack",
    "sdk": "same rules on the SDK's server",
    "node": "60 trivial policies, Node.js SDK",
}

ANALYZE_BAR = 1.5
STACK_BAR, PER_PAIR = 3, 5e-6
SDK_BAR = 10
START_BAR = 1.3


def table(found: Mapping[str, Figures], sizes: Sequence[int]) -> str:
    """Write the figures as a table."""
    base = found["nothing"]
    head = [
        "server",
        "start-up",
        *(f"Analyze, {size:,}" for size in sizes),
        *(f"AnalyzeStack, {size:,}" for size in sizes),
        "peak memory",
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


def bars(found: Mapping[str, Figures], workloads: Sequence[Workload]) -> str:
    """Hold the pack to its bars."""
    ours, largest = found["ours"], workloads[-1].size
    lines = ["| bar | allowed | measured | |", "|---|---|---|---|"]
    lines.append(_bar("start-up, against one policy", START_BAR, ours.start / found["one_policy"].start, "×"))
    for load in workloads:
        ratio = ours.analyze[load.size] / found["nothing"].analyze[load.size]
        lines.append(_bar(f"Analyze, {load.size:,} resources, against doing nothing", ANALYZE_BAR, ratio, "×"))
    for load in workloads:
        allowed = STACK_BAR * found["decode_once"].stack[load.size] + PER_PAIR * load.pairs
        what = f"AnalyzeStack, {load.size:,} resources, {load.pairs:,} pairs of rule and subject"
        lines.append(_bar(what, allowed, ours.stack[load.size], " s"))
    if len(workloads) > 1:
        before = workloads[-2].size
        growth = (ours.stack[largest] / largest) / (ours.stack[before] / before)
        what = f"AnalyzeStack per resource, {largest:,} against {before:,} (1 is linear)"
        lines.append(_bar(what, 1.5, growth, "×"))
    if "sdk" in found:
        ratio = found["sdk"].stack[largest] / ours.stack[largest]
        lines.append(_bar(f"faster than the SDK's server, AnalyzeStack, {largest:,} resources", SDK_BAR, ratio, "×", 1))
    return "\n".join(lines)


def _bar(what: str, bar: float, measured: float, unit: str, least: int = 0) -> str:
    met = measured >= bar if least else measured <= bar
    word = "at least" if least else "at most"
    return f"| {what} | {word} {bar:.3g}{unit} | {measured:.3g}{unit} | {'met' if met else '**not met**'} |"


def process_table(found: Mapping[str, float]) -> str:
    """Write how long commands take as whole processes."""
    rows = [f"| `{command}` | {took:.1f} s |" for command, took in found.items()]
    return "\n".join(["| command, as a whole process | time |", "|---|---|", *rows])
