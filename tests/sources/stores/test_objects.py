"""Object stores through fsspec: its store in memory, and one that refuses."""

from __future__ import annotations

import builtins
import multiprocessing
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import fsspec
import pytest
from fsspec.implementations.memory import MemoryFileSystem

from policypack.model.records import replace
from policypack.sources.errors import InputError
from policypack.sources.state.files import LARGEST
from policypack.sources.stores import content_of, find, objects, tags_of


@pytest.fixture
def bucket() -> Iterator[MemoryFileSystem]:
    """A store in memory; what is written there is gone afterwards."""
    store = MemoryFileSystem()
    yield store
    store.store.clear()
    store.pseudo_dirs[:] = [""]


def names(*places: str) -> list[str]:
    return [file.name for file in find(places).files]


def test_a_bucket_gives_the_stacks_of_its_backend_with_their_tags(bucket: MemoryFileSystem) -> None:
    bucket.pipe("/states/.pulumi/stacks/shop/dev.json", b"{}")
    bucket.pipe("/states/.pulumi/stacks/shop/dev.json.bak", b"{}")
    bucket.pipe("/states/.pulumi/stacks/shop/dev.pulumi-tags", b'{"version": 1, "tags": {"owner": "payments"}}')
    bucket.pipe("/states/.pulumi/history/shop/dev/dev-1.checkpoint.json", b"{}")
    (file,) = find(["memory://states"]).files
    assert file.name == "memory://states/.pulumi/stacks/shop/dev.json"
    assert content_of(file) == b"{}"
    assert tags_of(file) == {"owner": "payments"}
    assert file.size == 2


def test_the_history_of_a_backend_is_not_even_listed(bucket: MemoryFileSystem, monkeypatch: pytest.MonkeyPatch) -> None:
    bucket.pipe("/states/.pulumi/stacks/shop/dev.json", b"{}")
    listed: list[str] = []
    whole = MemoryFileSystem.find

    def record(self: MemoryFileSystem, path: str, **more: Any) -> Any:
        listed.append(path)
        return whole(self, path, **more)

    monkeypatch.setattr(MemoryFileSystem, "find", record)
    find(["memory://states"])
    assert listed == ["states/.pulumi/stacks"]


@pytest.mark.parametrize("place", ["states/.pulumi", "states/.pulumi/stacks/", "states/.pulumi/stacks/shop"])
def test_a_prefix_within_a_backend_has_the_same_states(place: str, bucket: MemoryFileSystem) -> None:
    bucket.pipe("/states/.pulumi/stacks/shop/dev.json", b"{}")
    assert names(f"memory://{place}") == ["memory://states/.pulumi/stacks/shop/dev.json"]


def test_a_bucket_of_exports_gives_all_of_them(bucket: MemoryFileSystem) -> None:
    for name in ("b.json", "a/c.json.gz", "a/readme.md"):
        bucket.pipe(f"/exports/{name}", b"{}")
    assert names("memory://exports") == ["memory://exports/a/c.json.gz", "memory://exports/b.json"]


def test_an_object_is_one_file(bucket: MemoryFileSystem) -> None:
    bucket.pipe("/exports/a.json", b"{}")
    found = find(["memory://exports/a.json"])
    assert [file.named for file in found.files] == [True]
    assert not found.many


def test_a_pattern_means_what_it_means_in_a_folder(bucket: MemoryFileSystem) -> None:
    for name in ("team-a/.pulumi/stacks/shop/dev.json", "team-a/.pulumi/history/x.json", "team-b.json", "other.json"):
        bucket.pipe(f"/states/{name}", b"{}")
    assert names("memory://states/team-*") == [
        "memory://states/team-a/.pulumi/stacks/shop/dev.json",
        "memory://states/team-b.json",
    ]


def test_keys_that_are_no_paths_are_found_under_their_own_names(bucket: MemoryFileSystem) -> None:
    odd = "x\x1b[2J\n*.json"
    bucket.pipe(f"/exports/{odd}", b"{}")
    (file,) = find(["memory://exports"]).files
    assert file.name == f"memory://exports/{odd}"
    assert content_of(file) == b"{}"


def test_what_is_found_can_travel_to_another_process(bucket: MemoryFileSystem) -> None:
    bucket.pipe("/exports/a.json", b"{}")
    (file,) = find(["memory://exports"]).files
    here, there = multiprocessing.Pipe()
    here.send(file)
    assert there.recv() == file


@pytest.mark.parametrize("place", ["memory://nothing", "memory://nothing/*.json"])
def test_nothing_there_is_one_clear_error(place: str, bucket: MemoryFileSystem) -> None:
    with pytest.raises(InputError) as caught:
        find([place])
    assert caught.value.what in {"there is nothing there", "no state of a stack fits this pattern"}
    assert caught.value.where.startswith("memory://nothing")


