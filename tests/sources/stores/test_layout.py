"""Which files are states: those of self-managed backends as Pulumi lays them out, and others by their names."""

from __future__ import annotations

import pytest

from policypack.sources.stores.layout import around, choose, enters, stem
from policypack.sources.stores.records import Entry


def chosen(*paths: str, inside: tuple[str, ...] = (), changed: dict[str, float] | None = None) -> list[str]:
    entries = [Entry(tuple(path.split("/")), 1, (changed or {}).get(path, 0.0)) for path in paths]
    return ["/".join(one.entry.parts) for one in choose(entries, inside)[0]]


@pytest.mark.parametrize(
    "path",
    [
        ".pulumi/stacks/shop/dev.json",
        ".pulumi/stacks/shop/dev.json.gz",
        ".pulumi/stacks/shop/dev.json.zst",
        ".pulumi/stacks/dev.json",
        "teams/a/.pulumi/stacks/shop/dev.json",
        "export.json",
        "prod/export.json.gz",
    ],
)
def test_a_state_is_chosen(path: str) -> None:
    assert chosen(path) == [path]


@pytest.mark.parametrize(
    "path",
    [
        ".pulumi/stacks/shop/dev.json.bak",
        ".pulumi/stacks/shop/dev.json.attrs",
        ".pulumi/stacks/shop/dev.pulumi-tags",
        ".pulumi/stacks/shop/deeper/dev.json",
        ".pulumi/history/shop/dev/dev-1.checkpoint.json",
        ".pulumi/history/shop/dev/dev-1.history.json",
        ".pulumi/backups/shop/dev/dev.1.json",
        ".pulumi/locks/organization/shop/dev/1.json",
        ".pulumi/meta.yaml",
        ".pulumi/credentials.json",
        ".git/config.json",
        "node_modules/a/package.json",
        "notes.txt",
        "dev.tags.json",
        ".json",
    ],
)
def test_what_is_no_state_is_left_out(path: str) -> None:
    assert chosen(path) == []


def test_what_lies_beside_the_files_of_a_backend_is_none_of_its_stacks() -> None:
    assert chosen(".pulumi/stacks/shop/dev.json", "package.json") == [".pulumi/stacks/shop/dev.json"]


def test_a_backend_further_down_leaves_the_exports_beside_it() -> None:
    assert chosen("a/.pulumi/stacks/shop/dev.json", "b.json") == ["a/.pulumi/stacks/shop/dev.json", "b.json"]


@pytest.mark.parametrize(
    ("place", "inside"),
    [
        (("srv", "state"), ()),
        (("srv", ".pulumi"), (".pulumi",)),
        (("srv", ".pulumi", "stacks", "shop"), (".pulumi", "stacks", "shop")),
    ],
)
def test_a_place_knows_that_it_lies_in_a_backend(place: tuple[str, ...], inside: tuple[str, ...]) -> None:
    assert around(place) == inside


@pytest.mark.parametrize(
    ("inside", "path"),
    [
        ((".pulumi",), "stacks/shop/dev.json"),
        ((".pulumi", "stacks"), "shop/dev.json"),
        ((".pulumi", "stacks"), "dev.json"),
        ((".pulumi", "stacks", "shop"), "dev.json"),
    ],
)
def test_a_folder_within_a_backend_has_the_same_states(inside: tuple[str, ...], path: str) -> None:
    assert chosen(path, inside=inside) == [path]


def test_a_folder_of_history_has_no_states() -> None:
    assert chosen("dev/dev-1.checkpoint.json", inside=(".pulumi", "history", "shop")) == []


def test_of_a_state_that_is_there_plain_and_packed_the_one_written_last_counts() -> None:
    plain, packed = ".pulumi/stacks/shop/dev.json", ".pulumi/stacks/shop/dev.json.gz"
    assert chosen(plain, packed, changed={plain: 1.0, packed: 2.0}) == [packed]
    assert chosen(plain, packed, changed={plain: 2.0, packed: 1.0}) == [plain]
    assert choose([Entry(tuple(one.split("/"))) for one in (plain, packed)])[1] == 1


def test_exports_that_differ_in_their_endings_are_two() -> None:
    assert chosen("dev.json", "dev.json.gz") == ["dev.json", "dev.json.gz"]


@pytest.mark.parametrize("tags", ["dev.pulumi-tags", "dev.tags.json"])
def test_the_tags_beside_a_state_belong_to_it(tags: str) -> None:
    (found,) = choose([Entry(("dev.json.gz",)), Entry((tags,)), Entry(("x", tags))])[0]
    assert found.tags == Entry((tags,))


@pytest.mark.parametrize("folder", [(".git",), ("a", "venv"), (".pulumi", "history"), (".git", ".pulumi")])
def test_folders_without_states_are_not_entered(folder: tuple[str, ...]) -> None:
    assert not enters(folder)


def test_the_stem_of_a_state_is_its_name_without_the_ending() -> None:
    assert [stem(name) for name in ("a.json", "a.b.json.gz", "a.txt")] == ["a", "a.b", None]
