"""The way in that the Pulumi engine takes: an analyzer server, spoken to over gRPC."""

from __future__ import annotations

import gc
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from policypack.rules.contract import Rule

__all__ = ["OBJECTS_BETWEEN_COLLECTIONS", "main"]

OBJECTS_BETWEEN_COLLECTIONS = 200_000
"""How many new objects Python waits for before it looks for garbage; its own default is 700."""


def main(rules: Sequence[Rule] | None = None, today: date | None = None) -> None:
    """Serve the engine until it ends the process. The port is the one thing printed.

    Args:
        rules: The rules to serve; all rules of the pack unless given.
        today: The day that waivers are held against; the real one (UTC) unless given.
    """
    # A pack, and a large stack, is a great many small values that all stay: looking for garbage among them again and
    # again costs a third of the time, and finds none. That holds for loading the pack itself, so this comes first.
    gc.set_threshold(OBJECTS_BETWEEN_COLLECTIONS)
    from policypack.sources.crossguard.server import serve

    serve(rules, today)
