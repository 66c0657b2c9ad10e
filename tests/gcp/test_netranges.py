from __future__ import annotations

import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policypack.gcp.netranges import EVERYWHERE, NOWHERE, PUBLIC_IPV4, RangeSet, parse_range, whole_internet


def networks(version: int = 4) -> st.SearchStrategy[ipaddress.IPv4Network | ipaddress.IPv6Network]:
    bits = 32 if version == 4 else 128
    make = ipaddress.IPv4Network if version == 4 else ipaddress.IPv6Network
    return st.tuples(st.integers(0, 2**bits - 1), st.integers(0, bits)).map(lambda pair: make(pair, strict=False))


sets = st.lists(st.one_of(networks(4), networks(6)), max_size=6).map(lambda found: RangeSet.of(*found))


@given(sets)
def test_a_set_written_as_ranges_and_read_again_is_the_same(one: RangeSet) -> None:
    assert RangeSet.of(*one.networks()) == one


@given(sets, sets)
def test_a_difference_shares_nothing_with_what_was_taken_away(one: RangeSet, other: RangeSet) -> None:
    assert not (one - other) & other


@given(sets, sets)
def test_difference_and_common_part_make_up_the_whole(one: RangeSet, other: RangeSet) -> None:
    assert (one - other) | (one & other) == one


@given(sets, sets)
def test_a_union_covers_both_parts(one: RangeSet, other: RangeSet) -> None:
    assert (one | other).covers(one)
    assert (one | other).covers(other)


@given(st.lists(networks(4), min_size=1, max_size=6), st.integers(0, 2**32 - 1))
def test_a_set_covers_an_address_exactly_if_one_of_its_ranges_does(
    ranges: list[ipaddress.IPv4Network], number: int
) -> None:
    address = ipaddress.IPv4Address(number)
    assert RangeSet.of(*ranges).covers(RangeSet.of(str(address))) == any(address in network for network in ranges)


@given(networks(4).filter(lambda network: network.prefixlen < 32))
def test_the_two_halves_of_a_range_cover_it(network: ipaddress.IPv4Network) -> None:
    low, high = network.subnets()
    assert RangeSet.of(low, high) == RangeSet.of(network)
    assert not RangeSet.of(low).covers(RangeSet.of(network))


@given(networks(4), st.integers(0, 8))
def test_a_range_however_split_covers_the_whole_and_without_one_part_does_not(
    network: ipaddress.IPv4Network, more: int
) -> None:
    parts = list(network.subnets(prefixlen_diff=min(more, 32 - network.prefixlen)))
    assert RangeSet.of(*reversed(parts)) == RangeSet.of(network)
    assert RangeSet.of(*parts[1:]) != RangeSet.of(network)


@pytest.mark.parametrize(
    ("ranges", "expected"),
    [
        (["0.0.0.0/0"], ("0.0.0.0/0",)),
        (["0.0.0.0/1", "128.0.0.0/1"], ("0.0.0.0/0",)),
        (["128.0.0.0/1", "0.0.0.0/2", "64.0.0.0/2"], ("0.0.0.0/0",)),
        (["::/0"], ("::/0",)),
        (["2000::/3"], ("::/0",)),
        (["0.0.0.0/0", "::/0"], ("0.0.0.0/0", "::/0")),
        (["0.0.0.0/1"], ()),
        (["10.0.0.0/8"], ()),
        (["35.235.240.0/20"], ()),
        (["fd00::/8"], ()),
        ([], ()),
    ],
)
def test_the_whole_internet_is_told_however_it_is_written(ranges: list[str], expected: tuple[str, ...]) -> None:
    assert whole_internet(RangeSet.of(*ranges)) == expected


def test_everything_but_private_ranges_is_the_whole_internet() -> None:
    private = RangeSet.of("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16")
    assert whole_internet(RangeSet.of("0.0.0.0/0") - private) == ("0.0.0.0/0",)


def test_the_internet_without_one_public_address_is_not_whole() -> None:
    assert whole_internet(PUBLIC_IPV4 - RangeSet.of("8.8.8.8")) == ()


def test_nowhere_is_empty_and_everywhere_is_not() -> None:
    assert not NOWHERE
    assert EVERYWHERE - NOWHERE == EVERYWHERE


@pytest.mark.parametrize("text", ["10.0.0.7/8", " 10.0.0.0/8 "])
def test_bits_behind_the_prefix_do_not_matter(text: str) -> None:
    assert parse_range(text) == ipaddress.ip_network("10.0.0.0/8")


@pytest.mark.parametrize("text", ["anywhere", "10.0.0.0/33", "", "10.0.0"])
def test_what_is_no_range_is_none(text: str) -> None:
    assert parse_range(text) is None
