"""`multiregion-guard waivers`: every waiver of a policy configuration, and how many days it has left."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from policypack.cli.policy_config import read_settings
from policypack.cli.screen import Screen
from policypack.engine.messages import days
from policypack.reports.cleaning import escape
from policypack.reports.layout import Span, Style
from policypack.rules.registry import all_rules

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence

    from policypack.engine.problems import Problem
    from policypack.engine.settings import Settings
    from policypack.engine.waivers import Waiver

_COLUMNS = ("left", "expires", "owner", "ticket", "rules", "where", "reason")
_NAMED = 3
"""Rules of one waiver that the table names."""

_SOON = 14
"""Days before the end of a waiver from which on it stands out."""


def waivers(chosen: argparse.Namespace) -> int:
    """List the waivers, those that end first at the top.

    Returns:
        1 if one has a mistake, or if one has expired or expires within the days that the user named; else 0.

    Raises:
        InputError: The configuration cannot be read at all.
    """
    settings = read_settings(chosen.file, all_rules(), today=chosen.as_of)
    listed = sorted(settings.waivers, key=lambda waiver: (waiver.expires, waiver.place))
    mistakes = [problem for problem in settings.problems if problem.place.startswith("guard.waiver")]
    screen = Screen(no_color=chosen.no_color)
    if chosen.format == "json":
        screen.write(json.dumps(_document(listed, mistakes), indent=2) + "\n")
    else:
        _show(screen, settings, listed, mistakes)
    due = chosen.within is not None and any(waiver.days_left <= chosen.within for waiver in listed)
    return 1 if mistakes or due else 0


def _document(listed: Sequence[Waiver], mistakes: Sequence[Problem]) -> dict[str, object]:
    return {
        "version": 1,
        "waivers": [
            {
                "place": waiver.place,
                "rules": list(waiver.rules),
                "resources": list(waiver.resources),
                "stacks": list(waiver.stacks),
                "reason": waiver.reason,
                "owner": waiver.owner,
                "ticket": waiver.ticket,
                "expires": waiver.expires.isoformat(),
                "daysLeft": waiver.days_left,
                "expired": waiver.expired,
            }
            for waiver in listed
        ],
        "problems": [{"place": one.place, "message": one.message} for one in mistakes],
    }


def _show(screen: Screen, settings: Settings, listed: Sequence[Waiver], mistakes: Sequence[Problem]) -> None:
    page = screen.page()
    if listed:
        head = [Span(name, Style.QUIET) for name in _COLUMNS]
        page.table([head, *map(_row, listed)], wrap_last=screen.terminal)
    elif not mistakes:
        page.line("There are no waivers.")
    if mistakes:
        page.blank()
        page.line(Span("Mistakes: these waivers do not hold", Style.BAD))
        for problem in mistakes:
            page.prose(escape(problem.message), indent=2, label=f"{escape(problem.place)}: ")
    if settings.on_stale_waiver != "ignore" and listed:
        page.blank()
        page.line(Span("Whether a waiver still waives something, check and audit tell.", Style.QUIET))
    screen.show(page)


def _few(rules: Sequence[str]) -> str:
    """Name rules, the first of them where a glob chose many: the table is for reading."""
    if len(rules) <= _NAMED:
        return ", ".join(rules)
    return f"{', '.join(rules[: _NAMED - 1])} and {len(rules) - _NAMED + 1} more"


def _row(waiver: Waiver) -> list[Span]:
    if waiver.expired:
        left = Span(f"expired {days(-waiver.days_left)} ago", Style.BAD)
    else:
        style = Style.WARNING if waiver.days_left <= _SOON else Style.PLAIN
        left = Span(days(waiver.days_left) if waiver.days_left else "last day", style)
    words = (
        waiver.expires.isoformat(),
        waiver.owner,
        waiver.ticket or "-",
        _few(waiver.rules),
        ", ".join((*waiver.resources, *(f"in {stack}" for stack in waiver.stacks))),
        waiver.reason,
    )
    return [left, *(Span(escape(word)) for word in words)]
