"""Classes of the model behave as those of the standard library do, and cost less."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from policypack.model.records import cached_property, dataclass, field, replace


@dataclass(frozen=True)
class Place:
    name: str
    floor: int = 0
    notes: tuple[str, ...] = field(default=(), compare=False)


@dataclass(eq=False)
class Shelf:
    place: Place
    books: list[str] = field(default_factory=list)
    hidden: dict[str, str] = field(default_factory=dict, repr=False)

    def __post_init__(self) -> None:
        self.books = sorted(self.books)

    @cached_property
    def first(self) -> str:
        """The first book."""
        return self.books.pop(0)


@dataclass(frozen=True, order=True)
class Mark:
    number: int
    text: str


@dataclass(frozen=True)
class Room(Place):
    windows: int = 1


def test_values_are_given_by_place_or_by_name() -> None:
    assert Place("hall", 1) == Place(floor=1, name="hall")


@pytest.mark.parametrize("given", [{}, {"name": "hall", "size": 1}])
def test_what_is_missing_or_not_known_is_refused(given: dict[str, Any]) -> None:
    with pytest.raises(TypeError):
        Place(**given)


def test_fields_that_are_not_compared_do_not_tell_two_apart() -> None:
    assert {Place("hall"), Place("hall", notes=("cold",))} == {Place("hall")}
    assert Place("hall") != Place("hall", 1)


def test_a_class_without_comparison_is_equal_to_itself_alone() -> None:
    shelf = Shelf(Place("hall"))
    assert {shelf, shelf} == {shelf}
    assert shelf != Shelf(Place("hall"))


def test_every_object_has_values_of_its_own() -> None:
    one, other = Shelf(Place("hall")), Shelf(Place("hall"))
    one.books.append("atlas")
    assert not other.books


def test_what_the_class_does_to_a_new_object_is_done() -> None:
    assert Shelf(Place("hall"), ["b", "a"]).books == ["a", "b"]


def test_the_text_names_the_fields_that_are_shown() -> None:
    assert repr(Shelf(Place("hall"))) == "Shelf(place=Place(name='hall', floor=0, notes=()), books=[])"


def test_objects_with_an_order_are_sorted_by_their_fields() -> None:
    assert sorted([Mark(2, "a"), Mark(1, "b"), Mark(1, "a")]) == [Mark(1, "a"), Mark(1, "b"), Mark(2, "a")]
    assert Mark(1, "a") < Mark(2, "a")
    assert Mark(1, "a") <= Mark(1, "a")


def test_a_class_takes_over_the_fields_of_its_base() -> None:
    assert repr(Room("hall", windows=2)) == "Room(name='hall', floor=0, notes=(), windows=2)"
    assert Room("hall") != Place("hall")


def test_a_copy_differs_in_what_was_said() -> None:
    assert replace(Place("hall", 1), floor=2) == Place("hall", 2)


def test_the_standard_library_knows_the_fields() -> None:
    assert [one.name for one in dataclasses.fields(Mark)] == ["number", "text"]


def test_a_property_is_worked_out_once() -> None:
    shelf = Shelf(Place("hall"), ["b", "a"])
    assert (shelf.first, shelf.first, shelf.books) == ("a", "a", ["b"])


def test_a_property_keeps_what_is_said_of_it() -> None:
    assert Shelf.first.__doc__ == "The first book."
