"""Protocols and ports, as firewall rules and health checks write them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Final

from policypack.model.records import dataclass

PROTOCOL_NUMBERS: Final[Mapping[str, str]] = {
    "1": "icmp",
    "4": "ipip",
    "6": "tcp",
    "17": "udp",
    "50": "esp",
    "51": "ah",
    "58": "icmpv6",
    "132": "sctp",
}
"""IANA protocol numbers that firewall rules accept in place of a name (Google Cloud: "VPC firewall rules")."""

ALL_PROTOCOLS: Final = "all"
"""How firewall rules write "whatever protocol"."""

HIGHEST_PORT: Final = 65535

DEFAULT_PROBE_PORTS: Final[Mapping[str, int]] = {
    "httpHealthCheck": 80,
    "httpsHealthCheck": 443,
    "http2HealthCheck": 443,
    "sslHealthCheck": 443,
    "tcpHealthCheck": 443,
}
"""Block of a health check, to the port that is probed where it names none (Google provider: "HealthCheck").

gRPC checks have no default: they name a port, or probe the serving port.
"""

PROBE_BLOCKS: Final = (*DEFAULT_PROBE_PORTS, "grpcHealthCheck", "grpcTlsHealthCheck")
"""The blocks of a health check; it has exactly one of them."""

_RANGE: Final = re.compile(r"(\d{1,5})(?:-(\d{1,5}))?")


@dataclass(frozen=True)
class PortRange:
    """Ports from one number to another, both included."""

    low: int
    high: int

    def __contains__(self, port: int) -> bool:
        return self.low <= port <= self.high

    def overlaps(self, other: PortRange) -> bool:
        """Tell whether some port is in both."""
        return self.low <= other.high and other.low <= self.high

    @property
    def whole(self) -> bool:
        """True if every port is in the range; nothing listens on port 0."""
        return self.low <= 1 and self.high == HIGHEST_PORT

    def __str__(self) -> str:
        return str(self.low) if self.low == self.high else f"{self.low}-{self.high}"


EVERY_PORT: Final = PortRange(1, HIGHEST_PORT)
"""Every port that something can listen on."""


def gaps(whole: PortRange, parts: Iterable[PortRange]) -> tuple[PortRange, ...]:
    """Give the ports of a range that are in none of some others."""
    found, low = [], whole.low
    for part in sorted(parts, key=lambda part: part.low):
        if low < part.low and low <= whole.high:
            found.append(PortRange(low, min(part.low - 1, whole.high)))
        low = max(low, part.high + 1)
    return (*found, PortRange(low, whole.high)) if low <= whole.high else tuple(found)


def parse_ports(text: str) -> PortRange | None:
    """Read a port or a range of ports, `22` or `20-30`; None if the text is neither."""
    match = _RANGE.fullmatch(text.replace(" ", ""))
    if match is None:
        return None
    low, high = int(match[1]), int(match[2] or match[1])
    return PortRange(low, high) if low <= high <= HIGHEST_PORT else None


def protocol_name(text: str) -> str:
    """Give the name of a protocol that is written as a name or a number, in small letters."""
    plain = text.strip().lower()
    return PROTOCOL_NUMBERS.get(plain, plain)
