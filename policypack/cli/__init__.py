"""The command line: `multiregion-guard check | audit | rules | explain | doctor | waivers | config | new-rule`."""

from __future__ import annotations

import gc
import sys
from typing import TYPE_CHECKING

from policypack.cli.arguments import parser
from policypack.cli.failures import Failures
from policypack.sources.crossguard import OBJECTS_BETWEEN_COLLECTIONS

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["main"]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command.

    Args:
        arguments: The words after the command's name; those of this process if not given.

    Returns:
        0 if nothing mandatory was found, 1 if something was, 2 if no verdict was possible.
    """
    if arguments is None:  # in a process of its own, as when the engine starts the pack: almost nothing is garbage
        gc.set_threshold(OBJECTS_BETWEEN_COLLECTIONS)
    chosen = parser().parse_args(arguments)
    failures = Failures(trace=chosen.trace)
    with failures:
        code: int = chosen.run(chosen)
        sys.stdout.flush()
        return code
    return failures.exit_code
