"""Texts for people hold no secret."""

from __future__ import annotations

import pytest

from policypack.engine.messages import Mask, mask


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("nothing to hide", "nothing to hide"),
        ("it is hunter22", "it is [secret]"),
        ("hunter22hunter22", "[secret][secret]"),
        ("from line\\none on, and line\none", "from [secret] on, and [secret]"),
        ("hunter2", "hunter2"),
        ("", ""),
    ],
)
def test_a_secret_is_masked_as_it_is_and_with_its_line_ends_escaped(text: str, shown: str) -> None:
    assert Mask({"hunter22", "line\none"})(text) == shown


def test_secrets_that_overlap_are_masked_together() -> None:
    assert mask("say abcdef twice", {"abcd", "cdef"}) == "say [secret] twice"


def test_the_longer_of_two_secrets_that_begin_alike_is_masked() -> None:
    assert mask("abcdef", {"abc", "abcdef"}) == "[secret]"


def test_a_secret_that_is_a_word_of_the_mask_leaves_masks_alone() -> None:
    assert mask("hunter22", {"secret", "hunter22"}) == "[secret]"


def test_many_secrets_are_found_in_one_walk() -> None:
    secrets = {f"hidden-{number}-text" for number in range(1_000)}
    assert Mask(secrets)("both hidden-7-text and hidden-999-text") == "both [secret] and [secret]"
