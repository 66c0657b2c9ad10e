from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policypack.gcp.ports import PortRange, gaps, parse_ports, protocol_name


@pytest.mark.parametrize(
    ("text", "expected"),
    [("22", PortRange(22, 22)), ("20-30", PortRange(20, 30)), ("0-65535", PortRange(0, 65535))],
)
def test_a_port_or_a_range_is_read(text: str, expected: PortRange) -> None:
    assert parse_ports(text) == expected


@pytest.mark.parametrize("text", ["", "ssh", "30-20", "70000", "1-70000", "22,23"])
def test_what_is_no_port_is_none(text: str) -> None:
    assert parse_ports(text) is None


@pytest.mark.parametrize("text", ["1-65535", "0-65535"])
def test_a_range_of_every_port_is_whole(text: str) -> None:
    ports = parse_ports(text)
    assert ports is not None
    assert ports.whole


@pytest.mark.parametrize(
    ("text", "expected"), [("6", "tcp"), ("TCP", "tcp"), ("17", "udp"), ("all", "all"), ("99", "99")]
)
def test_protocols_by_number_and_by_name_are_the_same(text: str, expected: str) -> None:
    assert protocol_name(text) == expected


def test_a_range_is_written_as_in_a_rule() -> None:
    assert (str(PortRange(20, 30)), str(PortRange(22, 22))) == ("20-30", "22")


RANGES = st.tuples(st.integers(0, 20), st.integers(0, 20)).map(lambda pair: PortRange(min(pair), max(pair)))


def members(*ranges: PortRange) -> set[int]:
    return {port for one in ranges for port in range(one.low, one.high + 1)}


@given(whole=RANGES, parts=st.lists(RANGES, max_size=4))
def test_gaps_are_what_is_in_no_part(whole: PortRange, parts: list[PortRange]) -> None:
    assert members(*gaps(whole, parts)) == members(whole) - members(*parts)


@given(one=RANGES, other=RANGES)
def test_ranges_overlap_if_a_port_is_in_both(one: PortRange, other: PortRange) -> None:
    assert one.overlaps(other) is bool(members(one) & members(other))
