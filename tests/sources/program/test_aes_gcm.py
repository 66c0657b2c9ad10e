"""Decryption, against the published test vectors of the algorithms."""

from __future__ import annotations

import pytest

from policypack.sources.program.aes_gcm import WrongKey, decrypt

KEY = bytes.fromhex("feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308")
NONCE = bytes.fromhex("cafebabefacedbaddecaf888")
TEXT = bytes.fromhex(
    "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72"
    "1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b391aafd255"
)
SEALED = bytes.fromhex(
    "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa"
    "8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662898015ad"
    "b094dac5d93471bdec1a502270e3cc6c"
)


def test_a_long_text_is_opened() -> None:
    assert decrypt(KEY, NONCE, SEALED) == TEXT


def test_an_empty_text_is_opened() -> None:
    assert decrypt(bytes(32), bytes(12), bytes.fromhex("530f8afbc74536b9a963b4f1c4cb738b")) == b""


def test_a_single_block_is_opened() -> None:
    sealed = bytes.fromhex("cea7403d4d606b6e074ec5d3baf39d18d0d1c8a799996bf0265b98b5d48ab919")
    assert decrypt(bytes(32), bytes(12), sealed) == bytes(16)


@pytest.mark.parametrize("place", [0, 40, len(SEALED) - 1])
def test_a_changed_text_is_refused(place: int) -> None:
    changed = bytearray(SEALED)
    changed[place] ^= 1
    with pytest.raises(WrongKey):
        decrypt(KEY, NONCE, bytes(changed))


@pytest.mark.parametrize(
    ("key", "nonce", "sealed"), [(KEY[:16], NONCE, SEALED), (KEY, NONCE[:8], SEALED), (KEY, NONCE, SEALED[:15])]
)
def test_parts_of_a_wrong_length_are_refused(key: bytes, nonce: bytes, sealed: bytes) -> None:
    with pytest.raises(WrongKey):
        decrypt(key, nonce, sealed)
