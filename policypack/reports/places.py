"""Where in a repository a finding is, and what keeps it the same finding from one run to the next."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from typing import TYPE_CHECKING, Final

from policypack.model.records import dataclass

if TYPE_CHECKING:
    from policypack.model.resource import SourcePosition
    from policypack.reports.report import Origin

_PROJECT_FILE: Final = "Pulumi.yaml"


@dataclass(frozen=True)
class Place:
    """A line of a file.

    Attributes:
        file: Path below the current folder, with slashes. In continuous integration the current folder is the
            repository's root, from which code scanning and annotations count.
        line: Line, from 1.
        exact: False where the line of the resource is not known, and the file stands for the whole stack.
    """

    file: str
    line: int
    exact: bool


def place_of(source: SourcePosition | None, origin: Origin) -> Place:
    """Give the place of a resource: the line that made it, else the program, else the file that was read."""
    if origin.directory is None:
        return Place(_below_here(Path(origin.path)), 1, exact=False)
    if source is not None:
        return Place(_below_here(origin.directory / source.file), source.line, exact=True)
    main = origin.directory / origin.main if origin.main else origin.directory
    return Place(_below_here(main / _PROJECT_FILE if main.is_dir() else main), 1, exact=False)


def _below_here(file: Path) -> str:
    """Write a path as it counts from the current folder; what lies elsewhere keeps its whole path."""
    relative = os.path.relpath(file)
    return (str(file) if relative.startswith("..") else relative).replace(os.sep, "/")


def fingerprint(rule: str, urn: str, path: str) -> str:
    """Give what stays the same of a finding when lines move, values change and words are rewritten."""
    return hashlib.sha256("\0".join((rule, urn, path)).encode("utf-8", "surrogatepass")).hexdigest()[:32]
