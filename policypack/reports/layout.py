"""Lays out reports as lines of styled text, without knowing what will show them."""

from __future__ import annotations

import enum
import textwrap

from policypack.model.records import dataclass, field


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
    """The lines of a drawn tree: before a child, before the last one, below each of them, and between stations."""

    child: str
    last: str
    below: str
    below_last: str
    arrow: str


LINES = Branches("├─ ", "└─ ", "│  ", "   ", "→")
ASCII = Branches("|- ", "`- ", "|  ", "   ", "->")

_NO_BREAK = "\N{NO-BREAK SPACE}"


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
        first, *more = _wrapped(text, self.width - indent - len(label))
        self.line(Span(label, Style.QUIET), Span(first, style), indent=indent)
        for rest in more:
            self.line(Span(rest, style), indent=indent + len(label))

    def branch(self, before: str, below: str, text: str) -> None:
        """Add one line of a tree; what is too long for it goes on beside the branches.

        Args:
            before: The branches before the text.
            below: The branches before the lines that follow it.
            text: The text, with arrows as `LINES` has them.
        """
        # An arrow stays with what it leads to.
        bound = text.replace(f"{LINES.arrow} ", f"{self.branches.arrow}{_NO_BREAK}")
        first, *more = (line.replace(_NO_BREAK, " ") for line in _wrapped(bound, self.width - len(before)))
        self.line(Span(before, Style.QUIET), first)
        for rest in more:
            self.line(Span(below + "  ", Style.QUIET), rest)

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
            first, *more = _wrapped(last.text, self.width - before) if wrap_last else [last.text]
            self.line(*cells, Span(first, last.style), indent=indent)
            for text in more:
                self.line(Span(text, last.style), indent=before)

    def plain(self) -> str:
        """Give the page as plain text."""
        return "".join("".join(span.text for span in line).rstrip() + "\n" for line in self.lines)


def _wrapped(text: str, room: int) -> list[str]:
    """Wrap text between words; a word is never broken, so that names and paths stay whole."""
    return textwrap.wrap(text, max(room, 20), break_long_words=False, break_on_hyphens=False) or [""]
