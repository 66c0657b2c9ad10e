"""What has changed in an organisation since a former report: which findings came and went, and with which stacks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import TYPE_CHECKING, TypeAlias

from policypack.engine.frameworks import Result
from policypack.model.records import dataclass, field

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from policypack.reports.organisation.former import FormerOrganisation, FormerStack
    from policypack.reports.organisation.summary import Line, StackSummary

Key: TypeAlias = "tuple[str, str, str]"
"""Rule, URN and property of a finding."""

FINDINGS = frozenset({"violation", "waived", "known"})
"""What is a finding, whether it counts or not: a debt that is waived or known is still one."""


@dataclass(frozen=True)
class Point:
    """Where an organisation stood on a day.

    Attributes:
        date: The day, as `YYYY-MM-DD`.
        stacks: How many were judged.
        failed: In how many something mandatory was found.
        mandatory, advisory, waived, known: Findings.
        areas: Findings of each area, whether they count or not.
    """

    date: str
    stacks: int
    failed: int
    mandatory: int
    advisory: int
    waived: int
    known: int
    areas: Mapping[str, int] = field(default_factory=dict)

    @property
    def debt(self) -> int:
        """Findings, whether they count or not."""
        return self.mandatory + self.advisory + self.waived + self.known


@dataclass(frozen=True)
class Change:
    """What became of findings.

    Attributes:
        new: Those that were not there, in stacks that were.
        fixed: Those that are gone, in stacks that are still there.
        unsure: Those that are no longer found, though nobody can say that they are fixed: their rule is switched off,
            broke, or could not be decided.
        came: Those of stacks that were not there.
        left: Those of stacks that are not among those of today.
    """

    new: int = 0
    fixed: int = 0
    unsure: int = 0
    came: int = 0
    left: int = 0

    @property
    def difference(self) -> int:
        """How many more findings there are than before."""
        return self.new + self.came - self.fixed - self.unsure - self.left

    @property
    def paid(self) -> bool:
        """True if debt has been paid back: more is fixed than is new. What is no longer looked for is not paid."""
        return self.fixed > self.new


@dataclass(frozen=True)
class Trend:
    """What has changed since a former report.

    Attributes:
        name: What the report is called.
        date: Its day; "" where it does not tell.
        version: Version of the pack that made it.
        added: Stacks that were not there.
        gone: Stacks that are no longer among those that are judged.
        missing: Stacks that were there, and could not be judged today.
        total: What became of all findings.
        areas: What became of the findings of each area.
        stacks: What became of the findings of each stack, by the name of its row.
        new: The findings that are new, of each stack that was there before.
    """

    name: str
    date: str
    version: str
    added: tuple[str, ...]
    gone: tuple[str, ...]
    missing: tuple[str, ...]
    total: Change
    areas: Mapping[str, Change]
    stacks: Mapping[str, Change]
    new: Mapping[str, frozenset[Key]]


def trend_of(
    former: FormerOrganisation,
    now: Sequence[tuple[str, StackSummary]],
    unread: Iterable[str],
    rules: Sequence[str],
) -> Trend:
    """Compare the stacks of today with a former report.

    Args:
        former: The former report.
        now: The stacks, by the names of their rows.
        unread: Places that could not be judged today: their stacks are missing, not gone.
        rules: Names of all rules of the pack.
    """
    count = _Count()
    names = {name for name, _ in now}
    unreadable = set(unread)
    away = {name: stack for name, stack in former.stacks.items() if name not in names}
    missing = {name for name, stack in away.items() if stack.place in unreadable}
    for name, summary in now:
        before = former.stacks.get(name)
        if before is None:
            count.all(name, "came", (line.area for line in _findings(summary)))
        else:
            count.compare(name, before, summary, sorted(rules))
    for name in away.keys() - missing:
        count.all(name, "left", away[name].findings.values())
    return Trend(
        name=former.name,
        date=former.date,
        version=former.version,
        added=tuple(sorted(names - former.stacks.keys())),
        gone=tuple(sorted(away.keys() - missing)),
        missing=tuple(sorted(missing)),
        total=_change(count.total),
        areas={area: _change(changes) for area, changes in sorted(count.areas.items())},
        stacks={name: _change(changes) for name, changes in sorted(count.stacks.items())},
        new=count.new,
    )


class _Count:
    """Counts what became of findings: in all, by area and by stack."""

    def __init__(self) -> None:
        self.total: Counter[str] = Counter()
        self.areas: dict[str, Counter[str]] = {}
        self.stacks: dict[str, Counter[str]] = {}
        self.new: dict[str, frozenset[Key]] = {}

    def all(self, stack: str, what: str, areas: Iterable[str]) -> None:
        for area in areas:
            for count in (self.total, self.areas.setdefault(area, Counter()), self.stacks.setdefault(stack, Counter())):
                count[what] += 1

    def compare(self, name: str, before: FormerStack, summary: StackSummary, rules: Sequence[str]) -> None:
        found = {line.key: line.area for line in _findings(summary)}
        new = {key: area for key, area in found.items() if key not in before.findings}
        self.new[name] = frozenset(new)
        self.all(name, "new", new.values())
        silent = _silent(summary, rules)
        for key, area in before.findings.items():
            if key not in found:
                rule, urn, _ = key
                unsure = rule in silent or (rule, urn) in silent
                self.all(name, "unsure" if unsure else "fixed", [area])


def _silent(summary: StackSummary, rules: Sequence[str]) -> set[object]:
    """Give the rules that were switched off, and where rules broke or could not decide."""
    off = {rule for rule, came in summary.results(rules).items() if came is Result.DISABLED} if summary.outcomes else ()
    unsaid = {(line.rule, line.urn) for line in summary.lines if line.status in {"undecided", "error"}}
    return {*off, *unsaid}


def _findings(summary: StackSummary) -> list[Line]:
    return [line for line in summary.lines if line.status in FINDINGS]


def _change(count: Counter[str]) -> Change:
    return Change(**count)
