"""What the page of an organisation knows of each stack beyond its table: what the reader unfolds, filters and finds.

It is written compactly: what is said often stands once, and is named by its number. A page that would be too heavy to
mail keeps the gravest of each stack, and says how much it left out.
"""

from __future__ import annotations

import json
from collections import Counter
from typing import TYPE_CHECKING, Final, TypeAlias

from policypack.reports.organisation.as_json import title_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from policypack.reports.organisation.organisation import Organisation, Row
    from policypack.reports.organisation.summary import Line
    from policypack.reports.organisation.trend import Key

Data: TypeAlias = "dict[str, object]"

KINDS: Final = ("mandatory", "advisory", "error", "undecided", "waived", "known")
"""What a line is, by its number."""

HEAVIEST: Final = 4_300_000
"""Bytes that the data and the table may have; with the rest, a page stays below five megabytes."""

_ROW: Final = 500
"""Bytes of a row of the table."""

_LIMITS: Final = (10_000, 300, 100, 60, 40, 25, 15, 10, 6, 3, 1, 0)
"""How many lines of a stack are kept, tried one after the other."""


def page_data(organisation: Organisation, *, heaviest: int = HEAVIEST) -> str:
    """Give the data as JSON that may stand inside a page.

    Args:
        organisation: What to tell.
        heaviest: Bytes that it may have, with the table of the stacks. Lines of stacks are left out until it is so; the
            rest it has in any case.
    """
    room = heaviest - _ROW * len(organisation.rows)
    first = _Writer(organisation, _LIMITS[0])
    text = first.write()
    if _weight(text) <= room:
        return text
    for limit in first.fitting(_weight(text) - room):
        text = _Writer(organisation, limit).write()
        if _weight(text) <= room:
            break
    return text


def _weight(text: str) -> int:
    return len(text.encode("utf-8", "surrogatepass"))


class _Numbers:
    """Gives each text a number, and keeps it once."""

    def __init__(self, texts: Iterable[str] = ()) -> None:
        self.known: dict[str, int] = {}
        for text in texts:
            self(text)

    def __call__(self, text: str) -> int:
        return self.known.setdefault(text, len(self.known))

    def all(self) -> list[str]:
        return list(self.known)


class _Writer:
    def __init__(self, organisation: Organisation, limit: int) -> None:
        self._org = organisation
        self._limit = limit
        self._rules = _Numbers(row.rule.name for row in organisation.rule_rows)
        self._texts = _Numbers([""])
        self._weights: Counter[int] = Counter()

    def write(self) -> str:
        org = self._org
        stacks = [self._stack(row) for row in org.rows]
        severities = {row.rule.name: row.rule for row in org.rule_rows}
        areas = {area: place for place, area in enumerate(org.areas)}
        data: Data = {
            "areas": [title_of(area) for area in org.areas],
            "kinds": list(KINDS),
            "rules": [
                [name, areas.get(rule.area, -1), rule.severity.value, rule.description, rule.fix]
                for name, rule in severities.items()
            ],
            "stacks": stacks,
            "texts": self._texts.all(),
        }
        text = json.dumps(data, separators=(",", ":"), ensure_ascii=False)
        # Nothing in it may end the element that it stands in, or begin a comment there.
        return (
            text.replace("<", "\\u003c")
            .replace("\N{LINE SEPARATOR}", "\\u2028")
            .replace("\N{PARAGRAPH SEPARATOR}", "\\u2029")
        )

    def _stack(self, row: Row) -> Data:
        summary = row.summary
        kept = [line for line in summary.lines if line.rule in self._rules.known]
        counts = Counter((self._rules(line.rule), _kind(line)) for line in kept)
        new: frozenset[Key] = self._org.trend.new.get(row.name, frozenset()) if self._org.trend else frozenset()
        made: Data = {
            "p": summary.project,
            "s": summary.stack,
            "w": summary.place,
            "k": summary.kind,
            "r": summary.resources,
            "q": [[rule, kind, count] for (rule, kind), count in sorted(counts.items())],
            "v": [cell.passed for cell in row.cells],
            "l": self._lines(kept[: self._limit], row, new),
        }
        more: Data = {
            "o": _OWNERSHIP.get(summary.owner.source, ""),
            "m": len(kept) - self._limit if len(kept) > self._limit else 0,
            "n": [[rule, count] for rule, count in sorted(Counter(map(self._rules, self._speaking(new))).items())],
            "x": list(summary.fixed),
            "a": list(summary.notes),
        }
        return {**made, **{key: value for key, value in more.items() if value}}

    def _speaking(self, keys: Iterable[Key]) -> list[str]:
        return [rule for rule, _, _ in keys if rule in self._rules.known]

    def _lines(self, lines: Sequence[Line], row: Row, new: frozenset[Key]) -> list[list[object]]:
        written = []
        for place, line in enumerate(lines):
            known = len(self._texts.known)
            one = self._line(line, row, new=line.key in new)
            written.append(one)
            texts = line.message if len(self._texts.known) > known else ""
            self._weights[place] += len(str(one)) + len(texts)
        return written

    def fitting(self, excess: int) -> Iterator[int]:
        """Give limits that may take so many bytes away, the highest first: what a line weighs is not known exactly."""
        for limit in _LIMITS[1:]:
            if sum(weight for place, weight in self._weights.items() if place >= limit) >= excess or limit == 0:
                yield limit

    def _line(self, line: Line, row: Row, *, new: bool) -> list[object]:
        name, token = _within(line.urn, row)
        texts = self._texts
        written: list[object] = [
            self._rules(line.rule),
            _kind(line),
            name,
            texts(token),
            texts(line.path),
            texts(line.message),
            texts(line.source),
            texts(line.remark),
            int(new),
        ]
        while written[-1] == 0 and len(written) > 6:
            written.pop()
        return written


_OWNERSHIP: Final = {"configuration": "by the configuration", "tag": "by a tag", "label": "by labels"}


def _kind(line: Line) -> int:
    return KINDS.index(line.level if line.status == "violation" else line.status)


def _within(urn: str, row: Row) -> tuple[str, str]:
    """Give name and type of a resource of the stack; the whole URN, and no type, of anything else."""
    before = f"urn:pulumi:{row.summary.stack}::{row.summary.project}::"
    token, parted, name = urn.removeprefix(before).partition("::")
    return (name, token) if parted and urn.startswith(before) else (urn, "")
