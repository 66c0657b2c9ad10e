"""Opens the secrets of a stack whose config is encrypted with a passphrase."""

from __future__ import annotations

import base64
import binascii
import functools
import hashlib
import os
from pathlib import Path
from typing import Final

from policypack.sources.errors import InputError

_ITERATIONS: Final = 1_000_000
_KEY: Final = 32  # bytes
_VERSION: Final = "v1"
_VARIABLE: Final = "PULUMI_CONFIG_PASSPHRASE"


class Passphrase:
    """The passphrase of the environment, tried on one stack's config file.

    The file's `encryptionsalt` is `v1:SALT:v1:NONCE:TEXT`: the salt of the key, and a text that tells whether the
    passphrase is the right one. Each secret is `v1:NONCE:TEXT`. All parts are base64; the key is PBKDF2-HMAC-SHA256
    of passphrase and salt, the cipher AES-256-GCM.
    """

    def __init__(self, salt: str | None) -> None:
        self._salt = salt

    @functools.cached_property
    def problem(self) -> str:
        """Why the secrets stay closed; "" if they do not."""
        if self._salt is None:
            return "they are not encrypted with a passphrase"
        if _from_environment() is None:
            return f"{_VARIABLE} is not set"
        return "" if self._key is not None else f"{_VARIABLE} is not the passphrase of this stack"

    def open(self, sealed: str) -> str | None:
        """Open a secret; None if that cannot be done."""
        if self.problem or self._key is None:
            return None
        return _open(self._key, sealed)

    @functools.cached_property
    def _key(self) -> bytes | None:
        passphrase = _from_environment()
        version, _, rest = (self._salt or "").partition(":")
        salt, _, check = rest.partition(":")
        if passphrase is None or version != _VERSION:
            return None
        try:
            raw = _decoded(salt)
        except binascii.Error:
            return None
        key = hashlib.pbkdf2_hmac("sha256", passphrase.encode(), raw, _ITERATIONS, _KEY)
        return key if _open(key, check) is not None else None


def _open(key: bytes, sealed: str) -> str | None:
    version, _, rest = sealed.partition(":")
    nonce, _, text = rest.partition(":")
    if version != _VERSION:
        return None
    try:
        # Only who has a passphrase and a stack that needs it pays for this import.
        from cryptography.exceptions import InvalidTag
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM
    except ModuleNotFoundError:
        raise InputError(
            "the stack's secrets need the package cryptography, which is not installed",
            _VARIABLE,
            "pip install 'multiregion-guard[cli]', or unset the passphrase: the secrets are unknown then",
        ) from None
    try:
        return AESGCM(key).decrypt(_decoded(nonce), _decoded(text), None).decode()
    except (InvalidTag, ValueError):  # another key, or no text that this format can hold
        return None


def _decoded(text: str) -> bytes:
    return base64.b64decode(text, validate=True)


def _from_environment() -> str | None:
    if _VARIABLE in os.environ:
        return os.environ[_VARIABLE]
    file = os.environ.get(f"{_VARIABLE}_FILE")
    if not file:
        return None
    try:
        return Path(file).read_text(encoding="utf-8").strip()
    except OSError:
        return None
