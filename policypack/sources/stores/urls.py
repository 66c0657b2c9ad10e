"""URLs of object stores: which driver reads them, and what of a Pulumi backend's URL it is told."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, Final
from urllib.parse import parse_qsl

from policypack.model.records import dataclass, field
from policypack.sources.errors import InputError
from policypack.sources.stores.records import Store

if TYPE_CHECKING:
    from collections.abc import Mapping

_URL: Final = re.compile(r"(?P<scheme>[A-Za-z][A-Za-z0-9+.:-]*)://(?P<rest>.*)", re.DOTALL)
_QUERY: Final = re.compile(r"\?(?P<query>[A-Za-z_][\w.-]*=.*)$", re.DOTALL)
"""The query of a URL. A question mark that nothing with an equals sign follows stands for a letter, as in patterns."""

FILE: Final = "file"


@dataclass(frozen=True)
class Driver:
    """What reads a kind of object store.

    Attributes:
        protocol: What fsspec calls it.
        package: Its distribution.
        extra: The extra of this distribution that brings it; "" if it comes with fsspec.
        keys: Keys of a Pulumi backend's URL, to the options of the driver; a dot leads into one that is an object.
        usual: Options that hold unless the URL says otherwise.
    """

    protocol: str
    package: str
    extra: str
    keys: Mapping[str, str] = field(default_factory=dict)
    usual: Mapping[str, object] = field(default_factory=dict)


_GOOGLE: Final = Driver("gs", "gcsfs", "gcs")
_AMAZON: Final = Driver(
    "s3", "s3fs", "s3", {"region": "client_kwargs.region_name", "endpoint": "endpoint_url", "profile": "profile"}
)
# Its driver asks as nobody in particular unless it is told not to.
_AZURE: Final = Driver("az", "adlfs", "azure", {"storage_account": "account_name"}, {"anon": False})

DRIVERS: Final[Mapping[str, Driver]] = {
    "gs": _GOOGLE,
    "gcs": _GOOGLE,
    "s3": _AMAZON,
    "s3a": _AMAZON,
    "az": _AZURE,
    "abfs": _AZURE,
    "abfss": _AZURE,
    "azblob": _AZURE,
    "memory": Driver("memory", "fsspec", ""),
}
"""Schemes of URLs, to what reads them. `azblob` is what Pulumi calls Azure; `memory` serves tests."""

_IGNORED: Final = frozenset({"awssdk", "metadata", "no_tmp_dir"})
"""Keys of a Pulumi backend's URL that mean nothing for reading."""

_ACCOUNT: Final = "AZURE_STORAGE_ACCOUNT"
"""The variable in which Pulumi finds the account of Azure."""


@dataclass(frozen=True)
class Address:
    """A URL of an object store, taken apart.

    Attributes:
        store: The store.
        path: Bucket, and the path in it, with slashes.
    """

    store: Store
    path: str

    def name(self, path: str) -> str:
        """Give the URL of an object of the same store, as a user would write it."""
        return f"{self.store.scheme}://{path}"


def scheme_of(place: str) -> str:
    """Give the scheme of a URL, in small letters; "" for what is none."""
    found = _URL.fullmatch(place)
    return found["scheme"].lower() if found else ""


def local_path(place: str) -> Path:
    """Give the path that a `file://` URL names: as for Pulumi, all that follows, `~` and `.` included."""
    rest = place[len(FILE) + len("://") :]
    return Path(_QUERY.sub("", rest)).expanduser()


def address_of(place: str) -> Address:
    """Take the URL of an object store apart.

    Raises:
        InputError: It is of no kind that is read here, has credentials in it, or a key that is not understood.
    """
    shown = _without_secrets(place)
    if "::" in place:
        raise InputError(
            "chained URLs are not read", shown, "Name the store itself, such as gs://BUCKET; nothing is kept of it."
        )
    found = _URL.fullmatch(place)
    scheme = scheme_of(place)
    driver = DRIVERS.get(scheme)
    if found is None or driver is None:
        known = ", ".join(f"{one}://" for one in (FILE, *DRIVERS) if one != "memory")
        raise InputError(f"no store is known by {scheme}://", shown, f"These are: {known}.")
    query = _QUERY.search(found["rest"])
    path = found["rest"][: query.start()] if query else found["rest"]
    if "@" in path.partition("/")[0] and scheme not in {"abfs", "abfss"}:
        raise InputError(
            "credentials in a URL are for everybody to see",
            shown,
            f"Leave them out: the driver ({driver.package}) finds them where the tools of the cloud do.",
        )
    options = _options(driver, parse_qsl(query["query"]) if query else [], shown)
    return Address(Store(scheme, driver.protocol, tuple(sorted(options.items()))), path.strip("/"))


def _options(driver: Driver, pairs: list[tuple[str, str]], shown: str) -> dict[str, object]:
    options: dict[str, object] = dict(driver.usual)
    if driver is _AZURE and os.environ.get(_ACCOUNT):
        options["account_name"] = os.environ[_ACCOUNT]
    for key, value in pairs:
        option = driver.keys.get(key)
        if option is not None:
            name, _, inner = option.partition(".")
            options[name] = {inner: value} if inner else value
        elif key not in _IGNORED:
            understood = ", ".join(driver.keys) or "none"
            raise InputError(f"the key {key} of the URL is not understood", shown, f"Understood are: {understood}.")
    return options


def _without_secrets(place: str) -> str:
    """Give a URL without what may be secret in it."""
    scheme, mark, rest = place.partition("://")
    authority, slash, path = _QUERY.sub("", rest).partition("/")
    return f"{scheme}{mark}{authority.rpartition('@')[2]}{slash}{path}"
