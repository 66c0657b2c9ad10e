"""`multiregion-guard doctor`: tells whether `pulumi preview --policy-pack` can use the pack, and what to mend."""

from __future__ import annotations

from typing import TYPE_CHECKING

from policypack.cli.examination import Answer, examine
from policypack.cli.policy_config import read_settings
from policypack.cli.screen import Screen
from policypack.reports.cleaning import escape
from policypack.reports.layout import Span, Style
from policypack.rules.registry import all_rules
from policypack.sources.errors import InputError

if TYPE_CHECKING:
    import argparse
    from pathlib import Path

    from policypack.reports.layout import Page


def doctor(chosen: argparse.Namespace) -> int:
    """Look at everything that a preview with the pack needs; 0 if all is well, 1 if something is to be mended."""
    screen = Screen(no_color=chosen.no_color)
    page = screen.page()
    answers = [*examine(chosen.pack), *_configuration(chosen.policy_pack_config)]
    for answer in answers:
        _show(page, answer)
    faults = sum(not answer.well for answer in answers)
    page.blank()
    if faults:
        page.line(Span(f"{faults} to mend.", Style.BAD))
    else:
        page.line(Span("All is well.", Style.GOOD))
    screen.show(page)
    return 1 if faults else 0


def _show(page: Page, answer: Answer) -> None:
    mark = Span("ok    ", Style.GOOD) if answer.well else Span("mend  ", Style.BAD)
    page.line(mark, Span(answer.what, Style.STRONG), f"  {escape(answer.found)}")
    if answer.what_to_do:
        page.prose(escape(answer.what_to_do), indent=6, label="do: ")


def _configuration(file: Path | None) -> list[Answer]:
    name = "policy configuration"
    if file is None:
        return [Answer(name, "none named (--policy-pack-config): every rule has its own level")]
    try:
        settings = read_settings(file, all_rules())
    except InputError as error:
        return [Answer(name, f"{error.where}: {error.what}", error.what_to_do, well=False)]
    if settings.problems:
        return [
            Answer(name, f"{file}: {problem.place}: {problem.message}", "Mend it in the file.", well=False)
            for problem in settings.problems
        ]
    return [Answer(name, str(file))]
