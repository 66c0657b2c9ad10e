"""Lays out reports as lines of styled text, without knowing what will show them."""

from __future__ import annotations

import enum
import textwrap
from dataclasses import dataclass, field


class Style(str, enum.Enum):
    """What a piece of text is; the terminal decides how that looks."""

    PLAIN = ""
    STRONG = "strong"
    QUIET = "quiet"
    GOOD = "good"
    BAD = "bad"
    WARNING = "warning"
    HINT = "hint"


@dataclass(frozen=True)
class Span:
    """A piece of text in one style."""

    text: str
    style: Style = Style.PLAIN


@dataclass(frozen=True)
class Branches:
    """The lines of a drawn tree: before a child, before the last one, and below each of them."""

    child: str
    last: str
    below: str
    below_last: str


LINES = Branches("├─ ", "└─ ", "│  ", "   ")
ASCII = Branches("|- ", "`- ", "|  ", "   ")


@dataclass
class Page:
    """Lines of text, one below the other.

    Attributes:
        width: Columns to wrap prose at. Names and paths are never broken: a line may be longer.
        branches: How trees are drawn.
        lines: What has been laid out so far.
    """

    width: int = 100
    branches: Branches = ASCII
    lines: list[tuple[Span, ...]] = field(default_factory=list)

    def line(self, *spans: Span | str, indent: int = 0) -> None:
        """Add one line, as it is."""
        pieces = tuple(Span(span) if isinstance(span, str) else span for span in spans)
        self.lines.append((Span(" " * indent), *pieces) if indent else pieces)

    def blank(self) -> None:
        """Add an empty line, unless one stands there already."""
        if self.lines and self.lines[-1]:
            self.lines.append(())

    def prose(self, text: str, *, indent: int = 0, label: str = "", style: Style = Style.PLAIN) -> None:
        """Add a paragraph, wrapped between words; lines after the first hang below its text, beside the label."""
        room = max(self.width - indent - len(label), 30)
        wrapped = textwrap.wrap(text, room, break_long_words=False, break_on_hyphens=False) or [""]
        self.line(Span(label, Style.QUIET), Span(wrapped[0], style), indent=indent)
        for more in wrapped[1:]:
            self.line(Span(more, style), indent=indent + len(label))

    def table(self, rows: list[list[Span]], *, indent: int = 0, wrap_last: bool = False) -> None:
        """Add rows in columns, each as wide as its widest cell.

        Args:
            rows: The cells, as many in every row.
            indent: Columns before the first.
            wrap_last: Wrap the last column at the width of the page instead of letting it run on.
        """
        widths = [max(len(row[column].text) for row in rows) for column in range(len(rows[0]) - 1)] if rows else []
        before = indent + sum(widths) + 2 * len(widths)
        for row in rows:
            cells = [Span(cell.text.ljust(width) + "  ", cell.style) for cell, width in zip(row, widths, strict=False)]
            last = row[-1]
            room = max(self.width - before, 30) if wrap_last else len(last.text) + 1
            first, *more = textwrap.wrap(last.text, room, break_long_words=False, break_on_hyphens=False) or [""]
            self.line(*cells, Span(first, last.style), indent=indent)
            for text in more:
                self.line(Span(text, last.style), indent=before)

    def plain(self) -> str:
        """Give the page as plain text."""
        return "".join("".join(span.text for span in line).rstrip() + "\n" for line in self.lines)
