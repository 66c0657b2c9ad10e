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


@pytest.mark.parametrize("quoted", [r"a \"b\" \\", "a \\u00e9 b", "a é b", "a 'b'"])
def test_a_secret_is_masked_as_json_and_python_quote_it(quoted: str) -> None:
    secrets = {'a "b" \\', "a é b", "a 'b'"}
    assert mask(f"it is {quoted}.", secrets) == "it is [secret]."


def test_a_secret_is_masked_without_the_space_around_it() -> None:
    assert mask("it is hunter22.", {" hunter22\n"}) == "it is [secret]."


def test_a_line_of_a_secret_is_masked_unless_it_is_short() -> None:
    assert mask("line-number-two and one", {"one\nline-number-two\nend"}) == "[secret] and one"


@pytest.mark.parametrize("kind", ["PRIVATE KEY", "RSA PRIVATE KEY", "EC PRIVATE KEY", "ENCRYPTED PRIVATE KEY"])
def test_a_private_key_is_masked_though_nobody_marked_it(kind: str) -> None:
    key = f"-----BEGIN {kind}-----\nMIIE\n-----END {kind}-----"
    assert mask(f"it is {key}, and {key!r}.", set()) == "it is [secret], and '[secret]'."


def test_a_private_key_that_was_cut_off_is_masked_to_its_end() -> None:
    assert mask("it is -----BEGIN PRIVATE KEY-----\nMIIE", set()) == "it is [secret]"


def test_a_certificate_is_no_secret() -> None:
    assert "MIID" in mask("-----BEGIN CERTIFICATE-----\nMIID\n-----END CERTIFICATE-----", set())
