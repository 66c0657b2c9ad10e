"""Patterns of paths mean the same for folders and for object stores."""

from __future__ import annotations

import fnmatch

import pytest
from hypothesis import given
from hypothesis import strategies as some

from policypack.sources.stores.patterns import Pattern, split


def fits(pattern: str, path: str) -> bool:
    parts = path.split("/")
    return len(parts) in Pattern(pattern.split("/")).ends(parts)


@pytest.mark.parametrize(
    ("pattern", "path"),
    [
        ("*.json", "a.json"),
        ("a?.json", "ab.json"),
        ("[ab].json", "b.json"),
        ("**/*.json", "a.json"),
        ("**/*.json", "x/y/a.json"),
        ("x/**/a.json", "x/a.json"),
        ("x/**", "x/y/z"),
        ("*/.pulumi/stacks/**/*.json", "team/.pulumi/stacks/shop/dev.json"),
    ],
)
def test_a_path_fits(pattern: str, path: str) -> None:
    assert fits(pattern, path)


@pytest.mark.parametrize(
    ("pattern", "path"),
    [
        ("*.json", "x/a.json"),
        ("*.json", ".a.json"),
        ("**/*.json", ".pulumi/history/a.json"),
        ("**/*.json", "node_modules/a.json"),
        ("x/*/a.json", "x/a.json"),
        ("x/*", "y/a"),
    ],
)
def test_a_path_does_not_fit(pattern: str, path: str) -> None:
    assert not fits(pattern, path)


def test_a_folder_that_fits_is_where_the_pattern_ends() -> None:
    assert Pattern(["team-*"]).ends(["team-a", ".pulumi", "stacks"]) == [1]


@pytest.mark.parametrize(
    ("path", "leads"), [(["x"], True), (["y"], False), (["x", "y"], True), (["x", "y", "z"], True)]
)
def test_only_folders_that_can_lead_to_something_are_looked_into(path: list[str], leads: bool) -> None:
    assert Pattern(["x", "*"]).leads_below(path) is leads


def test_a_pattern_without_depth_does_not_search_the_folders_beside_it() -> None:
    assert not Pattern(["*.json"]).leads_below(["folder"])


def test_many_stars_take_no_time_to_speak_of() -> None:
    assert not Pattern([*["**"] * 30, "x"]).ends(["a"] * 60)


def test_a_path_is_split_where_the_pattern_begins() -> None:
    above, pattern = split(["a", "b*", "c"])
    assert above == ["a"]
    assert pattern is not None
    assert pattern.ends(["bb", "c"]) == [2]


NAMES = some.text("ab.", min_size=1, max_size=4).filter(lambda name: not name.startswith("."))


@given(some.text("ab*?", min_size=1, max_size=5).filter(lambda text: text != "**"), NAMES)
def test_one_part_means_what_it_means_to_a_shell(pattern: str, name: str) -> None:
    assert fits(pattern, name) == fnmatch.fnmatchcase(name, pattern)
