"""AES-256-GCM decryption, for the secrets of a stack's config file.

The standard library has no AES, and a compiled package is a high price for reading a few short strings of the
user's own file with the user's own passphrase. Decryption only; nothing here hides timing, and nothing has to.
The algorithms are those of FIPS 197 (AES) and NIST SP 800-38D (GCM).
"""

from __future__ import annotations

import functools
import hmac
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

_BLOCK: Final = 16
_NONCE: Final = 12
_KEY: Final = 32
_ROUNDS: Final = 14
_REDUCTION: Final = 0xE1 << 120


class WrongKey(Exception):
    """The text was not encrypted with this key, or is not whole."""


def decrypt(key: bytes, nonce: bytes, sealed: bytes) -> bytes:
    """Open a text that was sealed with AES-256-GCM, without additional data.

    Args:
        key: 32 bytes.
        nonce: 12 bytes.
        sealed: The encrypted text followed by its tag of 16 bytes.

    Raises:
        WrongKey: Key, nonce and text do not belong together.
    """
    if len(key) != _KEY or len(nonce) != _NONCE or len(sealed) < _BLOCK:
        raise WrongKey
    text, tag = sealed[:-_BLOCK], sealed[-_BLOCK:]
    schedule = _expand(key)
    digest = _ghash(_encrypt(schedule, bytes(_BLOCK)), text)
    mask = _encrypt(schedule, nonce + (1).to_bytes(4, "big"))
    if not hmac.compare_digest(_xor(mask, digest), tag):
        raise WrongKey
    opened = bytearray()
    for index in range(0, len(text), _BLOCK):
        counter = (index // _BLOCK + 2).to_bytes(4, "big")
        opened += _xor(text[index : index + _BLOCK], _encrypt(schedule, nonce + counter))
    return bytes(opened)


def _xor(left: bytes, right: bytes) -> bytes:
    """Combine two texts, as far as the shorter one goes."""
    return bytes(a ^ b for a, b in zip(left, right, strict=False))


def _ghash(subkey: bytes, text: bytes) -> bytes:
    factor = int.from_bytes(subkey, "big")
    digest = 0
    lengths = (8 * len(text)).to_bytes(_BLOCK, "big")
    padded = text + bytes(-len(text) % _BLOCK) + lengths
    for index in range(0, len(padded), _BLOCK):
        digest = _multiply(digest ^ int.from_bytes(padded[index : index + _BLOCK], "big"), factor)
    return digest.to_bytes(_BLOCK, "big")


def _multiply(left: int, right: int) -> int:
    """Multiply in the field of GCM, whose bits count from the left."""
    product = 0
    for bit in range(127, -1, -1):
        if left >> bit & 1:
            product ^= right
        right = right >> 1 ^ (_REDUCTION if right & 1 else 0)
    return product


def _double(byte: int) -> int:
    return (byte << 1 ^ (0x11B if byte & 0x80 else 0)) & 0xFF


@functools.cache
def _substitutes() -> bytes:
    """Give the substitution table of AES: inverses in its field, and an affine map."""
    box = bytearray(256)
    value = inverse = 1
    while True:
        # `value` runs through the field by multiplying with 3, `inverse` by dividing by it.
        value ^= _double(value)
        inverse ^= inverse << 1
        inverse ^= inverse << 2
        inverse ^= inverse << 4
        inverse &= 0xFF
        inverse ^= 0x09 if inverse & 0x80 else 0
        turned = inverse
        for turns in range(1, 5):
            turned ^= (inverse << turns | inverse >> (8 - turns)) & 0xFF
        box[value] = turned ^ 0x63
        if value == 1:
            break
    box[0] = 0x63
    return bytes(box)


def _expand(key: bytes) -> list[bytes]:
    """Make the key of each round."""
    box = _substitutes()
    words = [key[index : index + 4] for index in range(0, _KEY, 4)]
    constant = 1
    while len(words) < 4 * (_ROUNDS + 1):
        word = words[-1]
        if len(words) % 8 == 0:
            word = bytes([box[word[1]] ^ constant, box[word[2]], box[word[3]], box[word[0]]])
            constant = _double(constant)
        elif len(words) % 8 == 4:
            word = bytes(box[byte] for byte in word)
        words.append(_xor(words[-8], word))
    return [b"".join(words[index : index + 4]) for index in range(0, len(words), 4)]


def _encrypt(schedule: Sequence[bytes], block: bytes) -> bytes:
    """Encrypt one block with AES."""
    box = _substitutes()
    state = _xor(block, schedule[0])
    for number in range(1, _ROUNDS + 1):
        # Substitute the bytes and shift the rows, in one step.
        state = bytes(box[state[(index + 4 * (index % 4)) % _BLOCK]] for index in range(_BLOCK))
        if number < _ROUNDS:
            state = b"".join(_mix(state[index : index + 4]) for index in range(0, _BLOCK, 4))
        state = _xor(state, schedule[number])
    return state


def _mix(column: bytes) -> bytes:
    every = column[0] ^ column[1] ^ column[2] ^ column[3]
    return bytes(column[i] ^ every ^ _double(column[i] ^ column[(i + 1) % 4]) for i in range(4))
