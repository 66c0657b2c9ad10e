"""The file that a report is written to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from policypack.sources.errors import InputError

if TYPE_CHECKING:
    from pathlib import Path


def require_writable(file: Path) -> None:
    """Find out before the work, not after it, that a report has no place to go.

    Raises:
        InputError: It has none.
    """
    if file.is_dir() or not file.parent.is_dir():
        what = "is a folder" if file.is_dir() else "is in a folder that does not exist"
        raise InputError(f"the output {what}", where=str(file), what_to_do="Name a file in a folder that is there.")


def write_report(file: Path, text: str) -> None:
    """Write a report to a file.

    Raises:
        InputError: The file cannot be written.
    """
    try:
        file.write_text(text, encoding="utf-8", errors="backslashreplace")
    except OSError as error:
        reason = error.strerror or str(error)
        raise InputError(
            f"the report cannot be written: {reason}", where=str(file), what_to_do="Name a file that may be written."
        ) from error