def test_a_url_without_a_bucket_is_refused() -> None:
    with pytest.raises(InputError, match="names no bucket"):
        find(["memory://"])


def test_an_object_that_has_gone_is_one_clear_error(bucket: MemoryFileSystem) -> None:
    bucket.pipe("/exports/a.json", b"{}")
    (file,) = find(["memory://exports"]).files
    bucket.rm("/exports/a.json")
    with pytest.raises(InputError, match="there is nothing there"):
        content_of(file)


@pytest.mark.parametrize("told_by", ["the listing", "the object"])
def test_an_object_larger_than_any_state_is_not_fetched(
    told_by: str, bucket: MemoryFileSystem, monkeypatch: pytest.MonkeyPatch
) -> None:
    bucket.pipe("/exports/a.json", b"{}")
    (file,) = find(["memory://exports"]).files
    monkeypatch.setattr(MemoryFileSystem, "info", lambda *_, **__: {"size": LARGEST + 1, "type": "file"})
    monkeypatch.setattr(MemoryFileSystem, "cat_file", lambda *_, **__: pytest.fail("it was fetched"))
    with pytest.raises(InputError, match="larger than"):
        content_of(replace(file, size=LARGEST + 1 if told_by == "the listing" else 0))


def test_a_state_is_fetched_with_one_question(bucket: MemoryFileSystem, monkeypatch: pytest.MonkeyPatch) -> None:
    bucket.pipe("/exports/a.json", b"{}")
    (file,) = find(["memory://exports"]).files
    monkeypatch.setattr(MemoryFileSystem, "info", lambda *_, **__: pytest.fail("it was asked again"))
    monkeypatch.setattr(MemoryFileSystem, "cat_file", lambda *_, **__: b"[]")
    assert content_of(file) == b"[]"


class ForbiddenError(Exception):
    """What a driver raises, which only it knows."""


@pytest.mark.parametrize(
    ("error", "says"),
    [
        (PermissionError("no"), "the store does not let us in"),
        (FileNotFoundError("no"), "there is nothing there"),
        (
            ForbiddenError("GET https://x/y?X-Amz-Signature=hunter2 gave 403"),
            "ForbiddenError: GET https://x/y gave 403",
        ),
        (OSError("Connect timeout"), "OSError: Connect timeout"),
    ],
)
def test_whatever_a_driver_raises_is_one_clear_error_without_signatures(
    error: Exception, says: str, bucket: MemoryFileSystem, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr(MemoryFileSystem, "find", refuse)
    with pytest.raises(InputError) as caught:
        find(["memory://states"])
    assert says in caught.value.what
    assert caught.value.where == "memory://states"
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize(
    ("url", "package", "extra"),
    [("gs://b", "gcsfs", "gcs"), ("s3://b", "s3fs", "s3"), ("azblob://b", "adlfs", "azure")],
)
def test_a_driver_that_is_not_installed_is_named_with_the_command_that_brings_it(
    url: str, package: str, extra: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fsspec, "filesystem", lambda *_, **__: builtins.__import__(f"{package}_is_not_here"))
    with pytest.raises(InputError, match=package) as caught:
        find([url])
    assert f"'multiregion-guard[{extra}]'" in caught.value.what_to_do


def test_a_url_of_google_reaches_its_driver(bucket: MemoryFileSystem, monkeypatch: pytest.MonkeyPatch) -> None:
    bucket.pipe("/states/.pulumi/stacks/shop/dev.json", b"{}")
    asked: list[str] = []

    def stand_in(protocol: str, **_: object) -> MemoryFileSystem:
        asked.append(protocol)
        return bucket

    monkeypatch.setattr(fsspec, "filesystem", stand_in)
    assert names("gs://states") == ["gs://states/.pulumi/stacks/shop/dev.json"]
    assert set(asked) == {"gs"}


def test_fsspec_is_loaded_for_urls_only(tmp_path: Any) -> None:
    (tmp_path / "a.json").write_text("{}")
    code = (
        "import sys; from policypack.sources.stores import find; find(sys.argv[1:]); "
        "print(sorted({'fsspec', 'aiohttp'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code, str(tmp_path)], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


@pytest.mark.parametrize(
    ("known", "changed"),
    [
        ({"mtime": 3.0}, 3.0),
        ({"updated": "1970-01-01T00:00:05Z"}, 5.0),
        ({"updated": "some day"}, 0.0),
        ({}, 0.0),
    ],
)
def test_the_time_of_an_object_is_read_as_drivers_give_it(known: dict[str, Any], changed: float) -> None:
    assert objects.changed(known) == changed
