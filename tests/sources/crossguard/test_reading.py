"""Properties that are read in one go come out as those that are decoded first and normalised then."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some

from policypack.gcp.normal import KEEP_EMPTY, PORT_RANGES, normalise
from policypack.model.values import UNKNOWN, Secret, secret_texts
from policypack.sources.crossguard.reading import PropertyReader
from policypack.sources.wire import REDACTED, UNKNOWN_TEXTS, decode_properties, encode_properties

TYPES = ["gcp:compute/network:Network", *KEEP_EMPTY, *PORT_RANGES]

scalars = (
    some.none()
    | some.booleans()
    | some.floats(allow_nan=False)
    | some.integers(-(2**50), 2**50)
    | some.sampled_from(["", "text", "443", "443-443", "80-90", "a" * 40, REDACTED, *UNKNOWN_TEXTS])
    | some.just(UNKNOWN)
)
values = some.recursive(
    scalars,
    lambda inner: (
        some.lists(inner, max_size=3)
        | some.dictionaries(some.sampled_from(["name", "ttl", "__defaults"]), inner, max_size=3)
        | some.builds(Secret, inner)
    ),
    max_leaves=8,
)
objects = some.dictionaries(
    some.sampled_from(["name", "portRange", "labels", "expirationPolicy", "__defaults", "é"]), values, max_size=5
)


@given(objects, some.sampled_from(TYPES))
def test_values_and_their_order_are_those_of_reading_in_two_steps(given_values: dict[str, Any], token: str) -> None:
    struct = encode_properties(given_values)
    read, secrets = PropertyReader().read(token, struct)
    expected = normalise(token, decode_properties(struct))
    assert list(read.items()) == list(expected.items())
    assert secrets == secret_texts(expected)


def test_a_list_that_is_sent_twice_is_read_once() -> None:
    reader = PropertyReader()
    struct = encode_properties({"tags": ["a", Secret("hidden")]})
    (first, hidden), (second, again) = (reader.read(TYPES[0], struct) for _ in range(2))
    assert first["tags"] is second["tags"]
    assert hidden == again == {"hidden"}


def test_what_was_let_go_of_is_read_anew() -> None:
    reader = PropertyReader()
    struct = encode_properties({"tags": ["a"]})
    first, _ = reader.read(TYPES[0], struct)
    reader.forget()
    second, _ = reader.read(TYPES[0], struct)
    assert first == second
    assert first["tags"] is not second["tags"]


@pytest.mark.parametrize(("limit", "value"), [("LARGEST_SHARED", 8), ("MOST_SHARED", 1)])
def test_what_is_kept_is_limited(limit: str, value: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(PropertyReader, limit, value)
    reader = PropertyReader()
    structs = [encode_properties({"tags": [str(number) * 20]}) for number in range(2)]
    first, _ = reader.read(TYPES[0], structs[0])
    reader.read(TYPES[0], structs[1])
    again, _ = reader.read(TYPES[0], structs[0])
    assert first == again
    assert first["tags"] is not again["tags"]
