"""`multiregion-guard rules` and `explain`: what the pack looks at, and why."""

from __future__ import annotations

import difflib
import json
from typing import TYPE_CHECKING

from policypack import __version__
from policypack.cli.screen import Screen
from policypack.reports.layout import Span, Style
from policypack.reports.rule_pages import describe, rule_page
from policypack.rules.registry import all_rules, rules_by_name
from policypack.sources.errors import InputError

if TYPE_CHECKING:
    import argparse

    from policypack.rules.contract import Rule

_COLUMNS = ("rule", "area", "severity", "level", "what good looks like")


def rules(chosen: argparse.Namespace) -> int:
    """List the rules, sorted by name."""
    screen = Screen(no_color=chosen.no_color)
    if chosen.format == "json":
        document = {
            "version": 1,
            "tool": {"name": "multiregion-guard", "version": __version__},
            "rules": [{**describe(rule), "parameters": rule.defaults} for rule in all_rules()],
        }
        screen.write(json.dumps(document, indent=2) + "\n")
        return 0
    page = screen.page()
    head = [Span(name, Style.QUIET) for name in _COLUMNS]
    # In a pipe every rule keeps its one line, so that grep and cut find it whole.
    page.table([head, *map(_row, all_rules())], wrap_last=screen.terminal)
    screen.show(page)
    return 0


def _row(rule: Rule) -> list[Span]:
    level = Style.BAD if rule.level.value == "mandatory" else Style.PLAIN
    return [
        Span(rule.name, Style.STRONG),
        Span(rule.area),
        Span(rule.severity.value),
        Span(rule.level.value, level),
        Span(rule.description),
    ]


def explain(chosen: argparse.Namespace) -> int:
    """Show the page of a rule.

    Raises:
        InputError: There is no such rule.
    """
    known = rules_by_name()
    wanted = chosen.rule.strip().lower().replace("_", "-")
    rule = known.get(wanted)
    if rule is None:
        near = difflib.get_close_matches(wanted, list(known), n=3, cutoff=0.5)
        hint = f"; did you mean {' or '.join(near)}?" if near else ""
        raise InputError(f"there is no rule {chosen.rule!r}{hint}", what_to_do="See them all: multiregion-guard rules")
    Screen(no_color=chosen.no_color).show_markdown(rule_page(rule))
    return 0
