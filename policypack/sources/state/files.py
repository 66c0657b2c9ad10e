"""Reads the file of a state or a preview into JSON: plain, or packed as self-managed backends can."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from policypack.sources import bounded
from policypack.sources.bounded import TooLarge, all_of, content_of
from policypack.sources.errors import InputError, NoStateError
from policypack.sources.state.packing import unpacked

STANDARD_INPUT: Final = Path("-")

LARGEST: Final = bounded.LARGEST
"""Bytes of a file, at the most, packed or not."""

EXPORT_HINT: Final = "Write one with `pulumi stack export > state.json`."
PREVIEW_HINT: Final = (
    "Write one with `pulumi stack export > state.json` or `pulumi preview --json --show-sames > preview.json`."
)
_ONE: Final = (
    "Give each document a file of its own. A preview that is a stream of events is not read: "
    "write it without PULUMI_ENABLE_STREAMING_JSON_PREVIEW."
)


def bytes_of(path: Path) -> bytes:
    """Read a file that the user named, as it is; `-` is the standard input.

    Raises:
        InputError: It is missing, is a folder, cannot be read, or is too large.
    """
    try:
        if path == STANDARD_INPUT:
            return all_of(sys.stdin.buffer)
        if not path.exists():
            raise InputError("there is no such file", str(path), "Check the path.")
        if path.is_dir():
            raise InputError("this is a folder, not a file", str(path), PREVIEW_HINT)
        return content_of(path)
    except TooLarge:
        raise too_large(str(path)) from None
    except OSError as error:
        raise unreadable(error, str(path)) from error


def document_of(content: bytes, where: str) -> Mapping[str, Any]:
    """Read the JSON object that a file holds, packed or not.

    Args:
        content: The file.
        where: What to call it.

    Raises:
        InputError: It is broken, or too large.
        NoStateError: It is sound JSON, and no object.
    """
    try:
        # As bytes: some shells write UTF-16 where a command's output goes to a file.
        document = json.loads(unpacked(content, where))
    except TooLarge:
        raise too_large(where) from None
    except UnicodeDecodeError as error:
        raise InputError(f"this is no text ({error.reason})", where, PREVIEW_HINT) from None
    except json.JSONDecodeError as error:
        if error.msg == "Extra data":
            raise InputError(
                "there is more than one JSON document in the file", f"{where}:{error.lineno}", _ONE
            ) from None
        raise InputError(f"this is no JSON: {error.msg}", f"{where}:{error.lineno}", PREVIEW_HINT) from None
    except ValueError:  # the only other thing that JSON cannot be read for: Python bounds the digits of a number
        raise InputError("a number in this JSON has too many digits", where, PREVIEW_HINT) from None
    except RecursionError:
        raise too_deep(where) from None
    if not isinstance(document, Mapping):
        raise NoStateError("this is JSON, but no object", where, PREVIEW_HINT)
    return document


def unreadable(error: OSError, where: str) -> InputError:
    """Say why a file cannot be read."""
    return InputError(f"the file cannot be read: {error.strerror or error}", where, "Check who may read it.")


def too_deep(where: str) -> InputError:
    """Say that a file is nested too deeply."""
    return InputError("the JSON is nested too deeply", where, PREVIEW_HINT)


def too_large(where: str) -> InputError:
    """Say that a file is larger than any state."""
    return InputError("the file is larger than 1 GiB, or unpacks to more than any state", where, EXPORT_HINT)
