"""What the pack can say of frameworks of controls: for a terminal, for programs, and as tables of a page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from policypack.engine.frameworks import Result, counted, failing, result
from policypack.model.records import dataclass
from policypack.reports.layout import Span, Style

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from policypack.engine.frameworks import Control, Framework
    from policypack.reports.layout import Page

CAUTION: Final = (
    "A rule gives evidence for a control, and never proves one: that there was no finding is the best that it can say. "
    "What is not covered needs other evidence."
)


@dataclass(frozen=True)
class ControlRow:
    """A control, as a page shows it: what came out, over one stack or several.

    Attributes:
        id, about: The control.
        result: The gravest result.
        stacks: How many stacks came out so.
        failing: Names of the rules that fail.
        rules: Names of the other rules that speak to it.
    """

    id: str
    about: str
    result: Result
    stacks: int
    failing: tuple[str, ...]
    rules: tuple[str, ...]

    @property
    def kind(self) -> str:
        """Its class on a page."""
        return _KINDS.get(self.result, self.result.value)


_KINDS: Final = {
    Result.ERROR: "fail",
    Result.NOT_APPLICABLE: "quiet",
    Result.DISABLED: "quiet",
    Result.NOT_COVERED: "quiet",
}


@dataclass(frozen=True)
class FrameworkTable:
    """A framework, as a page shows it.

    Attributes:
        name, title, about: The framework.
        covered: How far the pack goes in it, in words.
        counts: Each result, in words, with how many controls came out so and its class on the page.
        rows: The controls that rules speak to.
        missing: What no rule speaks to: each group in words.
    """

    name: str
    title: str
    about: str
    covered: str
    counts: tuple[tuple[str, int, str], ...]
    rows: tuple[ControlRow, ...]
    missing: tuple[str, ...]


def framework_table(framework: Framework, stacks: Sequence[Mapping[str, Result]]) -> FrameworkTable:
    """Give the table of a framework.

    Args:
        framework: The framework.
        stacks: What came out of each rule in each stack that was judged.
    """
    rows = tuple(_row(control, stacks) for control in framework.controls if control.covered)
    counts = counted(row.result for row in rows)
    return FrameworkTable(
        framework.name,
        framework.title,
        framework.about,
        extent(framework),
        tuple((one.words, count, _KINDS.get(one, one.value)) for one, count in counts.items()),
        rows,
        tuple(not_covered(framework)),
    )


def _row(control: Control, stacks: Sequence[Mapping[str, Result]]) -> ControlRow:
    counts = counted(result(control, each) for each in stacks)
    gravest = next(iter(counts), Result.NOT_APPLICABLE)
    bad = {rule.name for each in stacks for rule in failing(control, each)}
    others = tuple(rule.name for rule in control.rules if rule.name not in bad)
    return ControlRow(control.id, control.about, gravest, counts.get(gravest, 0), tuple(sorted(bad)), others)


def extent(framework: Framework) -> str:
    """Say how far the pack goes in a framework: `16 of 84 controls`."""
    size = framework.size
    share = f"{framework.covered}" if size is None else f"{framework.covered} of {size}"
    return f"{share} {framework.counted}"


def not_covered(framework: Framework) -> list[str]:
    """Say what no rule speaks to: by id where all are known, else how many of each group."""
    said = []
    for group in framework.groups:
        title = " ".join(part for part in (group.id, group.about) if part)
        if framework.complete:
            ids = [control.id for control in group.controls if not control.covered]
            if ids:
                said.append(f"{title}: {', '.join(ids)}")
        elif group.size is None:
            said.append("which controls it has besides is not known here")
        elif group.covered < group.size:
            said.append(f"{title}: {group.size - group.covered} of {group.size} {framework.counted}")
    return said


def overview(page: Page, known: Sequence[Framework]) -> None:
    """Lay out every framework on a line of its own."""
    head = [Span(name, Style.QUIET) for name in ("framework", "rules speak to", "what it is")]
    page.table([head, *([Span(one.name, Style.STRONG), Span(extent(one)), Span(one.title)] for one in known)])
    page.blank()
    page.prose(CAUTION)


def details(page: Page, framework: Framework) -> None:
    """Lay out one framework: each control with its rules, and what is not covered."""
    page.line(Span(framework.title, Style.STRONG))
    page.prose(f"{framework.name}: rules speak to {extent(framework)}.")
    page.prose(framework.about, style=Style.QUIET)
    page.blank()
    for control in framework.controls:
        if control.covered:
            page.line(Span(control.id, Style.STRONG), f"  {control.about}")
            page.prose(", ".join(rule.name for rule in control.rules), indent=2)
    missing = not_covered(framework)
    if missing:
        page.blank()
        page.line(Span("No rule speaks to", Style.STRONG))
        for line in missing:
            page.prose(line, indent=2)


def coverage_document(framework: Framework) -> dict[str, object]:
    """Give a framework as plain data: its groups, and each control with the rules that speak to it."""
    return {
        **_head(framework),
        "title": framework.title,
        "about": framework.about,
        "groups": [
            {
                "id": group.id,
                "about": group.about,
                "size": group.size,
                "covered": group.covered,
                "controls": [
                    {"id": control.id, "about": control.about, "rules": [rule.name for rule in control.rules]}
                    for control in group.controls
                ],
            }
            for group in framework.groups
        ],
    }


def result_document(framework: Framework, found: Mapping[str, Result]) -> dict[str, object]:
    """Give what came out of each control of a framework as plain data."""
    controls = [
        {
            "id": control.id,
            "result": result(control, found).value,
            "failing": [rule.name for rule in failing(control, found)],
        }
        for control in framework.controls
    ]
    return {**_head(framework), "controls": controls}


def _head(framework: Framework) -> dict[str, object]:
    return {
        "name": framework.name,
        "counted": framework.counted,
        "size": framework.size,
        "covered": framework.covered,
    }
