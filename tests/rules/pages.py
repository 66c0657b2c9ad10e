"""Reads the pages of rules: their parts, and every program on them with the verdict its heading promises."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from markdown_it import MarkdownIt

from policypack.engine.verdict import Status
from policypack.rules.registry import all_rules

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from markdown_it.token import Token

    from policypack.rules.contract import Rule

PROMISES = {
    "Violates": Status.FAIL,
    "Complies": Status.PASS,
    "Undecided": Status.UNDECIDED,
    "Not applicable": Status.NOT_APPLICABLE,
}
"""First words of a heading, to the verdict it promises for the program below it."""

PROSE = ("Why it matters", "What it checks", "What it does not see", "Sources")
"""Sections of text that every page has."""


@dataclass(frozen=True)
class Section:
    """A part of a page.

    Attributes:
        heading: Its heading.
        text: Its text, without code.
        code: Its fenced blocks of Python.
        line: Line of the heading, counted from 1.
    """

    heading: str
    text: str
    code: tuple[str, ...]
    line: int


@dataclass(frozen=True)
class Program:
    """A program on a page.

    Attributes:
        rule: The rule that its heading speaks of.
        heading: The heading.
        verdict: What the heading promises: the gravest of the rule's verdicts.
        source: The program.
        line: Line of the heading on the page.
    """

    rule: Rule
    heading: str
    verdict: Status
    source: str
    line: int

    @property
    def name(self) -> str:
        """A name for the test."""
        return f"{self.rule.name}: {self.heading}"


@dataclass(frozen=True)
class Page:
    """The page of a rule, or of a family of rules.

    Attributes:
        path: Where it is.
        rules: The rules it is the page of.
        title: Its title.
        description: The first paragraph.
        sections: Its sections, in order.
    """

    path: Path
    rules: tuple[Rule, ...]
    title: str
    description: str
    sections: tuple[Section, ...]

    @property
    def quoted(self) -> frozenset[str]:
        """Every single word in backquotes, programs left out."""
        words = re.findall(r"`([a-zA-Z0-9-]+)`", " ".join(section.text for section in self.sections))
        return frozenset(words)

    @property
    def programs(self) -> tuple[Program, ...]:
        """Every program, in order.

        Raises:
            ValueError: A section with a verdict has not exactly one program, or names no rule of a family.
        """
        return tuple(self._program(section) for section in self.sections if promise(section.heading) is not None)

    def _program(self, section: Section) -> Program:
        verdict = promise(section.heading)
        if verdict is None or len(section.code) != 1:
            raise ValueError(f"{self.path}:{section.line}: one program stands below such a heading")
        return Program(self._rule(section), section.heading, verdict, section.code[0], section.line)

    def _rule(self, section: Section) -> Rule:
        if len(self.rules) == 1:
            return self.rules[0]
        named = section.heading.partition(":")[2].partition(",")[0].strip()
        found = [rule for rule in self.rules if rule.name == named]
        if not found:
            raise ValueError(f"{self.path}:{section.line}: on the page of a family, a heading names one of its rules")
        return found[0]


def promise(heading: str) -> Status | None:
    """Give the verdict that a heading promises; None if it promises none."""
    return PROMISES.get(heading.partition(":")[0].strip())


def all_pages() -> tuple[Page, ...]:
    """Read every page there is, sorted by path. That each rule has one is a test of its own."""
    rules_of: dict[Path, list[Rule]] = {}
    for rule in all_rules():
        rules_of.setdefault(rule.page, []).append(rule)
    return tuple(read_page(path, rules) for path, rules in sorted(rules_of.items()) if path.is_file())


def read_page(path: Path, rules: Iterable[Rule]) -> Page:
    """Read one page."""
    tokens = MarkdownIt().parse(path.read_text(encoding="utf-8"))
    sections = tuple(_sections(tokens))
    head = sections[0] if sections else Section("", "", (), 1)
    return Page(path, tuple(rules), head.heading, head.text.split("\n\n")[0], sections[1:])


def _sections(tokens: Sequence[Token]) -> Iterator[Section]:
    """Cut a page at its headings of the first and second rank; deeper ones belong to the text."""
    starts = [index for index, token in enumerate(tokens) if token.type == "heading_open" and token.tag in {"h1", "h2"}]
    for start, end in zip(starts, [*starts[1:], len(tokens)], strict=True):
        body = tokens[start + 3 : end]
        yield Section(
            heading=tokens[start + 1].content,
            text="\n\n".join(" ".join(token.content.split()) for token in body if token.type == "inline"),
            code=tuple(token.content for token in body if token.type == "fence" and token.info.strip() == "python"),
            line=(tokens[start].map or [0])[0] + 1,
        )
