"""Ranges of ports that nobody can have meant one by one."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Annotated

from policypack.gcp.ports import EVERY_PORT, PortRange
from policypack.model.logic import all_of, any_of
from policypack.rules.contract import Findings, Param, Severity, Undecided, rule
from policypack.rules.firewall._public import ALL_PORTS, AROUND, CONTROLS, surely
from policypack.rules.firewall._way_in import WayIn
from policypack.rules.firewall.firewall_no_public_port import PORTS
from policypack.topology.firewall_ports import WITH_PORTS, Opening


@rule(
    severity=Severity.HIGH,
    subjects=(WayIn,),
    controls=CONTROLS,
    fix="List the ports that are served; let the internet in to none that nobody serves.",
    yields_to=(ALL_PORTS, *(row.rule for row in PORTS), AROUND),
)
def firewall_no_public_port_range(
    way: WayIn,
    *,
    widest: Annotated[int, Param("How many ports in a row are taken as meant.", minimum=1, maximum=65535)] = 10,
) -> Findings:
    """Firewall rules never open wide ranges of ports to the internet as a whole."""
    found = way.entry
    if way.is_open(lambda opening: _wide(opening, widest)):
        opening = next(opening for opening in found.openings if surely(partial(_wide, opening, widest)))
        yield found.finding(
            f"sources that are not the whole internet, or at most {widest} ports in a row", f"the rule allows {opening}"
        )


def _wide(opening: Opening, widest: int) -> bool:
    questions: tuple[Callable[[], bool], ...] = (
        lambda: any_of(opening.ports or (EVERY_PORT,), lambda ports: _width(ports) > widest),
        lambda: any_of(WITH_PORTS, opening.speaks),
    )
    return all_of(questions, lambda question: question())


def _width(ports: PortRange | Undecided) -> int:
    if isinstance(ports, Undecided):
        raise Undecided(*ports.key)
    return ports.high - ports.low + 1
