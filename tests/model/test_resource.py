from __future__ import annotations

from typing import Any

import pytest

from policypack.model.logic import Undecided
from policypack.model.resource import Element, Resource
from policypack.model.values import UNKNOWN, Secret


def thing(inputs: dict[str, Any] | None = None, outputs: dict[str, Any] | None = None) -> Resource:
    return Resource("urn:thing", "gcp:a/b:C", "thing", inputs, outputs)


def test_an_absent_value_is_none() -> None:
    assert thing({"a": 1})["b"] is None


def test_reading_an_unknown_value_is_undecided_and_names_the_place() -> None:
    with pytest.raises(Undecided) as caught:
        thing({"a": {"b": UNKNOWN}})["a.b"]
    assert (caught.value.urn, caught.value.path) == ("urn:thing", "a.b")


@pytest.mark.parametrize("inputs", [{"a": Secret(UNKNOWN)}, {"a": Secret({"b": UNKNOWN})}, {"a": [Secret(UNKNOWN)]}])
def test_a_secret_that_is_not_shown_is_not_said_to_be_known_after_deployment(inputs: dict[str, Any]) -> None:
    path = "a[0]" if isinstance(inputs["a"], list) else "a.b"
    with pytest.raises(Undecided) as caught:
        thing(inputs).text(path)
    assert caught.value.reason == "it is a secret, whose value is not known here"


def test_a_secret_is_read_like_any_value() -> None:
    assert thing({"a": Secret("x")}).text("a") == "x"


def test_an_unknown_value_is_set() -> None:
    assert thing({"a": UNKNOWN}).is_set("a")


def test_an_unknown_output_that_the_program_left_out_is_not_set() -> None:
    assert not thing({"b": 1}, {"a": UNKNOWN, "b": 1}).is_set("a")


@pytest.mark.parametrize(
    ("inputs", "path", "around"),
    [
        ({"a": UNKNOWN}, "a.b", "a"),
        ({"a": UNKNOWN}, "a[0].b.c", "a"),
        ({"a": {"b": UNKNOWN}}, "a.b.c", "a.b"),
        ({"a": [{"b": 1}, UNKNOWN]}, "a[1].b", "a[1]"),
    ],
)
def test_whether_a_property_is_set_cannot_be_told_where_what_it_stands_in_is_unknown(
    inputs: dict[str, Any], path: str, around: str
) -> None:
    with pytest.raises(Undecided) as caught:
        thing(inputs).is_set(path)
    assert (caught.value.path, caught.value.reason) == (around, "its value is known only after deployment")


def test_an_unknown_value_in_a_known_block_is_set() -> None:
    assert thing({"a": {"b": UNKNOWN}}).is_set("a.b")


def test_an_unknown_element_is_set_and_what_it_holds_cannot_be_told() -> None:
    (element,) = thing({"disks": [UNKNOWN]}).elements("disks")
    assert element.is_set("")
    with pytest.raises(Undecided, match=r"disks\[0\]: "):
        element.is_set("size")


def test_an_unknown_block_that_the_program_left_out_holds_nothing() -> None:
    assert not thing({"b": 1}, {"a": UNKNOWN}).is_set("a.b")


def test_reading_below_an_unknown_block_names_the_block() -> None:
    with pytest.raises(Undecided) as caught:
        thing({"a": UNKNOWN})["a.b[0].c"]
    assert caught.value.path == "a"


def test_whether_a_property_is_set_cannot_be_told_of_a_resource_without_properties() -> None:
    with pytest.raises(Undecided, match="--target"):
        thing({}).is_set("a")


def test_peeking_never_raises() -> None:
    assert thing({"a": "text"}).peek("a.b") is UNKNOWN
    assert thing({}).peek("a") is UNKNOWN


def test_numbers_and_flags_are_read_from_texts() -> None:
    resource = thing({"port": "443", "ratio": "0.5", "on": "true"})
    assert (resource.number("port"), resource.number("ratio"), resource.flag("on")) == (443, 0.5, True)


@pytest.mark.parametrize("read", ["number", "flag", "text"])
def test_a_value_of_a_wrong_type_is_undecided_with_its_path(read: str) -> None:
    with pytest.raises(Undecided, match="a: it is an object where a single value belongs"):
        getattr(thing({"a": {"b": 1}}), read)("a")


def test_a_text_where_a_list_belongs_is_undecided() -> None:
    with pytest.raises(Undecided, match="it is a string where a list belongs"):
        thing({"a": "text"}).elements("a")


def test_elements_are_read_relative_to_their_place() -> None:
    first, second = thing({"disks": [{"size": 1}, UNKNOWN]}).elements("disks")
    assert first["size"] == 1
    with pytest.raises(Undecided, match=r"disks\[1\]: "):
        second["size"]


def test_a_finding_about_an_element_has_the_whole_path() -> None:
    element = Element(thing({"disks": [{}]}), "disks[0]")
    assert element.finding("key", expected="a key", found="none").path == "disks[0].key"


def test_a_list_of_texts_with_an_unknown_one_is_undecided() -> None:
    with pytest.raises(Undecided, match=r"ranges\[1\]"):
        thing({"ranges": ["a", UNKNOWN]}).texts("ranges")


def test_two_resources_alike_are_not_the_same() -> None:
    assert thing({"a": 1}) != thing({"a": 1})
