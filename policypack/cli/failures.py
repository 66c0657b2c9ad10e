"""What users see when a command cannot do its work: one clear message, and no traceback unless they ask."""

from __future__ import annotations

import errno
import os
import sys
import traceback
from pathlib import Path
from typing import TYPE_CHECKING, Final

from policypack.reports.cleaning import escape
from policypack.sources.errors import InputError

if TYPE_CHECKING:
    from types import TracebackType

    from typing_extensions import Self

NO_VERDICT: Final = 2
"""Exit code where no verdict was possible."""

_INTERRUPTED: Final = 130
_PIPE_CLOSED: Final = 141
"""Exit codes that shells give to what SIGINT and SIGPIPE end."""

_LONGEST: Final = 1_000
_MOST: Final = 40
"""Characters of a line, and lines, that are shown of one text."""

_ROOT: Final = Path(__file__).resolve().parents[2]

_EXTRAS: Final = frozenset({"rich", "yaml"})
"""Modules of the extra `cli`, which the pack itself does without."""


class Failures:
    """Catches whatever ends a command early, tells the user, and keeps the exit code."""

    def __init__(self, *, trace: bool) -> None:
        """Choose whether to show Python's traceback as well."""
        self.exit_code = NO_VERDICT
        self._trace = trace

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, frames: TracebackType | None
    ) -> bool:
        """Tell the user what happened; only what Python itself ends with goes on."""
        if error is None or isinstance(error, (SystemExit, GeneratorExit)):
            return False
        if isinstance(error, BrokenPipeError):
            # The reader has gone (`| head`). Nothing more may be written, not even when Python flushes at its end.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            self.exit_code = _PIPE_CLOSED
            return True
        if self._trace:
            traceback.print_exception(kind, error, frames, file=sys.stderr)
        if isinstance(error, KeyboardInterrupt):
            self.exit_code = _INTERRUPTED
            print("stopped", file=sys.stderr)
        else:
            print(told(error), file=sys.stderr)
        return True


def told(error: BaseException) -> str:
    """Give what users are told of an error: what, where, what to do."""
    return "\n".join(escape(line) for line in _lines(error))


def _lines(error: BaseException) -> list[str]:
    known = explained(error)
    return _message(known.what, known.where, known.trace, known.what_to_do)


def explained(error: BaseException) -> InputError:
    """Give what there is to say of any error: what, where, what to do."""
    if isinstance(error, InputError):
        return error
    if isinstance(error, ModuleNotFoundError) and (error.name or "").split(".")[0] in _EXTRAS:
        return InputError(
            f"the command line needs the Python module {error.name}, which is not installed here",
            sys.executable,
            f"Install it: {sys.executable} -m pip install 'multiregion-guard[cli]' (in a clone: make check).",
        )
    if isinstance(error, OSError) and error.errno == errno.ENOSPC:
        return InputError("there is no space left where the output goes", what_to_do="Make room, and run it again.")
    return InputError(
        # Not the error's own text, which may hold a value that is secret: who asks for the traceback gets it.
        f"the command itself broke: {type(error).__name__}",
        _innermost(error),
        "Run it again with --trace, and report what it then shows as a defect of multiregion-guard.",
    )


def _innermost(error: BaseException) -> str:
    """Give the last line of the pack that an error went through: where its author must look."""
    frames = traceback.extract_tb(error.__traceback__)
    ours = [frame for frame in frames if Path(frame.filename).is_relative_to(_ROOT / "policypack")]
    return f"{Path(ours[-1].filename).relative_to(_ROOT)}:{ours[-1].lineno}" if ours else ""


def _message(what: str, where: str, trace: tuple[str, ...], what_to_do: str) -> list[str]:
    """Give the lines of a message. What came from a program may have many of its own, or one without an end."""
    return [
        *_indented("error: ", what),
        *([f"  in: {where}"] if where and not what.startswith(where) else []),
        *(f"    {line}" for text in trace for line in text.splitlines()),
        *(_indented("  do: ", what_to_do) if what_to_do else []),
    ]


def _indented(label: str, text: str) -> list[str]:
    lines = [f"{line[:_LONGEST]}…" if len(line) > _LONGEST else line for line in text.splitlines() or [""]]
    more = [f"    and {len(lines) - _MOST} lines more"] if len(lines) > _MOST else []
    return [f"{label}{lines[0]}", *(f"    {line}" for line in lines[1:_MOST]), *more]
