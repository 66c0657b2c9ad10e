"""Sets of IP addresses, as firewall rules write them: what a list of CIDR ranges covers, and what it leaves out."""

from __future__ import annotations

import functools
import ipaddress
from collections.abc import Iterable
from typing import Final, TypeAlias

from policypack.model.records import dataclass

Network: TypeAlias = "ipaddress.IPv4Network | ipaddress.IPv6Network"

_BITS: Final = {4: 32, 6: 128}
_Interval: TypeAlias = "tuple[int, int]"


@functools.lru_cache(maxsize=1024)
def parse_range(text: str) -> Network | None:
    """Read a CIDR range, or a single address; None if the text is neither.

    Bits behind the prefix do not matter, as they do not to Google: `10.0.0.7/8` is `10.0.0.0/8`.
    """
    try:
        return ipaddress.ip_network(text.strip(), strict=False)
    except ValueError:
        return None


def _interval(network: Network) -> _Interval:
    return int(network.network_address), int(network.broadcast_address)


def _merged(intervals: Iterable[_Interval]) -> tuple[_Interval, ...]:
    result: list[_Interval] = []
    for low, high in sorted(intervals):
        if result and low <= result[-1][1] + 1:
            result[-1] = (result[-1][0], max(result[-1][1], high))
        else:
            result.append((low, high))
    return tuple(result)


@functools.lru_cache(maxsize=4096)  # a stack asks about few ranges, again and again
def _common(left: tuple[_Interval, ...], right: tuple[_Interval, ...]) -> tuple[_Interval, ...]:
    if not left or not right:
        return ()
    # Both are sorted and disjoint: one walk along them, since lists can be as long as the API allows.
    result: list[_Interval] = []
    at_left = at_right = 0
    while at_left < len(left) and at_right < len(right):
        low = max(left[at_left][0], right[at_right][0])
        high = min(left[at_left][1], right[at_right][1])
        if low <= high:
            result.append((low, high))
        if left[at_left][1] < right[at_right][1]:
            at_left += 1
        else:
            at_right += 1
    return tuple(result)


@functools.lru_cache(maxsize=4096)
def _complement(intervals: tuple[_Interval, ...], version: int) -> tuple[_Interval, ...]:
    result: list[_Interval] = []
    start = 0
    for low, high in intervals:
        if start < low:
            result.append((start, low - 1))
        start = high + 1
    last = 2 ** _BITS[version] - 1
    if start <= last:
        result.append((start, last))
    return tuple(result)


@dataclass(frozen=True)
class RangeSet:
    """A set of IPv4 and IPv6 addresses. Two sets are equal if they hold the same addresses.

    Attributes:
        v4: IPv4 addresses as numbers: sorted, disjoint intervals that do not touch, both ends included.
        v6: IPv6 addresses, likewise.
    """

    v4: tuple[_Interval, ...] = ()
    v6: tuple[_Interval, ...] = ()

    @staticmethod
    def of(*ranges: Network | str) -> RangeSet:
        """Make the set of every address in any of the ranges.

        Raises:
            ValueError: A text is no range.
        """
        return _set_of(ranges)

    def __bool__(self) -> bool:
        return bool(self.v4 or self.v6)

    def __or__(self, other: RangeSet) -> RangeSet:
        # One of the two is empty most of the time.
        if not self or not other:
            return self or other
        return RangeSet(_merged((*self.v4, *other.v4)), _merged((*self.v6, *other.v6)))

    def __and__(self, other: RangeSet) -> RangeSet:
        return RangeSet(_common(self.v4, other.v4), _common(self.v6, other.v6))

    def __sub__(self, other: RangeSet) -> RangeSet:
        if not self or not other:
            return self
        return self & RangeSet(_complement(other.v4, 4), _complement(other.v6, 6))

    def covers(self, other: RangeSet) -> bool:
        """Tell whether every address of the other set is in this one."""
        return not other - self

    def networks(self) -> tuple[Network, ...]:
        """Write the set as the shortest list of CIDR ranges, IPv4 first."""
        v4 = (
            each
            for low, high in self.v4
            for each in ipaddress.summarize_address_range(ipaddress.IPv4Address(low), ipaddress.IPv4Address(high))
        )
        v6 = (
            each
            for low, high in self.v6
            for each in ipaddress.summarize_address_range(ipaddress.IPv6Address(low), ipaddress.IPv6Address(high))
        )
        return (*v4, *v6)

    def __str__(self) -> str:
        return ", ".join(map(str, self.networks()))


@functools.lru_cache(maxsize=1024)
def _set_of(ranges: tuple[Network | str, ...]) -> RangeSet:
    # The same few ranges stand in most firewall rules, and reading one is slow.
    networks = [ipaddress.ip_network(each, strict=False) if isinstance(each, str) else each for each in ranges]
    return RangeSet(*(_merged(_interval(each) for each in networks if each.version == version) for version in (4, 6)))


NOWHERE: Final = RangeSet()
"""No address at all."""

EVERYWHERE: Final = RangeSet.of("0.0.0.0/0", "::/0")
"""Every address there is."""

_NOT_PUBLIC: Final = RangeSet.of(
    "0.0.0.0/8",
    "10.0.0.0/8",
    "100.64.0.0/10",
    "127.0.0.0/8",
    "169.254.0.0/16",
    "172.16.0.0/12",
    "192.0.0.0/24",
    "192.0.2.0/24",
    "192.88.99.0/24",
    "192.168.0.0/16",
    "198.18.0.0/15",
    "198.51.100.0/24",
    "203.0.113.0/24",
    "224.0.0.0/3",
)
"""IPv4 addresses that nobody on the internet can have (IANA IPv4 Special-Purpose Address Registry; multicast)."""

PUBLIC_IPV4: Final = RangeSet.of("0.0.0.0/0") - _NOT_PUBLIC
"""Every IPv4 address that a sender on the internet can have."""

PUBLIC_IPV6: Final = RangeSet.of("2000::/3") - RangeSet.of("2001:db8::/32", "2002::/16", "2001::/23", "3fff::/20")
"""Every IPv6 address that a sender on the internet can have: global unicast without what is set apart there."""


def whole_internet(sources: RangeSet) -> tuple[str, ...]:
    """Tell for which protocols a set holds the whole internet: `0.0.0.0/0`, `::/0`, both or none.

    A set that leaves out only what nobody on the internet can have, such as private ranges, holds it too.
    """
    found = (("0.0.0.0/0", PUBLIC_IPV4), ("::/0", PUBLIC_IPV6))
    return tuple(name for name, addresses in found if sources.covers(addresses))
