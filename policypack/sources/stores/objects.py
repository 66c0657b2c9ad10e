"""Lists and reads object stores through fsspec, which is loaded when a URL is given and not before."""

from __future__ import annotations

import logging
import re
import sys
import warnings
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from policypack.sources.errors import InputError
from policypack.sources.state.files import LARGEST, too_large
from policypack.sources.stores.layout import BOOKKEEPING, STACKS
from policypack.sources.stores.records import Entry, Listing
from policypack.sources.stores.urls import DRIVERS

if TYPE_CHECKING:
    from types import TracebackType

    from policypack.sources.stores.records import Store
    from policypack.sources.stores.urls import Address

_CHANGED: Final = ("mtime", "LastModified", "last_modified", "updated", "created")
"""What drivers call the time at which an object was written last."""

_QUERIES: Final = re.compile(r"\?\S+")
_LONGEST: Final = 300

_SILENCE: Final = logging.NullHandler()
"""Without any, Python writes to the terminal what nobody has asked for."""


def is_object(address: Address) -> bool:
    """Tell whether a URL names one object. What a store does not let us see is none.

    Raises:
        InputError: The driver is not here.
    """
    with _Told(address.name(address.path), address.store):
        return bool(_opened(address.store).isfile(address.path))


def listing(address: Address, *, whole: bool = False) -> Listing:
    """List the objects below a path. Where that is a backend, its states alone: its history is many times as large.

    Args:
        address: The path.
        whole: List everything, whatever it is.

    Raises:
        InputError: The URL names no bucket, or the store does not answer.
    """
    where = address.name(address.path)
    if not address.path:
        raise InputError("the URL names no bucket", where, f"Write {address.store.scheme}://BUCKET.")
    with _Told(where, address.store):
        system = _opened(address.store)
        stacks = f"{address.path}/{BOOKKEEPING}/{STACKS}"
        found = {} if whole else system.find(stacks, detail=True)
        found = found or system.find(address.path, detail=True)
        if not found:
            system.ls(address.path, detail=True)  # says why, where looking for files is silent about it
        return _listing(found, address.path)


def _listing(found: dict[str, Any], above: str) -> Listing:
    entries = []
    for path, known in found.items():
        below = path.strip("/").removeprefix(above).strip("/")
        if below and known.get("type") != "directory" and not path.endswith("/"):
            entries.append(Entry(tuple(below.split("/")), _size(known), changed(known)))
    return Listing(tuple(sorted(entries, key=lambda entry: entry.parts)))


def read(store: Store, location: str, name: str, size: int = 0) -> bytes:
    """Read an object.

    Args:
        store: Where it is.
        location: Its path there.
        name: What to call it.
        size: Bytes, if the listing told them: it is then not asked for again.

    Raises:
        InputError: It is not there, may not be read, or is too large.
    """
    with _Told(name, store):
        system = _opened(store)
        if (size or _size(system.info(location))) > LARGEST:
            raise too_large(name)
        content = bytes(system.cat_file(location))
    if len(content) > LARGEST:
        raise too_large(name)
    return content


def _opened(store: Store) -> Any:
    """Open a store; fsspec keeps what is open, so that each process does it once."""
    # What drivers warn of is for those who write programs with them; what goes wrong is said as an error.
    logging.getLogger().addHandler(_SILENCE)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            import fsspec

            return fsspec.filesystem(store.protocol, **dict(store.options))
        except ImportError:
            raise _missing(store) from None


def _missing(store: Store) -> InputError:
    driver = DRIVERS[store.scheme]
    extra = driver.extra or "stores"
    return InputError(
        f"{store.scheme}:// is read by the Python package {driver.package}, which is not installed here",
        sys.executable,
        f"Install it: {sys.executable} -m pip install 'multiregion-guard[{extra}]'.",
    )


def _size(known: dict[str, Any]) -> int:
    size = known.get("size")
    return size if isinstance(size, int) else 0


def changed(known: dict[str, Any]) -> float:
    """Give the time at which an object was written last, in seconds; 0 where its driver does not tell."""
    for key in _CHANGED:
        value = known.get(key)
        if isinstance(value, datetime):
            return value.timestamp()
        if isinstance(value, (int, float)):
            return float(value)
        if isinstance(value, str):
            return _time(value)
    return 0.0


def _time(text: str) -> float:
    try:
        return datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp()
    except ValueError:
        return 0.0


class _Told:
    """Turns whatever a driver raises into one clear error: each of them has its own, of many kinds."""

    def __init__(self, where: str, store: Store) -> None:
        self._where = where
        self._driver = DRIVERS[store.scheme]

    def __enter__(self) -> None:
        return None

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, frames: TracebackType | None
    ) -> None:
        if not isinstance(error, Exception) or isinstance(error, InputError):
            return
        what_to_do = "Check the URL, and that the credentials found here may list and read it."
        if isinstance(error, FileNotFoundError):
            raise InputError("there is nothing there", self._where, what_to_do) from error
        if isinstance(error, PermissionError):
            raise InputError("the store does not let us in", self._where, what_to_do) from error
        said = _QUERIES.sub("", " ".join(str(error).split()))[:_LONGEST]
        raise InputError(
            f"the store cannot be read: {type(error).__name__}{f': {said}' if said else ''}", self._where, what_to_do
        ) from error
