"""Protocols and ports that a firewall rule matches, read once so that many rules can ask about them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypeAlias, TypeVar

from policypack.gcp.ports import ALL_PROTOCOLS, EVERY_PORT, PortRange, gaps, parse_ports, protocol_name
from policypack.model.logic import Undecided, any_of
from policypack.model.records import dataclass

if TYPE_CHECKING:
    from collections.abc import Iterable

    from policypack.model.resource import Element, Reader

_T = TypeVar("_T")

Ports: TypeAlias = "PortRange | Undecided"
"""A range of ports, or why it is not known which."""

WITH_PORTS: Final = ("tcp", "udp")
"""Protocols whose ports services listen on."""


@dataclass(frozen=True)
class Opening:
    """One protocol that a firewall rule matches.

    Attributes:
        protocol: Its name, or `all`; `Undecided` where it is not known.
        ports: The ports; empty for every port.
    """

    protocol: str | Undecided
    ports: tuple[Ports, ...] = ()

    def speaks(self, protocol: str) -> bool:
        """Tell whether connections of a protocol are matched, at some port.

        Raises:
            Undecided: The protocol is not known.
        """
        return _known(self.protocol) in {ALL_PROTOCOLS, protocol}

    def matches_all(self) -> bool:
        """Tell whether connections of every protocol are matched, at every port.

        Raises:
            Undecided: The protocol is not known.
        """
        return not self.ports and _known(self.protocol) == ALL_PROTOCOLS

    def reaches(self, protocol: str, wanted: Ports) -> bool:
        """Tell whether connections to one of some ports are matched.

        Args:
            protocol: `tcp` or `udp`.
            wanted: The ports; `Undecided` where it is one port, and not known which.

        Raises:
            Undecided: Protocol or ports are not known, and would decide.
        """
        if isinstance(self.protocol, str) and not self.speaks(protocol):
            return False
        if self.ports and not any_of(self.ports, lambda ports: _meets(_known(ports), wanted)):
            return False
        return self.speaks(protocol)

    def __str__(self) -> str:
        name = "?" if isinstance(self.protocol, Undecided) else self.protocol
        return f"{name} {', '.join('?' if isinstance(one, Undecided) else str(one) for one in self.ports)}".strip()


def read_openings(place: Reader, path: str, protocol_key: str) -> tuple[Opening, ...]:
    """Read everything that a rule matches, by protocol. A rule without protocols matches all.

    Args:
        place: Where the rule is written.
        path: The list of protocols and ports.
        protocol_key: Where an element of the list names the protocol.
    """
    try:
        blocks = place.elements(path)
    except Undecided as why:
        return (Opening(why, (why,)),)
    return tuple(_opening(block, protocol_key) for block in blocks) or (Opening(ALL_PROTOCOLS),)


def opens_every_port(found: Iterable[Opening], protocol: str) -> bool:
    """Tell whether a rule matches connections of a protocol to every port, in one range or in several.

    Raises:
        Undecided: Something is not known that would decide.
    """
    sure: list[PortRange] = []
    unknown: list[Undecided] = []
    for opening in found:
        if isinstance(opening.protocol, Undecided):
            unknown.append(opening.protocol)
        elif opening.speaks(protocol):
            ranges = opening.ports or (EVERY_PORT,)
            sure += [one for one in ranges if isinstance(one, PortRange)]
            unknown += [one for one in ranges if isinstance(one, Undecided)]
    if not gaps(EVERY_PORT, sure):
        return True
    if unknown:
        raise Undecided(*unknown[0].key)
    return False


def _opening(block: Element, path: str) -> Opening:
    try:
        protocol: str | Undecided = protocol_name(block.text(path) or ALL_PROTOCOLS)
    except Undecided as why:
        protocol = why
    try:
        return Opening(protocol, tuple(_ports(item) for item in block.elements("ports")))
    except Undecided as why:
        return Opening(protocol, (why,))


def _ports(item: Element) -> Ports:
    try:
        text = item.text("")
    except Undecided as why:
        return why
    found = parse_ports(text) if text is not None else None
    return found or Undecided(item.resource.urn, item.prefix, f"{text!r} is no port")


def _meets(ports: PortRange, wanted: Ports) -> bool:
    return (isinstance(wanted, Undecided) and ports.whole) or ports.overlaps(_known(wanted))


def _known(value: _T | Undecided) -> _T:
    if isinstance(value, Undecided):
        raise Undecided(*value.key)
    return value
