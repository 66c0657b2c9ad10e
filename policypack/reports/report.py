"""What a report tells: one judgement, and the run that led to it."""

from __future__ import annotations

import functools
import os
from typing import TYPE_CHECKING, Final

from policypack.engine.standing import Standing
from policypack.engine.verdict import Status
from policypack.model.graph import urn_name, urn_type
from policypack.model.records import dataclass, field
from policypack.reports.cleaning import Cleaner
from policypack.rules.contract import Level

if TYPE_CHECKING:
    from pathlib import Path

    from policypack.engine.baseline import Fixed
    from policypack.engine.judgement import Judgement
    from policypack.engine.standing import Stand
    from policypack.engine.verdict import Verdict
    from policypack.engine.waivers import StaleWaiver, Waiver
    from policypack.model.resource import SourcePosition
    from policypack.rules.contract import Rule
    from policypack.topology.tree import Node

_WAYS: Final = {
    "program": "a dry run of the program: no cloud, no account",
    "preview": "a preview: what would be deployed",
    "stack export": "a stack export: what was deployed",
}


@dataclass(frozen=True)
class Origin:
    """Where a deployment was read from.

    Attributes:
        kind: The way in: `program`, `preview` or `stack export`.
        path: What the user named, as written.
        directory: Folder of the project, absolute; source positions are relative to it. None where only the program
            would tell.
        main: The program's entry, relative to the folder.
    """

    kind: str
    path: str
    directory: Path | None = None
    main: str = ""

    @property
    def way(self) -> str:
        """The way in, as words that follow "judged by"."""
        return _WAYS.get(self.kind, self.kind)

    def nearest(self, position: SourcePosition) -> str:
        """Give a position as the shortest path that an editor can open from the current folder."""
        if self.directory is None:
            return str(position)
        file = self.directory / position.file
        relative = os.path.relpath(file)
        return f"{position.file if relative.startswith('..') else relative}:{position.line}"


@dataclass(frozen=True)
class Fault:
    """One finding, with all that is known of its resource.

    Attributes:
        verdict: The verdict it belongs to.
        urn: The resource at fault.
        name: Its name in the program.
        type: Its type token.
        source: Where the program made it, if that is known.
        path: The property at fault; "" for the resource as a whole.
        found: What is there.
        expected: What good looks like.
        level: The level at which it speaks: what is waived or known is advisory at the most.
        stand: Whether it counts, is waived, or known; and by which waiver, or which one has expired.
    """

    verdict: Verdict
    urn: str
    name: str
    type: str
    source: SourcePosition | None
    path: str
    found: str
    expected: str
    level: Level
    stand: Stand

    @property
    def open(self) -> bool:
        """True if it counts: it is neither waived nor known."""
        return not self.stand.accepted


@dataclass(frozen=True, eq=False)
class Report:
    """A judgement and its run.

    Attributes:
        judgement: The verdicts.
        origin: What was judged.
        load_balancers: Each front end, down to the regions that serve it.
        notes: What the run has to say, such as a setting it could not follow.
        seconds: Time taken, from the start of the command.
        secrets: Secrets beyond those in the resources, such as those of the stack's config.
    """

    judgement: Judgement
    origin: Origin
    load_balancers: tuple[Node, ...] = ()
    notes: tuple[str, ...] = field(default=())
    seconds: float = 0.0
    secrets: frozenset[str] = frozenset()

    @property
    def exit_code(self) -> int:
        """1 if anything mandatory was found, else 0."""
        return 1 if self.judgement.blocking else 0

    @property
    def empty(self) -> bool:
        """True if the stack manages nothing that could be judged."""
        return not self.judgement.deployment.judged

    @functools.cached_property
    def cleaner(self) -> Cleaner:
        """What takes the secrets of the stack out of every text."""
        return Cleaner(self.judgement.deployment.graph.secrets | self.secrets)

    @functools.cached_property
    def faults(self) -> tuple[Fault, ...]:
        """Every finding: mandatory ones first, then by severity, rule, resource and property."""
        failed = self.judgement.with_status(Status.FAIL)
        return tuple(fault for verdict in failed for fault in self.faults_of(verdict))

    def faults_of(self, verdict: Verdict) -> list[Fault]:
        """Give the findings of one verdict, by resource and property."""
        graph = self.judgement.deployment.graph
        faults = []
        for finding in sorted(verdict.findings):
            resource = graph.by_urn.get(finding.urn)
            faults.append(
                Fault(
                    verdict=verdict,
                    urn=finding.urn,
                    name=resource.name if resource else urn_name(finding.urn),
                    type=resource.type if resource else urn_type(finding.urn),
                    source=resource.source if resource else None,
                    path=finding.path,
                    found=finding.found,
                    expected=finding.expected,
                    level=self.judgement.finding_level(verdict, finding),
                    stand=self.judgement.stand(verdict, finding),
                )
            )
        return faults

    def count(self, level: Level) -> int:
        """Count the findings of a level that count: those that are neither waived nor known."""
        return sum(fault.open and fault.level is level for fault in self.faults)

    def standing(self, standing: Standing) -> tuple[Fault, ...]:
        """Give the findings that stand so, in the order of all."""
        return tuple(fault for fault in self.faults if fault.stand.standing is standing)

    @property
    def expired(self) -> tuple[Fault, ...]:
        """The findings that count again because a waiver has expired."""
        return tuple(fault for fault in self.faults if fault.stand.expired is not None)

    @property
    def waivers(self) -> tuple[Waiver, ...]:
        """Every waiver of the configuration that has no mistake, expired ones included."""
        return self.judgement.settings.waivers

    @property
    def stale_waivers(self) -> tuple[StaleWaiver, ...]:
        """The waivers that are about this stack and waive nothing in it."""
        return self.judgement.stale_waivers

    @property
    def fixed(self) -> tuple[Fixed, ...]:
        """The entries of the baseline that could go, or shrink; empty where there is no baseline."""
        return self.judgement.fixed

    def parameters_of(self, rule: Rule) -> dict[str, object]:
        """Give the parameters a rule ran with."""
        return dict(sorted(self.judgement.settings.parameters_of(rule).items()))
