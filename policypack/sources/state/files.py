"""Reads the file of a state or a preview into JSON: plain, or packed with gzip as self-managed backends can."""

from __future__ import annotations

import gzip
import io
import json
import sys
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from policypack.sources.errors import InputError

STANDARD_INPUT: Final = Path("-")

LARGEST: Final = 1 << 30
"""Bytes of a file, at the most, packed or not: a state of a million resources is smaller."""

STEEPEST: Final = 500
"""So many times its packed size a file may unpack to; a state reaches a tenth of that, and a bomb twice as much."""

_GZIP: Final = b"\x1f\x8b"
_CHUNK: Final = 1 << 20

EXPORT_HINT: Final = "Write one with `pulumi stack export > state.json`."
PREVIEW_HINT: Final = (
    "Write one with `pulumi stack export > state.json` or `pulumi preview --json --show-sames > preview.json`."
)
_ONE: Final = (
    "Give each document a file of its own. A preview that is a stream of events is not read: "
    "write it without PULUMI_ENABLE_STREAMING_JSON_PREVIEW."
)


def load(path: Path) -> Mapping[str, Any]:
    """Read a file that holds a JSON object; `-` is the standard input.

    Raises:
        InputError: It is missing, cannot be read, is too large, or holds something else.
    """
    if path != STANDARD_INPUT and not path.exists():
        raise InputError("there is no such file", str(path), "Check the path.")
    if path.is_dir():
        raise InputError("this is a folder, not a file", str(path), PREVIEW_HINT)
    try:
        # As bytes: some shells write UTF-16 where a command's output goes to a file.
        document = json.loads(_bytes(path))
    except OSError as error:
        reason = error.strerror or str(error)
        raise InputError(f"the file cannot be read: {reason}", str(path), "Check who may read it.") from error
    except UnicodeDecodeError as error:
        raise InputError(f"this is no text ({error.reason})", str(path), PREVIEW_HINT) from None
    except json.JSONDecodeError as error:
        if error.msg == "Extra data":
            raise InputError(
                "there is more than one JSON document in the file", f"{path}:{error.lineno}", _ONE
            ) from None
        raise InputError(f"this is no JSON: {error.msg}", f"{path}:{error.lineno}", PREVIEW_HINT) from None
    except ValueError:  # the only other thing that JSON cannot be read for: Python bounds the digits of a number
        raise InputError("a number in this JSON has too many digits", str(path), PREVIEW_HINT) from None
    except RecursionError:
        raise too_deep(path) from None
    if not isinstance(document, Mapping):
        raise InputError("this is JSON, but no object", str(path), PREVIEW_HINT)
    return document


def too_deep(path: Path) -> InputError:
    """Say that a file is nested too deeply."""
    return InputError("the JSON is nested too deeply", str(path), PREVIEW_HINT)


def _bytes(path: Path) -> bytes:
    if path == STANDARD_INPUT:
        found = sys.stdin.buffer.read()
    elif path.stat().st_size > LARGEST:
        raise _too_large(path)
    else:
        found = path.read_bytes()
    if not found.startswith(_GZIP):
        return found
    try:
        return _unpacked(found, path)
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise InputError(
            f"the gzip file is broken or cut off: {error}", str(path), "Fetch it again, or give the export unpacked."
        ) from error


def _unpacked(packed: bytes, path: Path) -> bytes:
    """Unpack piece by piece, so that a file that unpacks without end is left before it fills the memory."""
    most = min(LARGEST, len(packed) * STEEPEST)
    found = io.BytesIO()
    with gzip.GzipFile(fileobj=io.BytesIO(packed)) as pieces:
        while piece := pieces.read(_CHUNK):
            found.write(piece)
            if found.tell() > most:
                raise _too_large(path)
    return found.getvalue()


def _too_large(path: Path) -> InputError:
    return InputError("the file is larger than 1 GiB, or unpacks to more than any state", str(path), EXPORT_HINT)
