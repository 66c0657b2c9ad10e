"""What is written of each stack while many are judged: reports of its own, and pieces of reports of them all.

A report of a thousand stacks does not fit into memory in every form. So whoever judges a stack writes its part to a
file, and in the end the parts are put together, in the order of the stacks and not in that in which they were done.
"""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Final

from policypack.cli.output import rendered, write_report
from policypack.model.records import dataclass
from policypack.reports.audit import Audit
from policypack.reports.github import github_joined, github_lines
from policypack.reports.junit import junit_joined, junit_suites
from policypack.reports.sarif import sarif_joined, sarif_run

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from policypack.reports.audit import Unread
    from policypack.reports.report import Report

Tests = dict[str, int]
"""What a part of a JUnit report counts."""

JOINED: Final = frozenset({"sarif", "junit", "github"})
"""The forms that are put together of parts; the others have a form of their own for many stacks."""

ENDINGS: Final[Mapping[str, str]] = {"text": "txt", "junit": "xml", "markdown": "md", "github": "github.txt"}
"""How the files of a form end; those of the others end in its name."""

_LONGEST: Final = 100
"""Letters of a file's name; what a file system takes is more than twice as much."""

_UNSAFE: Final = re.compile(r"[^A-Za-z0-9._-]+")


@dataclass(frozen=True)
class Part:
    """Something that is written of each stack.

    Attributes:
        form: Its form.
        folder: Where it is written to.
        whole: True for a report of its own, False for a piece of one of them all.
    """

    form: str
    folder: Path
    whole: bool

    def file(self, number: int) -> Path:
        """Give the file of one stack."""
        return self.folder / f"{number:09}"


def written_parts(parts: Iterable[Part], number: int, report: Report) -> Tests:
    """Write all parts of one stack; give what its tests count.

    Raises:
        InputError: One cannot be written.
    """
    tests: Tests = {}
    for part in parts:
        if part.whole:
            text = rendered(part.form, Audit((report,), report.seconds), one=True)
        elif part.form == "junit":
            text, counted = junit_suites(report)
            tests = dict(counted)
        else:
            text = sarif_run(report) if part.form == "sarif" else github_lines(report)
        write_report(part.file(number), text)
    return tests


def joined(
    part: Part, numbers: Iterable[int], tests: Iterable[Tests], unread: Sequence[Unread], seconds: float
) -> Iterator[str]:
    """Put the parts of one form together, piece by piece.

    Args:
        part: What was written of each stack.
        numbers: The stacks, in their order.
        tests: What the tests of each count.
        unread: What could not be judged.
        seconds: Time taken by all.
    """
    pieces = (part.file(number).read_text(encoding="utf-8") for number in numbers)
    if part.form == "sarif":
        yield from sarif_joined(pieces, unread)
    elif part.form == "junit":
        yield from junit_joined(pieces, tests, unread, seconds)
    else:
        yield from github_joined(pieces, unread)


def file_names(form: str, names: Iterable[Sequence[str]]) -> Iterator[str]:
    """Give each stack a file name of its own, which is safe whatever the stack is called.

    Args:
        form: The form of the files.
        names: What the stacks are called: project and stack, or what else is known.
    """
    ending = ENDINGS.get(form, form)
    seen: Counter[str] = Counter()
    for name in names:
        stem = ".".join(_safe(part) for part in name if part)[:_LONGEST] or "stack"
        # Some file systems do not tell large letters from small ones; and no name of a stack has a tilde in it.
        seen[stem.casefold()] += 1
        often = seen[stem.casefold()]
        yield f"{stem}.{ending}" if often == 1 else f"{stem}~{often}.{ending}"


def _safe(text: str) -> str:
    """Give a text as part of a file name: no folder, no hidden file, nothing that a shell or a terminal takes amiss."""
    return _UNSAFE.sub("_", text).lstrip(".-") or "_"
