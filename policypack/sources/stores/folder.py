"""Lists folders of this machine, and reads files in them. What is in a folder may have been put there by anybody."""

from __future__ import annotations

import contextlib
import os
import stat
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Final

from policypack.sources.errors import InputError
from policypack.sources.state.files import LARGEST, too_large, unreadable
from policypack.sources.stores.records import Entry, Listing

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

LINKS: Final = "symbolic links, which are not followed"
ODD: Final = "devices, pipes and sockets"

_DEEPEST: Final = 64
"""Folders within each other, at the most. Whoever keeps states deeper than that means something else."""

TOO_DEEP: Final = f"folders more than {_DEEPEST} deep"


def listing(folder: Path, enters: Callable[[Sequence[str]], bool]) -> Listing:
    """List the files below a folder. A link is not followed: it may lead anywhere, and round in circles.

    Args:
        folder: The folder.
        enters: Tells whether to look into a folder below, by its path from there.
    """
    entries: list[Entry] = []
    passed_over: Counter[str] = Counter()
    trouble: list[InputError] = []
    waiting: list[tuple[str, ...]] = [()]
    while waiting:
        here = waiting.pop()
        place = folder.joinpath(*here)
        try:
            with os.scandir(place) as found:
                inside = list(found)
        except OSError as error:
            reason = error.strerror or str(error)
            trouble.append(InputError(f"the folder cannot be listed: {reason}", str(place), "Check who may read it."))
            continue
        for one in inside:
            parts = (*here, one.name)
            if one.is_symlink():
                passed_over[LINKS] += enters(parts)  # as a folder, for all that we know
            elif one.is_dir(follow_symlinks=False):
                if not enters(parts):
                    continue
                if len(parts) > _DEEPEST:
                    passed_over[TOO_DEEP] += 1
                else:
                    waiting.append(parts)
            elif one.is_file(follow_symlinks=False):
                entries.append(_entry(parts, one))
            else:
                passed_over[ODD] += enters(parts)
    return Listing(tuple(sorted(entries, key=lambda entry: entry.parts)), +passed_over, tuple(trouble))


def _entry(parts: tuple[str, ...], one: os.DirEntry[str]) -> Entry:
    # One that has gone by now is told of when it is read.
    with contextlib.suppress(OSError):
        known = one.stat(follow_symlinks=False)
        return Entry(parts, known.st_size, known.st_mtime)
    return Entry(parts)


def read(location: str) -> bytes:
    """Read a plain file that was found in a folder.

    What was a file when the folder was listed may be a link or a pipe by now: neither is followed or waited for.

    Raises:
        InputError: It cannot be read, is no plain file any more, or is too large.
    """
    try:
        handle = os.open(location, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK)
        with os.fdopen(handle, "rb") as file:
            known = os.fstat(handle)
            if not stat.S_ISREG(known.st_mode):
                raise InputError("this is no plain file any more", location, "Run it again.")
            if known.st_size > LARGEST:
                raise too_large(location)
            content = file.read(LARGEST + 1)
    except OSError as error:
        raise unreadable(error, location) from error
    if len(content) > LARGEST:
        raise too_large(location)
    return content
