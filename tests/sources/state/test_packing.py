"""Packed states: with gzip, with zstd, broken ones, and such as unpack without end."""

from __future__ import annotations

import gzip
import sys
from collections.abc import Callable

import pytest
import zstandard

from policypack.sources.bounded import TooLarge
from policypack.sources.errors import InputError
from policypack.sources.state import state_of
from policypack.sources.state.packing import unpacked

TEXT = b'{"version": 3, "deployment": {"resources": []}}' * 100


def zstd(content: bytes) -> bytes:
    return zstandard.ZstdCompressor().compress(content)


@pytest.mark.parametrize("pack", [gzip.compress, zstd, bytes])
def test_what_was_packed_is_unpacked_whatever_its_name_is(pack: Callable[[bytes], bytes]) -> None:
    assert unpacked(pack(TEXT), "state.json") == TEXT


@pytest.mark.parametrize("pack", [gzip.compress, zstd])
@pytest.mark.parametrize("spoil", [lambda packed: packed[:-9], lambda packed: packed[:6], lambda packed: packed[:4]])
def test_a_file_that_is_cut_off_is_told_as_such(
    pack: Callable[[bytes], bytes], spoil: Callable[[bytes], bytes]
) -> None:
    with pytest.raises(InputError, match="broken") as caught:
        unpacked(spoil(pack(TEXT)), "state.json.gz")
    assert caught.value.where == "state.json.gz"


def test_a_zstd_file_with_something_behind_it_is_told_as_broken() -> None:
    with pytest.raises(InputError, match="broken or cut off"):
        unpacked(zstd(TEXT) + b"more", "state.json.zst")


@pytest.mark.parametrize("pack", [gzip.compress, zstd])
def test_a_file_that_unpacks_without_end_is_left(pack: Callable[[bytes], bytes]) -> None:
    with pytest.raises(TooLarge):
        unpacked(pack(b" " * 200_000_000), "bomb")


def test_what_repeats_itself_is_no_bomb_as_long_as_it_is_small() -> None:
    assert len(unpacked(zstd(b" " * 10_000_000), "state")) == 10_000_000


def test_without_the_package_for_zstd_the_error_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "zstandard", None)
    with pytest.raises(InputError, match="zstandard") as caught:
        unpacked(zstd(TEXT), "state.json.zst")
    assert "multiregion-guard[stores]" in caught.value.what_to_do


@pytest.mark.parametrize(
    ("name", "project", "stack"),
    [("organization/shop/dev", "shop", "dev"), ("dev", "", "dev"), ("", "", "")],
)
def test_a_stack_without_resources_has_the_name_that_its_backend_gives_it(name: str, project: str, stack: str) -> None:
    read = state_of(f'{{"version": 3, "checkpoint": {{"stack": "{name}", "latest": {{}}}}}}'.encode(), "x")
    assert (read.project, read.stack) == (project, stack)
