"""URLs of object stores, as they are given to `pulumi login`."""

from __future__ import annotations

from pathlib import Path

import pytest

from policypack.sources.errors import InputError
from policypack.sources.stores.urls import address_of, local_path, scheme_of


@pytest.mark.parametrize(
    ("url", "protocol", "path", "options"),
    [
        ("gs://states", "gs", "states", {}),
        ("gs://states/org/", "gs", "states/org", {}),
        ("GS://states", "gs", "states", {}),
        (
            "s3://states?region=eu-west-1&awssdk=v2&profile=audit",
            "s3",
            "states",
            {"client_kwargs": {"region_name": "eu-west-1"}, "profile": "audit"},
        ),
        ("s3://states?endpoint=minio.example:9000", "s3", "states", {"endpoint_url": "minio.example:9000"}),
        ("azblob://states?storage_account=acme", "az", "states", {"account_name": "acme", "anon": False}),
        ("abfs://states@acme.dfs.core.windows.net/x", "az", "states@acme.dfs.core.windows.net/x", {"anon": False}),
    ],
)
def test_a_url_names_driver_path_and_options(
    url: str, protocol: str, path: str, options: dict[str, object], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("AZURE_STORAGE_ACCOUNT", raising=False)
    address = address_of(url)
    assert (address.store.protocol, address.path, dict(address.store.options)) == (protocol, path, options)


def test_the_account_of_azure_comes_from_where_pulumi_finds_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AZURE_STORAGE_ACCOUNT", "acme")
    assert dict(address_of("azblob://states").store.options)["account_name"] == "acme"


def test_a_question_mark_without_keys_belongs_to_a_pattern() -> None:
    assert address_of("gs://states/team-?/x").path == "states/team-?/x"


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("http://states/x", "no store is known by http://"),
        ("simplecache::gs://states", "chained URLs are not read"),
        ("gs://a::file://b", "chained URLs are not read"),
        ("s3://key:hunter2@states", "credentials in a URL"),
        ("s3://states?X-Amz-Signature=hunter2", "the key X-Amz-Signature of the URL is not understood"),
    ],
)
def test_other_urls_are_refused_without_showing_what_may_be_secret(url: str, says: str) -> None:
    with pytest.raises(InputError, match=says) as caught:
        address_of(url)
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize(
    ("url", "path"),
    [
        ("file:///srv/state", Path("/srv/state")),
        ("file://./state", Path("state")),
        ("file://~", Path.home()),
        ("file:///srv/state?metadata=skip", Path("/srv/state")),
    ],
)
def test_a_file_url_is_a_path_as_for_pulumi(url: str, path: Path) -> None:
    assert local_path(url) == path


@pytest.mark.parametrize("place", ["a.json", "/a/b", "-", "c:/x", "a:b", "gs:/x"])
def test_paths_are_no_urls(place: str) -> None:
    assert scheme_of(place) == ""
