"""Many stacks together: which is worst, who owns what, which rule costs most, and what has changed since."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Final

from policypack.model.records import cached_property, dataclass, field
from policypack.reports.cleaning import escape
from policypack.reports.organisation.summary import without_credentials
from policypack.reports.organisation.trend import Point, trend_of
from policypack.rules.areas import AREAS
from policypack.rules.contract import Level
from policypack.rules.registry import all_rules

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from policypack.reports.audit import Unread
    from policypack.reports.organisation.former import FormerOrganisation
    from policypack.reports.organisation.summary import Cleanup, Line, StackSummary
    from policypack.reports.organisation.trend import Trend
    from policypack.rules.contract import Rule

WEIGHTS: Final[Mapping[str, int]] = {"critical": 10, "high": 5, "medium": 2, "low": 1}
"""What a finding of each severity weighs where stacks are ordered."""

VERDICTS: Final = ("mandatory", "advisory", "error", "undecided", "accepted", "pass", "none")
"""What a stack can come out as in an area, worst first; `none`: no rule had anything to judge."""


@dataclass(frozen=True)
class Tally:
    """Things that are said, counted: findings that count by their level, and the others.

    Attributes:
        mandatory, advisory: Findings that count.
        errors, undecided: Rules that broke, and questions that cannot be decided yet.
        waived, known: Findings that do not count.
    """

    mandatory: int = 0
    advisory: int = 0
    errors: int = 0
    undecided: int = 0
    waived: int = 0
    known: int = 0

    @property
    def accepted(self) -> int:
        """Findings that do not count."""
        return self.waived + self.known

    @property
    def debt(self) -> int:
        """Findings, whether they count or not."""
        return self.mandatory + self.advisory + self.accepted


@dataclass(frozen=True)
class Cell:
    """One stack in one area.

    Attributes:
        verdict: The gravest, one of `VERDICTS`.
        tally: What is said there.
        passed: How many rules passed.
    """

    verdict: str
    tally: Tally
    passed: int = 0

    @property
    def count(self) -> int:
        """How much there is of the gravest; 0 where nothing was said."""
        tally = self.tally
        counts = {
            "mandatory": tally.mandatory,
            "advisory": tally.advisory,
            "error": tally.errors,
            "undecided": tally.undecided,
            "accepted": tally.accepted,
        }
        return counts.get(self.verdict, 0)


@dataclass(frozen=True)
class Row:
    """One stack of the table.

    Attributes:
        name: What it is called; no two rows share it.
        summary: What is kept of it.
        tally: What is said of it.
        weight: What its mandatory findings weigh.
        cells: Its areas, in the order of `Organisation.areas`.
    """

    name: str
    summary: StackSummary
    tally: Tally
    weight: int
    cells: tuple[Cell, ...]


@dataclass(frozen=True)
class OwnerRow:
    """One owner.

    Attributes:
        name: The owner; "" for the stacks of which none is known.
        stacks: How many stacks are theirs.
        failed: How many of those have something mandatory.
        tally: What is said of all of them.
        worst: Name of the worst of them.
    """

    name: str
    stacks: int
    failed: int
    tally: Tally
    worst: str


@dataclass(frozen=True)
class RuleRow:
    """One rule of which something is said.

    Attributes:
        rule: The rule.
        failing: Stacks with a finding of it that counts.
        stacks: Stacks of which it says anything.
        tally: What it says.
    """

    rule: Rule
    failing: int
    stacks: int
    tally: Tally


def today() -> str:
    """Give the day (UTC), as `YYYY-MM-DD`."""
    return datetime.now(timezone.utc).date().isoformat()


@dataclass(frozen=True, eq=False)
class Organisation:
    """What came of every stack.

    Attributes:
        summaries: Those that were judged.
        unread: Those that could not be.
        seconds: Time taken, from the start of the command.
        former: A former report, to compare with.
        rules: The rules that judged, disabled ones included.
        date: The day of the report (UTC), as `YYYY-MM-DD`; today unless given.
        known_elsewhere: Findings of the baseline in stacks that are not among these.
    """

    summaries: tuple[StackSummary, ...]
    unread: tuple[Unread, ...] = ()
    seconds: float = 0.0
    former: FormerOrganisation | None = None
    rules: tuple[Rule, ...] = field(default_factory=all_rules)
    date: str = field(default_factory=today)
    known_elsewhere: int = 0

    @cached_property
    def areas(self) -> tuple[str, ...]:
        """The areas of which rules ran, in the order of the index."""
        ran = {count.area for summary in self.summaries for count in summary.areas}
        return tuple(sorted(ran, key=lambda area: (_ORDER.get(area, len(_ORDER)), area)))

    @cached_property
    def rows(self) -> tuple[Row, ...]:
        """The stacks, worst first.

        By the weight of the mandatory findings, then by their number; by whether they fail for anything else; by the
        weight of the advisory ones, by what broke or could not be decided, by what is waived or known, and by name.
        """
        rows = [self._row(name, summary) for name, summary in self._named]
        return tuple(sorted(rows, key=_badness))

    @cached_property
    def _named(self) -> tuple[tuple[str, StackSummary], ...]:
        """Every stack by a name of its own: two that are called alike are told apart by where they were read."""
        often = Counter(summary.name for summary in self.summaries)
        named = []
        seen: Counter[str] = Counter()
        for summary in self.summaries:
            name = summary.name if often[summary.name] == 1 else f"{summary.name} ({summary.place})"
            seen[name] += 1
            named.append((name if seen[name] == 1 else f"{name} #{seen[name]}", summary))
        return tuple(named)

    def _row(self, name: str, summary: StackSummary) -> Row:
        of_area: dict[str, list[Line]] = defaultdict(list)
        for line in summary.lines:
            of_area[line.area].append(line)
        counts = {count.area: count for count in summary.areas}
        cells = []
        for area in self.areas:
            tally, count = tally_of(of_area.get(area, ())), counts.get(area)
            # What the configuration ignores is no line: the rules say that it is there.
            undecided = bool(count and count.undecided)
            cells.append(
                Cell(_verdict(tally, undecided, count.passed if count else 0), tally, count.passed if count else 0)
            )
        return Row(name, summary, tally_of(summary.lines), weight_of(summary.lines, Level.MANDATORY), tuple(cells))

    @cached_property
    def by_name(self) -> Mapping[str, StackSummary]:
        """Every stack by the name of its row."""
        return dict(self._named)

    @cached_property
    def owners(self) -> tuple[OwnerRow, ...]:
        """The owners, worst first, by the weight of their mandatory findings; "" has the stacks that nobody owns."""
        of_owner: dict[str, list[Row]] = defaultdict(list)
        for row in self.rows:
            of_owner[row.summary.owner.name].append(row)
        ordered = sorted(of_owner.items(), key=lambda one: (-sum(row.weight for row in one[1]), *_badness(one[1][0])))
        return tuple(
            OwnerRow(
                name,
                len(rows),
                sum(bool(row.summary.exit_code) for row in rows),
                _sum(row.tally for row in rows),
                rows[0].name,
            )
            for name, rows in ordered
        )

    @cached_property
    def rule_rows(self) -> tuple[RuleRow, ...]:
        """The rules of which something is said: first those with findings that count in the most stacks."""
        lines: dict[str, list[Line]] = defaultdict(list)
        failing: Counter[str] = Counter()
        stacks: Counter[str] = Counter()
        for summary in self.summaries:
            for line in summary.lines:
                lines[line.rule].append(line)
            stacks.update({line.rule for line in summary.lines})
            failing.update({line.rule for line in summary.lines if line.status == "violation"})
        by_name = {rule.name: rule for rule in self.rules}
        rows = [
            RuleRow(by_name[name], failing[name], stacks[name], tally_of(said))
            for name, said in lines.items()
            if name in by_name
        ]
        return tuple(sorted(rows, key=lambda row: (-row.failing, row.rule.severity.rank, -row.stacks, row.rule.name)))

    @cached_property
    def tally(self) -> Tally:
        """What is said of all stacks."""
        return _sum(row.tally for row in self.rows)

    def count(self, result: str) -> int:
        """Count the stacks that came out as `failed`, `passed`, `empty` or `unreadable`."""
        if result == "unreadable":
            return len(self.unread)
        return sum(summary.result == result for summary in self.summaries)

    @property
    def exit_code(self) -> int:
        """The gravest of all: 2 if a stack could not be judged, 1 if anything mandatory was found, else 0."""
        if self.unread:
            return 2
        stale = bool(self.stale_waivers) and any(summary.stale_is_mandatory for summary in self.summaries)
        return max((summary.exit_code for summary in self.summaries), default=0) or int(stale)

    @cached_property
    def stale_waivers(self) -> tuple[Cleanup, ...]:
        """The waivers that waive nothing in any of the stacks, in the order of their places."""
        used = frozenset[str]().union(*(summary.used_waivers for summary in self.summaries))
        found: dict[str, Cleanup] = {}
        for summary in self.summaries:
            for one in summary.stale_waivers:
                if one.place not in used and (one.gone or one.place not in found):
                    found[one.place] = one
        return tuple(sorted(found.values(), key=lambda one: (len(one.place), one.place)))

    @cached_property
    def problems(self) -> tuple[tuple[str, str], ...]:
        """Mistakes of the configuration, each once: place and message."""
        return tuple(dict.fromkeys(one for summary in self.summaries for one in summary.problems))

    @cached_property
    def point(self) -> Point:
        """Where the organisation stands on the day of the report."""
        tally = self.tally
        debt: Counter[str] = Counter()
        for row in self.rows:
            debt.update({area: cell.tally.debt for area, cell in zip(self.areas, row.cells, strict=True)})
        return Point(
            date=self.date,
            stacks=len(self.summaries),
            failed=self.count("failed"),
            mandatory=tally.mandatory,
            advisory=tally.advisory,
            waived=tally.waived,
            known=tally.known,
            areas={area: debt[area] for area in self.areas},
        )

    @cached_property
    def history(self) -> tuple[Point, ...]:
        """Where the organisation stood, oldest first, as far as former reports tell; today is the last."""
        return (*(self.former.history if self.former else ()), self.point)[-LONGEST_HISTORY:]

    @cached_property
    def trend(self) -> Trend | None:
        """What has changed since the former report; None where there is none."""
        if self.former is None:
            return None
        unread = [escape(without_credentials(one.path)) for one in self.unread]
        return trend_of(self.former, self._named, unread, [rule.name for rule in self.rules])


LONGEST_HISTORY: Final = 120
"""Points of the history that a report hands on: ten years of months, four months of days."""

_ORDER: Final = {area: place for place, area in enumerate(AREAS)}


def tally_of(lines: Iterable[Line]) -> Tally:
    """Count what is said."""
    count = Counter(line.level if line.status == "violation" else line.status for line in lines)
    return Tally(
        count["mandatory"], count["advisory"], count["error"], count["undecided"], count["waived"], count["known"]
    )


def weight_of(lines: Iterable[Line], level: Level) -> int:
    """Weigh the findings of a level that count."""
    return sum(WEIGHTS[line.severity] for line in lines if line.status == "violation" and line.level == level.value)


def _sum(tallies: Iterable[Tally]) -> Tally:
    kept = list(tallies)
    return Tally(
        sum(one.mandatory for one in kept),
        sum(one.advisory for one in kept),
        sum(one.errors for one in kept),
        sum(one.undecided for one in kept),
        sum(one.waived for one in kept),
        sum(one.known for one in kept),
    )


def _verdict(tally: Tally, undecided: bool, passed: int) -> str:
    said = (
        ("mandatory", tally.mandatory),
        ("advisory", tally.advisory),
        ("error", tally.errors),
        ("undecided", tally.undecided or undecided),
        ("accepted", tally.accepted),
        ("pass", passed),
    )
    return next((name for name, count in said if count), "none")


def _badness(row: Row) -> tuple[int, int, int, int, int, int, str]:
    tally = row.tally
    return (
        -row.weight,
        -tally.mandatory,
        -row.summary.exit_code,
        -weight_of(row.summary.lines, Level.ADVISORY),
        -(tally.errors + tally.undecided),
        -tally.accepted,
        row.name,
    )
