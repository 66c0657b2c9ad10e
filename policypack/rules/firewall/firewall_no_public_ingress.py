"""The rest of the open internet: whatever no more specific rule speaks of."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from typing import Annotated, Final

from policypack.gcp.ports import EVERY_PORT, PortRange, gaps, parse_ports, protocol_name
from policypack.model.logic import Undecided, any_of
from policypack.model.records import dataclass
from policypack.rules.contract import Findings, Param, Severity, rule
from policypack.rules.firewall._public import ALL_PORTS, AROUND, CONTROLS, surely
from policypack.rules.firewall._way_in import WayIn
from policypack.rules.firewall.firewall_no_public_port import PORTS
from policypack.topology.firewall_ports import Opening

_PINGS: Final = ["icmp", "icmpv6"]


@dataclass(frozen=True)
class _Exception:
    """What may be open: a protocol, and some of its ports."""

    protocol: str
    ports: PortRange


@rule(
    severity=Severity.HIGH,
    subjects=(WayIn,),
    controls=CONTROLS,
    fix="Let in who sends the requests: for machines behind a load balancer its probes and its proxies. Where the "
    "internet is meant, say so in `allowed`.",
    yields_to=(ALL_PORTS, *(row.rule for row in PORTS), AROUND, "firewall-no-public-port-range"),
)
def firewall_no_public_ingress(
    way: WayIn,
    *,
    allowed: Annotated[
        list[str],
        Param("What may be open to everybody: `icmp`, `tcp:443`, `udp:5000-5010`; a protocol alone is all its ports."),
    ] = _PINGS,
) -> Findings:
    """Firewall rules let in nothing from the internet as a whole, but what is on a list of exceptions."""
    exceptions = [_exception(text, way) for text in allowed]
    found = way.entry
    if way.is_open(lambda opening: _forbidden(opening, exceptions)):
        openings = [str(opening) for opening in found.openings if surely(partial(_forbidden, opening, exceptions))]
        yield found.finding(
            "sources that are not the whole internet: the load balancer's probes and proxies, or ranges of your own",
            f"the rule allows {' and '.join(openings)}",
        )


def _exception(text: str, way: WayIn) -> _Exception:
    name, colon, written = text.partition(":")
    protocol, ports = protocol_name(name), parse_ports(written) if colon else EVERY_PORT
    if ports is None or not protocol or protocol.isdigit():  # a number alone is meant as a port, but of what?
        raise Undecided(way.resource.urn, "", f"its parameter `allowed` holds {text!r}, which is no protocol and ports")
    return _Exception(protocol, ports)


def _forbidden(opening: Opening, exceptions: Iterable[_Exception]) -> bool:
    """Tell whether an opening reaches something that is on no list."""
    if isinstance(opening.protocol, Undecided):
        raise Undecided(*opening.protocol.key)
    fitting = [one.ports for one in exceptions if one.protocol == opening.protocol]
    return any_of(opening.ports or (EVERY_PORT,), lambda ports: bool(_left(ports, fitting)))


def _left(ports: PortRange | Undecided, fitting: list[PortRange]) -> tuple[PortRange, ...]:
    if not gaps(EVERY_PORT, fitting):
        return ()
    if not fitting and isinstance(ports, Undecided):
        return (EVERY_PORT,)  # whichever it is, it is on no list
    if isinstance(ports, Undecided):
        raise Undecided(*ports.key)
    return gaps(ports, fitting)
