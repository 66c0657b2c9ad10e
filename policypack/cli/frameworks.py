"""`multiregion-guard frameworks`: which controls of which framework the rules speak to, and which they cannot."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from policypack import __version__
from policypack.cli.screen import Screen
from policypack.engine.frameworks import frameworks as every_framework
from policypack.engine.frameworks import named
from policypack.reports.frameworks import coverage_document, details, overview
from policypack.rules.registry import all_rules
from policypack.sources.errors import InputError

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence

    from policypack.engine.frameworks import Framework


def frameworks(chosen: argparse.Namespace) -> int:
    """List the frameworks, or show one.

    Raises:
        InputError: There is no such framework.
    """
    known = every_framework(all_rules())
    wanted = _wanted(chosen.framework, known) if chosen.framework is not None else known
    screen = Screen(no_color=chosen.no_color)
    if chosen.format == "json":
        document = {
            "version": 1,
            "tool": {"name": "multiregion-guard", "version": __version__},
            "frameworks": [coverage_document(one) for one in wanted],
        }
        screen.write(json.dumps(document, indent=2) + "\n")
        return 0
    page = screen.page()
    if chosen.framework is None:
        overview(page, known)
    for framework in wanted if chosen.framework is not None else ():
        page.blank()
        details(page, framework)
    screen.show(page)
    return 0


def _wanted(name: str, known: Sequence[Framework]) -> Sequence[Framework]:
    found = named(name, known)
    if not found:
        raise InputError(
            f"there is no framework {name!r}; there are {', '.join(one.name for one in known)}",
            what_to_do="Name one of them, with or without its version.",
        )
    return found
