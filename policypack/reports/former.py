"""A former JSON report, read back to see what has changed since."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from policypack.model.records import dataclass

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

Known = tuple[str, str, str]
"""Rule, URN and property of a finding."""


@dataclass(frozen=True)
class Former:
    """The findings that counted in a former report.

    Attributes:
        name: File that it was read from.
        stacks: Project and stack, to the findings there.
    """

    name: str
    stacks: Mapping[tuple[str, str], frozenset[Known]]

    def of_stack(self, project: str, stack: str) -> frozenset[Known]:
        """Give the findings of one stack; none if the report did not have it."""
        return self.stacks.get((project, stack), frozenset())

    def has(self, rule: str, urn: str, path: str) -> bool:
        """Tell whether the report had a finding."""
        return any((rule, urn, path) in findings for findings in self.stacks.values())


def former_report(text: str, name: str) -> Former:
    """Read a JSON report that `check` or `audit` wrote.

    Args:
        text: The report.
        name: What to call it.

    Raises:
        ValueError: It is none.
    """
    try:
        read = json.loads(text)
        stacks = {
            (str(one["deployment"]["project"]), str(one["deployment"]["stack"])): frozenset(_findings(one))
            for one in read.get("audits", [read])
        }
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise ValueError("this is no JSON report of multiregion-guard") from error
    return Former(name, stacks)


def _findings(report: Mapping[str, object]) -> Iterator[Known]:
    verdicts = report["verdicts"]
    if not isinstance(verdicts, list):
        raise TypeError
    for verdict in verdicts:
        for finding in verdict["findings"]:
            if finding.get("standing", "open") == "open":
                yield str(verdict["rule"]), str(finding["urn"]), str(finding["path"])
