"""Where a command writes: a terminal with colour, one without, or a pipe."""

from __future__ import annotations

import contextlib
import io
import os
import shutil
import sys
from typing import TYPE_CHECKING, Final

from policypack.reports.layout import ASCII, LINES, Branches, Page

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_PIPE_WIDTH: Final = 100
_WIDEST: Final = 120
"""Columns beyond which prose is hard to read, however wide the terminal is."""


class Screen:
    """Standard output, as it is right now."""

    def __init__(self, *, no_color: bool) -> None:
        """Look at standard output and at what the environment says of colour."""
        if isinstance(sys.stdout, io.TextIOWrapper):
            # A name with a character that the stream cannot show must not end the run.
            sys.stdout.reconfigure(errors="backslashreplace")
        self.terminal = sys.stdout.isatty()
        wanted = self.terminal or bool(os.environ.get("FORCE_COLOR"))
        refused = no_color or bool(os.environ.get("NO_COLOR")) or os.environ.get("TERM") == "dumb"
        self.colour = wanted and not refused

    @property
    def width(self) -> int:
        """Columns to wrap at."""
        return min(shutil.get_terminal_size().columns, _WIDEST) if self.terminal else _PIPE_WIDTH

    @property
    def branches(self) -> Branches:
        """How to draw trees: with lines on a terminal that has them, with letters everywhere else."""
        encoding = (sys.stdout.encoding or "").lower().replace("-", "")
        return LINES if self.terminal and encoding == "utf8" else ASCII

    def page(self) -> Page:
        """Give an empty page of the right size."""
        return Page(self.width, self.branches)

    def show(self, page: Page) -> None:
        """Write a page."""
        if self.colour:
            from policypack.reports.terminal import show

            show(page, sys.stdout)
        else:
            self.write(page.plain())

    def show_markdown(self, source: str) -> None:
        """Write Markdown: set for reading on a terminal, as it is into a pipe."""
        if self.colour:
            from policypack.reports.terminal import show_markdown

            show_markdown(source, sys.stdout, self.width)
        else:
            self.write(source)

    @staticmethod
    def write(text: str) -> None:
        """Write text as it is."""
        sys.stdout.write(text)


@contextlib.contextmanager
def counting(what: str, total: int) -> Iterator[Callable[[str], None]]:
    """Show how many of many things are done, and how long the others will take; say nothing in a pipe.

    Args:
        what: What is done.
        total: How many there are.

    Yields:
        What to call when one of them is done, with what was found so far.
    """
    if not sys.stderr.isatty() or os.environ.get("TERM") == "dumb":
        yield lambda _: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        TextColumn("left"),
        TextColumn("{task.fields[found]}", markup=False),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as shown:
        task = shown.add_task(what, total=total, found="")
        yield lambda found: shown.update(task, advance=1, found=found)


@contextlib.contextmanager
def progress(what: str) -> Iterator[None]:
    """Show that work goes on, on a terminal; say nothing in a pipe. Standard output stays clean."""
    if not sys.stderr.isatty() or os.environ.get("TERM") == "dumb":
        yield
        return
    from rich.console import Console

    with Console(stderr=True).status(what):
        yield
