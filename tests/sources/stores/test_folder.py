"""Folders of this machine: what is found there, and what strangers may have put there."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest

from policypack.sources.errors import InputError
from policypack.sources.stores import content_of, find, tags_of
from policypack.sources.stores.folder import LINKS, ODD, TOO_DEEP
from policypack.sources.stores.layout import OLDER


def write(path: Path, text: str = "{}") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def names(*places: object) -> list[str]:
    return [file.name for file in find([str(place) for place in places]).files]


def test_a_folder_is_searched_to_its_bottom_in_the_order_of_names(tmp_path: Path) -> None:
    made = [write(tmp_path / name) for name in ("a.json", "b/c.json", "b/d/e.json.gz")]
    write(tmp_path / "b" / "notes.txt")
    assert names(tmp_path) == [str(path) for path in made]


def test_a_backend_gives_its_stacks_with_their_tags(tmp_path: Path) -> None:
    state = write(tmp_path / ".pulumi/stacks/shop/dev.json")
    write(tmp_path / ".pulumi/stacks/shop/dev.json.bak")
    write(tmp_path / ".pulumi/history/shop/dev/dev-1.checkpoint.json")
    write(tmp_path / ".pulumi/stacks/shop/dev.pulumi-tags", '{"version": 1, "tags": {"owner": "payments"}}')
    (file,) = find([str(tmp_path)]).files
    assert file.name == str(state)
    assert tags_of(file) == {"owner": "payments"}


@pytest.mark.parametrize("place", [".", ".pulumi", ".pulumi/stacks", ".pulumi/stacks/shop"])
def test_every_folder_of_a_backend_leads_to_the_same_state(
    place: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path / ".pulumi/stacks/shop/dev.json")
    write(tmp_path / ".pulumi/meta.json")
    monkeypatch.chdir(tmp_path / place)
    assert len(names(".")) == 1
    assert len(names(tmp_path / place)) == 1
    assert len(names(f"file://{tmp_path / place}")) == 1


def test_tags_of_an_export_are_what_the_command_line_lists(tmp_path: Path) -> None:
    write(tmp_path / "shop.json")
    write(tmp_path / "shop.tags.json", '{"owner": "payments", "count": 3}')
    (file,) = find([str(tmp_path)]).files
    assert tags_of(file) == {"owner": "payments"}


@pytest.mark.parametrize("text", ["{", "[]", '{"version": 1, "tags": []}', '{"version": 1}'])
def test_broken_tags_are_an_error_of_their_own(text: str, tmp_path: Path) -> None:
    write(tmp_path / "shop.json")
    write(tmp_path / "shop.pulumi-tags", text)
    (file,) = find([str(tmp_path)]).files
    with pytest.raises(InputError):
        tags_of(file)


def test_a_pattern_gives_files_that_fit_and_the_states_of_folders_that_do(tmp_path: Path) -> None:
    one = write(tmp_path / "team-a/.pulumi/stacks/shop/dev.json")
    write(tmp_path / "team-a/.pulumi/backups/shop/dev/dev.json")
    two = write(tmp_path / "team-b.json")
    write(tmp_path / "other.json")
    assert names(tmp_path / "team-*") == [str(one), str(two)]


def test_a_pattern_with_an_ending_gives_files_whatever_they_are_called(tmp_path: Path) -> None:
    state = write(tmp_path / "shop.state")
    assert names(tmp_path / "*.state") == [str(state)]


def test_a_file_whose_name_looks_like_a_pattern_is_that_file(tmp_path: Path) -> None:
    file = write(tmp_path / "[a].json")
    found = find([str(file)])
    assert [one.name for one in found.files] == [str(file)]
    assert not found.many


def test_a_named_file_is_one_whether_it_is_there_or_not(tmp_path: Path) -> None:
    found = find([str(tmp_path / "missing.json")])
    assert [one.named for one in found.files] == [True]
    assert not found.many


def test_a_file_that_is_found_twice_counts_once_and_as_named(tmp_path: Path) -> None:
    file = write(tmp_path / "a.json")
    (found,) = find([str(tmp_path), str(file), str(tmp_path / "." / "*.json")]).files
    assert found.named


@pytest.mark.parametrize("place", ["empty", "empty/*.json", "missing/*.json"])
def test_a_place_without_states_is_an_error_that_says_what_they_are(place: str, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(InputError, match="no state of a stack") as caught:
        find([str(tmp_path / place)])
    assert ".pulumi/stacks" in caught.value.what_to_do


def test_an_empty_place_beside_others_is_told_of(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    write(tmp_path / "full" / "a.json")
    found = find([str(tmp_path / "empty"), str(tmp_path / "full")])
    assert [error.where for error in found.trouble] == [str(tmp_path / "empty")]
    assert len(found.files) == 1


def test_a_link_leads_nowhere_be_it_out_of_the_folder_or_round_in_a_circle(tmp_path: Path) -> None:
    outside = write(tmp_path / "outside" / "secret.json")
    write(tmp_path / "in" / "a.json")
    (tmp_path / "in" / "file.json").symlink_to(outside)
    (tmp_path / "in" / "folder").symlink_to(outside.parent)
    (tmp_path / "in" / "circle").symlink_to(tmp_path / "in")
    found = find([str(tmp_path / "in")])
    assert [file.name for file in found.files] == [str(tmp_path / "in" / "a.json")]
    assert found.passed_over == {LINKS: 3}


def test_links_that_have_nothing_to_do_with_a_pattern_are_not_spoken_of(tmp_path: Path) -> None:
    write(tmp_path / "team-a" / "a.json")
    for name in ("other", "team-b", ".hidden"):
        (tmp_path / name).symlink_to(tmp_path)
    assert find([str(tmp_path / "team-*" / "*.json")]).passed_over == {LINKS: 1}
    assert find([str(tmp_path)]).passed_over == {LINKS: 2}


def test_a_link_that_the_user_named_is_followed(tmp_path: Path) -> None:
    write(tmp_path / "there" / "a.json")
    (tmp_path / "link").symlink_to(tmp_path / "there")
    assert names(tmp_path / "link") == [str(tmp_path / "link" / "a.json")]


def test_pipes_and_sockets_block_nobody(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path / "a.json")
    os.mkfifo(tmp_path / "pipe.json")
    monkeypatch.chdir(tmp_path)  # the path of a socket must be short
    with socket.socket(socket.AF_UNIX) as made:
        made.bind("socket.json")
        assert find([str(tmp_path)]).passed_over == {ODD: 2}


@pytest.mark.parametrize("kind", ["link", "pipe", "folder", "gone"])
def test_a_file_that_has_become_something_else_is_not_read(kind: str, tmp_path: Path) -> None:
    path = write(tmp_path / "a.json")
    (file,) = find([str(tmp_path)]).files
    path.unlink()
    if kind == "link":
        path.symlink_to(write(tmp_path / "secret"))
    elif kind == "pipe":
        os.mkfifo(path)
    elif kind == "folder":
        path.mkdir()
    with pytest.raises(InputError):
        content_of(file)


def test_folders_deeper_than_anybody_keeps_states_are_left(tmp_path: Path) -> None:
    write(tmp_path / "a.json")
    write(tmp_path.joinpath(*["d"] * 80, "b.json"))
    found = find([str(tmp_path)])
    assert len(found.files) == 1
    assert found.passed_over == {TOO_DEEP: 1}


def test_older_copies_of_a_state_are_counted(tmp_path: Path) -> None:
    old = write(tmp_path / ".pulumi/stacks/shop/dev.json")
    os.utime(old, (1, 1))
    new = write(tmp_path / ".pulumi/stacks/shop/dev.json.gz")
    found = find([str(tmp_path)])
    assert [file.name for file in found.files] == [str(new)]
    assert found.passed_over == {OLDER: 1}


def test_a_folder_that_may_not_be_read_is_told_of_and_the_others_are_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path / "a.json")
    closed = tmp_path / "closed"
    closed.mkdir()
    scan = os.scandir

    def refuse(path: Path) -> object:
        if path == closed:
            raise PermissionError(13, "Permission denied")
        return scan(path)

    monkeypatch.setattr(os, "scandir", refuse)
    found = find([str(tmp_path)])
    assert [(error.what, error.where) for error in found.trouble] == [
        ("the folder cannot be listed: Permission denied", str(closed))
    ]
    assert len(found.files) == 1


def test_names_that_are_no_text_are_found(tmp_path: Path) -> None:
    name = os.fsdecode(b"\xff\x1b[2J\n.json")
    write(tmp_path / name)
    (file,) = find([str(tmp_path)]).files
    assert content_of(file) == b"{}"


@pytest.mark.parametrize("place", ["", " "])
def test_an_empty_name_is_not_the_current_folder(place: str) -> None:
    with pytest.raises(InputError, match="an empty name is no place"):
        find([place])


@pytest.mark.parametrize("place", ["x" * 5_000, "a\0b", "x" * 5_000 + "*"])
def test_a_name_that_no_file_can_have_is_one_clear_error(place: str) -> None:
    with pytest.raises(InputError) as caught:
        content_of(find([place]).files[0])
    assert caught.value.what_to_do
