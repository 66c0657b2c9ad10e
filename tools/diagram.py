"""Draws the reference stack as Mermaid, from the graph that the program registers.

    venv/bin/python tools/diagram.py > stacks/reference/ARCHITECTURE.md

`make docs` does it, and `make docs-check` fails if the page is out of date.

A node is a component, an edge says that a resource of one refers to a resource of the other. Regions are alike, so one
stands for all.
"""

from __future__ import annotations

import re
import sys
from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING, Final

from policypack.sources.program import run_program

if TYPE_CHECKING:
    from collections.abc import Iterable

    from policypack.model.resource import Resource

ROOT: Final = Path(__file__).resolve().parents[1]
REFERENCE: Final = ROOT / "stacks" / "reference"

TOPOLOGIES: Final = ("regional-psc", "global-direct")
EVERYWHERE: Final = ("Networks", "Identities", "Keys", "Notifications", "PublicZone", "Apis", "ServiceAgents")
"""Components that nearly every other one refers to: drawn, their edges would hide all others."""

_OWN: Final = "multiregion:index:"


def architecture() -> str:
    """Write the page: a diagram for each topology, and the table of the components."""
    lines = [
        "# Architecture, as the program registers it",
        "",
        "Generated from the graph of the stack, with its default regions; one region stands for all. An arrow goes",
        "from what refers to what is referred to. Left out, since nearly everything refers to them:",
        f"{', '.join(EVERYWHERE)}.",
    ]
    counts: dict[str, dict[str, int]] = {}
    for topology in TOPOLOGIES:
        resources = tuple(run_program(REFERENCE, stack="dev", config={"topology": topology}).resources)
        graph = _Graph(resources)
        counts[topology] = graph.counts()
        managed = sum(one.type.startswith("gcp:") for one in resources)
        lines += ["", f"## {topology}", "", f"{managed} resources of Google Cloud.", "", "```mermaid"]
        lines += [*graph.mermaid(), "```"]
    lines += ["", "## Components", "", f"| component | {' | '.join(TOPOLOGIES)} |", "|---|---|---|"]
    for kind in sorted({kind for each in counts.values() for kind in each}):
        lines.append(f"| {kind} | {' | '.join(str(counts[topology].get(kind, '-')) for topology in TOPOLOGIES)} |")
    lines += ["", "The numbers are resources of Google Cloud, over all regions."]
    return "\n".join(lines) + "\n"


class _Graph:
    def __init__(self, resources: tuple[Resource, ...]) -> None:
        self._by_urn = {one.urn: one for one in resources}
        self._managed = [one for one in resources if one.type.startswith("gcp:")]

    def counts(self) -> dict[str, int]:
        """Count the resources of each kind of component."""
        found: dict[str, int] = defaultdict(int)
        for one in self._managed:
            found[self._kind(one.urn)] += 1
        return dict(found)

    def mermaid(self) -> Iterable[str]:
        edges = {
            (self._kind(one.urn), self._kind(urn))
            for one in self._managed
            for urns in one.property_dependencies.values()
            for urn in urns
            if urn in self._by_urn and self._by_urn[urn].type.startswith("gcp:")
        }
        shown = sorted(
            (start, end) for start, end in edges if start != end and not {start, end}.intersection(EVERYWHERE)
        )
        nodes = {self._kind(one.urn) for one in self._managed}.difference(EVERYWHERE)
        regional = {kind for kind in nodes if self._regional(kind)}
        yield "flowchart LR"
        for kind in sorted(nodes - regional):
            yield f"  {kind}[{_words(kind)}]"
        yield "  subgraph region [each region]"
        for kind in sorted(regional):
            yield f"    {kind}[{_words(kind)}]"
        yield "  end"
        for start, end in shown:
            yield f"  {start} --> {end}"

    def _component(self, urn: str) -> Resource | None:
        one = self._by_urn.get(urn)
        while one is not None and not one.type.startswith(_OWN):
            one = self._by_urn.get(one.parent or "")
        return one

    def _kind(self, urn: str) -> str:
        found = self._component(urn)
        return found.type.removeprefix(_OWN) if found else "Stack"

    def _regional(self, kind: str) -> bool:
        """Tell whether a kind of component stands within a region."""
        for one in self._by_urn.values():
            parent: Resource | None = one if one.type == f"{_OWN}{kind}" else None
            while parent is not None:
                if parent.type == f"{_OWN}RegionStack":
                    return True
                parent = self._by_urn.get(parent.parent or "")
        return False


def _words(kind: str) -> str:
    return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", kind)


if __name__ == "__main__":
    sys.stdout.write(architecture())
