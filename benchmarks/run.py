"""Measures what the pack costs, against other servers, in one run: `make bench`.

Every server is a process of its own, started as the engine starts it, and asked the same questions over gRPC. Only the
ratios mean something: machines differ, and so do their bad days. Whatever is short is measured several times, the
servers in turn, and the best time counts, since what disturbs a measurement only ever adds to it.

`--quick` leaves out the largest stack; `--only NAME…` measures fewer servers.
"""

from __future__ import annotations

import argparse
import sys

from benchmarks.measuring import ROUNDS, Figures, measure, prepare_node, start_times, whole_processes
from benchmarks.tables import LABELS, bars, process_table, table
from benchmarks.workload import SIZES, Workload

PYTHON_PACKS = ("nothing", "decode_once", "one_policy", "ours", "sdk")
YARDSTICKS = ("nothing", "decode_once", "one_policy")


def main() -> None:
    """Measure and print."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--quick", action="store_true", help="leave out the largest stack")
    arguments.add_argument("--only", nargs="*", metavar="NAME", choices=LABELS, help="names of servers")
    chosen = arguments.parse_args()
    sizes = SIZES[:-1] if chosen.quick else SIZES
    names = [name for name in PYTHON_PACKS if not chosen.only or name in {*chosen.only, *YARDSTICKS}]
    if (not chosen.only or "node" in chosen.only) and prepare_node():
        names.append("node")
    workloads = [Workload(size) for size in sizes]
    _tell("start-up of every server")
    found = {name: Figures(start) for name, start in start_times(names).items()}
    for load in workloads:
        _tell(f"{load.size:,} resources")
        measure(found, load)
    print(table(found, sizes))
    print(
        f"\nBest of {ROUNDS} rounds. In brackets: start-up against one policy on the SDK, "
        "Analyze against doing nothing, AnalyzeStack against decoding once."
    )
    if "ours" in found:
        print(f"\n{bars(found, workloads)}")
    _tell("whole processes")
    print(f"\n{process_table(whole_processes(workloads))}")


def _tell(what: str) -> None:
    print(f"measuring: {what}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
