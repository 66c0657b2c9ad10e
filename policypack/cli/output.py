"""The forms of reports, and the files that they are written to."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeVar

from policypack.model.records import dataclass
from policypack.reports.as_json import json_report
from policypack.reports.audit import json_audit, text_summary
from policypack.reports.former import former_report
from policypack.reports.text import text_report
from policypack.sources.bounded import TooLarge, content_of
from policypack.sources.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from policypack.reports.audit import Audit
    from policypack.reports.former import Former

Read = TypeVar("Read")

_SINCE: Final = (
    "Name a file that `--format json` wrote of single stacks. A report of an organisation is compared where many "
    "stacks are audited, or with --organisation."
)

FORMATS: Final = ("text", "json", "sarif", "junit", "markdown", "github", "html")
"""The forms a report can have."""


@dataclass(frozen=True)
class Wanted:
    """One report that the user wants in a file: `--report sarif=findings.sarif`.

    Attributes:
        format: Its form, one of `FORMATS`.
        file: Where it goes.
    """

    format: str
    file: Path


def rendered(form: str, done: Audit, *, one: bool, former: Former | None = None) -> str:
    """Give a report in one of its forms.

    Args:
        form: One of `FORMATS`.
        done: What was judged.
        one: There is one deployment, and no need to tell of several.
        former: A former report, for the form that shows what has changed since.
    """
    if form == "json":
        return json_report(done.reports[0]) if one else json_audit(done)
    if form == "sarif":
        from policypack.reports.sarif import sarif_report

        return sarif_report(done)
    if form == "junit":
        from policypack.reports.junit import junit_report

        return junit_report(done)
    if form == "markdown":
        from policypack.reports.markdown import markdown_report

        return markdown_report(done)
    if form == "github":
        from policypack.reports.github import github_annotations

        return github_annotations(done)
    if form == "html":
        from policypack.reports.html import html_report

        return html_report(done, former=former)
    pages = [text_report(report).plain() for report in done.reports]
    return "\n".join(pages if len(done.outcomes) == 1 else [*pages, text_summary(done).plain()])


def require_places(wanted: Sequence[Wanted], output: Path | None, baseline: Path | None = None) -> None:
    """Find out before the work, not after it, that a report has no place to go, or shares its place with another.

    Args:
        wanted: The reports that go to files.
        output: The file in place of standard output, if there is one.
        baseline: The baseline that is written as well, if one is.

    Raises:
        InputError: It is so.
    """
    reports = [*(one.file for one in wanted), *([output] if output else [])]
    for file in reports:
        require_writable(file)
    places = [_place(file) for file in (*reports, *([baseline] if baseline else []))]
    for file in reports:
        if places.count(_place(file)) > 1:
            shared = baseline is not None and _place(file) == _place(baseline)
            what = "a report and the baseline" if shared else "two reports"
            raise InputError(f"{what} go to one file", where=str(file), what_to_do="Give each a file of its own.")


def require_not_read(written: Iterable[Path | None], read: Iterable[Path | str | None]) -> None:
    """Find out before anything is written that it would be over what the same run reads.

    Args:
        written: The files that are written; None where there is none.
        read: The files that are read; None where there is none.

    Raises:
        InputError: It is so.
    """
    places = {_place(Path(file)) for file in read if file is not None}
    for file in written:
        if file is not None and file.exists() and not _device(file) and _place(file) in places:
            raise InputError(
                "the output is a file that is read here, and would be lost",
                where=str(file),
                what_to_do="Name another file for it.",
            )


def _place(file: Path) -> str:
    """Give a file the same name whichever way it is spelled."""
    return str(file) if _device(file) else os.path.realpath(file)


def write_reports(wanted: Sequence[Wanted], done: Audit, *, one: bool, former: Former | None = None) -> None:
    """Write every report that was asked for.

    Raises:
        InputError: A file cannot be written.
    """
    for each in wanted:
        write_report(each.file, rendered(each.format, done, one=one, former=former))


def read_former(file: Path) -> Former:
    """Read a former JSON report, to compare with.

    Raises:
        InputError: The file is none, or cannot be read.
    """
    return read_back(file, former_report, _SINCE)


def read_back(file: Path, read: Callable[[str, str], Read], what_to_do: str) -> Read:
    """Read a report that an earlier run has written.

    Args:
        file: The report.
        read: Reads its text, with its name; raises ValueError if it is none.
        what_to_do: What to say if it is none.

    Raises:
        InputError: The file is none, or cannot be read.
    """
    try:
        return read(content_of(file).decode("utf-8"), file.name)
    except TooLarge:
        raise InputError("the former report has no end", where=str(file), what_to_do=what_to_do) from None
    except OSError as error:
        reason = error.strerror or str(error)
        raise InputError(
            f"the former report cannot be read: {reason}", where=str(file), what_to_do=what_to_do
        ) from error
    except ValueError as error:
        raise InputError(str(error), where=str(file), what_to_do=what_to_do) from error


def require_writable(file: Path) -> None:
    """Find out before the work, not after it, that a report has no place to go.

    Raises:
        InputError: It has none.
    """
    if file.is_dir() or not file.parent.is_dir():
        what = "is a folder" if file.is_dir() else "is in a folder that does not exist"
        raise InputError(f"the output {what}", where=str(file), what_to_do="Name a file in a folder that is there.")
    if file.is_symlink() and not _device(file):
        # In a folder that strangers may write to, a link would lead the report over any file of whoever runs this.
        raise InputError(
            "the output is a symbolic link, and reports are not written through one",
            where=str(file),
            what_to_do="Name the file itself, or remove the link.",
        )


def _device(file: Path) -> bool:
    """Tell whether a path is one of the system's own, such as /dev/stdout, which is a link."""
    folder = file.parent.resolve()
    return any(folder.is_relative_to(place) for place in ("/dev", "/proc"))


def _without_links(name: str, flags: int) -> int:
    return os.open(name, flags | os.O_NOFOLLOW, 0o666)


def write_report(file: Path, text: str) -> None:
    """Write a report to a file.

    Raises:
        InputError: The file cannot be written.
    """
    write_pieces(file, (text,))


def write_pieces(file: Path, pieces: Iterable[str]) -> None:
    """Write a report to a file, piece by piece.

    Raises:
        InputError: The file cannot be written.
    """
    try:
        opener = None if _device(file) else _without_links
        with open(file, "w", encoding="utf-8", errors="backslashreplace", opener=opener) as written:
            written.writelines(pieces)
    except OSError as error:
        reason = error.strerror or str(error)
        raise InputError(
            f"the report cannot be written: {reason}", where=str(file), what_to_do="Name a file that may be written."
        ) from error
