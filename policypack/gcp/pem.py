"""Reads until when a certificate is valid, without anything but the standard library."""

from __future__ import annotations

import binascii
import re
from datetime import datetime, timezone
from typing import Final

_BLOCK: Final = re.compile(r"-----BEGIN CERTIFICATE-----(.*?)-----END CERTIFICATE-----", re.DOTALL)
_SEQUENCE: Final = 0x30
_VERSION: Final = 0xA0
_TIMES: Final = {0x17: "%y%m%d%H%M%SZ", 0x18: "%Y%m%d%H%M%SZ"}
"""Tag of a time in DER, to how it is written: years of two digits, or of four."""


def expiry_of(pem: str) -> datetime | None:
    """Give the moment until which the first certificate of a PEM text is valid; None if none can be read there.

    The first is that of the server: those of the authorities follow it.
    """
    block = _BLOCK.search(pem)
    if block is None:
        return None
    try:
        return _not_after(binascii.a2b_base64("".join(block[1].split())))
    except (binascii.Error, IndexError, ValueError):
        return None


def _not_after(der: bytes) -> datetime:
    """Walk to the end of the validity: version, serial number, algorithm and issuer stand before it.

    Raises:
        ValueError: It is no certificate.
        IndexError: It is cut off.
    """
    _, at, _ = _element(der, 0, _SEQUENCE)
    _, at, _ = _element(der, at, _SEQUENCE)
    tag, _, end = _element(der, at)
    if tag == _VERSION:
        at = end
    for _ in range(3):
        _, _, at = _element(der, at)
    _, at, _ = _element(der, at, _SEQUENCE)
    _, _, at = _element(der, at)
    tag, start, end = _element(der, at)
    if tag not in _TIMES:
        raise ValueError("no time stands where the validity ends")
    return datetime.strptime(der[start:end].decode("ascii"), _TIMES[tag]).replace(tzinfo=timezone.utc)


def _element(der: bytes, at: int, wanted: int | None = None) -> tuple[int, int, int]:
    """Give the tag of an element, where its content begins, and where it ends."""
    tag, length, start = der[at], der[at + 1], at + 2
    if wanted is not None and tag != wanted:
        raise ValueError("something else stands where a sequence belongs")
    if length & 0x80:
        size = length & 0x7F
        length = int.from_bytes(der[start : start + size], "big")
        start += size
    if start + length > len(der):
        raise IndexError("the text is cut off")
    return tag, start, start + length
