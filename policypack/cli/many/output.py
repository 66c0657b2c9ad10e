"""The forms of the report of many stacks, and the reports of each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from policypack.cli.many.parts import JOINED, file_names, joined
from policypack.model.records import dataclass
from policypack.reports.organisation.as_json import json_pieces
from policypack.reports.organisation.markdown import markdown_organisation
from policypack.reports.organisation.text import text_organisation
from policypack.sources.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from policypack.cli.many.parts import Part, Tests
    from policypack.cli.output import Wanted
    from policypack.reports.organisation.organisation import Organisation


@dataclass(frozen=True)
class Results:
    """What there is to report.

    Attributes:
        organisation: All stacks together.
        parts: What was written of each.
        numbers: The numbers of the parts, in the order of the summaries.
        tests: What the tests of each count.
    """

    organisation: Organisation
    parts: Sequence[Part]
    numbers: Sequence[int]
    tests: Sequence[Tests]

    def pieces(self, form: str) -> Iterator[str]:
        """Give the report of all stacks in a form, piece by piece."""
        if form in JOINED:
            part = next(one for one in self.parts if one.form == form and not one.whole)
            organisation = self.organisation
            yield from joined(part, self.numbers, self.tests, organisation.unread, organisation.seconds)
        elif form == "json":
            yield from json_pieces(self.organisation)
        elif form == "markdown":
            yield markdown_organisation(self.organisation)
        elif form == "html":
            from policypack.reports.organisation.html import html_organisation

            yield html_organisation(self.organisation)
        else:
            yield text_organisation(self.organisation).plain()


def write_each(judged: Results, wanted: Sequence[Wanted]) -> None:
    """Give the reports of each stack their names.

    Raises:
        InputError: One cannot be written.
    """
    whole = (part for part in judged.parts if part.whole)
    for part, each in zip(whole, wanted, strict=True):
        names = ((one.project, one.stack) if one.stack else (one.place,) for one in judged.organisation.summaries)
        for number, name in zip(judged.numbers, file_names(part.form, names), strict=True):
            _move(part.file(number), each.file / name)


def _move(file: Path, target: Path) -> None:
    """Move a file within a folder; what was there goes, and a link that was there is not followed."""
    try:
        file.replace(target)
    except OSError as error:
        reason = error.strerror or str(error)
        raise InputError(
            f"the report cannot be written: {reason}", str(target), "Name a folder that may be written."
        ) from error
