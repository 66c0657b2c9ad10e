"""Unpacks the files of states: self-managed backends can pack them with gzip, and with zstd."""

from __future__ import annotations

import gzip
import io
import sys
import zlib
from typing import TYPE_CHECKING, Final

from policypack.sources import bounded
from policypack.sources.bounded import TooLarge
from policypack.sources.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterator

STEEPEST: Final = 500
"""So many times its packed size a file may unpack to; a state reaches a tenth of that, and a bomb twice as much."""

ALWAYS: Final = 64 << 20
"""Bytes to which any file may unpack with zstd, which packs what repeats itself far more tightly."""

_GZIP: Final = b"\x1f\x8b"
_ZSTD: Final = b"\x28\xb5\x2f\xfd"
_CHUNK: Final = 1 << 20

_BITE: Final = 1 << 10
"""Bytes that are unpacked with zstd at a time: even of the worst, what comes out has room in memory."""

_AGAIN: Final = "Fetch it again, or give the export unpacked."


def unpacked(content: bytes, where: str) -> bytes:
    """Unpack a file, if it is packed.

    Args:
        content: The file.
        where: What to call it.

    Raises:
        InputError: It is broken, or what it needs is not installed.
        TooLarge: It unpacks to more than any state.
    """
    if content.startswith(_GZIP):
        return _from_gzip(content, where)
    if content.startswith(_ZSTD):
        return _from_zstd(content, where)
    return content


def _from_gzip(packed: bytes, where: str) -> bytes:
    """Unpack piece by piece, so that a file that unpacks without end is left before it fills the memory."""
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(packed)) as file:
            return _gathered(iter(lambda: file.read(_CHUNK), b""), len(packed) * STEEPEST)
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise InputError(f"the gzip file is broken or cut off: {error}", where, _AGAIN) from error


def _from_zstd(packed: bytes, where: str) -> bytes:
    try:
        import zstandard
    except ModuleNotFoundError:
        raise InputError(
            "the file is packed with zstd, which the Python package zstandard reads; it is not installed here",
            where,
            f"Install it: {sys.executable} -m pip install 'multiregion-guard[stores]'.",
        ) from None
    reader = zstandard.ZstdDecompressor().decompressobj()
    bites = (packed[start : start + _BITE] for start in range(0, len(packed), _BITE))
    try:
        found = _gathered((reader.decompress(bite) for bite in bites), max(ALWAYS, len(packed) * STEEPEST))
    except zstandard.ZstdError as error:
        raise InputError(f"the zstd file is broken: {error}", where, _AGAIN) from error
    if not reader.eof or reader.unused_data:
        raise InputError("the zstd file is broken or cut off", where, _AGAIN)
    return found


def _gathered(pieces: Iterator[bytes], most: int) -> bytes:
    found = io.BytesIO()
    for piece in pieces:
        found.write(piece)
        if found.tell() > min(bounded.LARGEST, most):
            raise TooLarge
    return found.getvalue()
