"""Shows pages on a terminal, in colour. Needs the extra `cli` (rich)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.console import Console
from rich.markdown import Markdown
from rich.text import Text
from rich.theme import Theme

from policypack.reports.layout import Style

if TYPE_CHECKING:
    from typing import TextIO

    from policypack.reports.layout import Page

_THEME = Theme(
    {
        Style.STRONG.value: "bold",
        Style.QUIET.value: "bright_black",
        Style.GOOD.value: "green",
        Style.BAD.value: "bold red",
        Style.WARNING.value: "yellow",
        Style.HINT.value: "cyan",
    }
)


def show(page: Page, stream: TextIO) -> None:
    """Write a page in colour. Lines are not cut: the terminal folds what is too long for it."""
    console = _console(stream)
    for line in page.lines:
        console.print(Text.assemble(*((span.text, span.style.value) for span in line)), soft_wrap=True)


def show_markdown(source: str, stream: TextIO, width: int) -> None:
    """Write a page of Markdown, set for reading."""
    _console(stream).print(Markdown(source, code_theme="ansi_dark"), width=width)


def _console(stream: TextIO) -> Console:
    return Console(file=stream, theme=_THEME, force_terminal=True, highlight=False, markup=False, emoji=False)
