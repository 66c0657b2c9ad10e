"""Reading what may have no end: a pipe, a device, a file that grows."""

from __future__ import annotations

import io
import stat
from typing import IO, TYPE_CHECKING, Final

if TYPE_CHECKING:
    from pathlib import Path

LARGEST: Final = 1 << 30
"""Bytes of a file, at the most: a state of a million resources is smaller."""

_CHUNK: Final = 1 << 20


class TooLarge(Exception):
    """There is more than anything that is sound would have."""


def all_of(stream: IO[bytes], most: int = LARGEST) -> bytes:
    """Read a stream to its end.

    Raises:
        TooLarge: It has more than so many bytes.
    """
    found = io.BytesIO()
    while piece := stream.read(_CHUNK):
        found.write(piece)
        if found.tell() > most:
            raise TooLarge
    return found.getvalue()


def content_of(path: Path, most: int = LARGEST) -> bytes:
    """Read a file, or a pipe or a device in the place of one.

    Raises:
        OSError: It cannot be read.
        TooLarge: It has more than so many bytes.
    """
    known = path.stat()
    if not stat.S_ISREG(known.st_mode):
        with path.open("rb") as stream:
            return all_of(stream, most)
    if known.st_size > most:
        raise TooLarge
    return path.read_bytes()
