"""A former report of the organisation, read back from its JSON document."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from policypack.model.records import dataclass
from policypack.reports.cleaning import escape
from policypack.reports.organisation.trend import FINDINGS, Key, Point

if TYPE_CHECKING:
    from collections.abc import Iterator


@dataclass(frozen=True)
class FormerStack:
    """A stack of a former report.

    Attributes:
        place: Where it was read from.
        findings: Its findings, whether they counted or not, with their areas.
    """

    place: str
    findings: Mapping[Key, str]


@dataclass(frozen=True)
class FormerOrganisation:
    """A former report.

    Attributes:
        name: File that it was read from.
        date: Its day, as `YYYY-MM-DD`.
        version: Version of the pack that made it.
        stacks: Its stacks, by the names of their rows.
        history: Where the organisation stood up to that day, oldest first.
    """

    name: str
    date: str
    version: str
    stacks: Mapping[str, FormerStack]
    history: tuple[Point, ...]


def former_organisation(text: str, name: str) -> FormerOrganisation:
    """Read the JSON report of an organisation.

    Args:
        text: The report.
        name: What to call it.

    Raises:
        ValueError: It is none.
    """
    try:
        read = json.loads(text)
        return FormerOrganisation(
            escape(name),
            escape(str(read["date"])),
            escape(str(read["tool"]["version"])),
            {escape(str(one["name"])): FormerStack(str(one["place"]), dict(_findings(one))) for one in read["stacks"]},
            tuple(_point(one) for one in read["history"]),
        )
    except (ValueError, KeyError, TypeError, AttributeError, OverflowError, RecursionError) as error:
        raise ValueError("this is no JSON report of an organisation") from error


def _findings(stack: Mapping[str, Any]) -> Iterator[tuple[Key, str]]:
    for one in stack["findings"]:
        if one["status"] in FINDINGS:
            yield (str(one["rule"]), str(one["urn"]), str(one["path"])), escape(str(one["area"]))


def _point(one: Mapping[str, Any]) -> Point:
    return Point(
        date=escape(str(one["date"])),
        stacks=int(one["stacks"]),
        failed=int(one["failed"]),
        mandatory=int(one["mandatory"]),
        advisory=int(one["advisory"]),
        waived=int(one["waived"]),
        known=int(one["known"]),
        areas={escape(str(area)): int(count) for area, count in one["areas"].items()},
    )
