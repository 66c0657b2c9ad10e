"""Private ranges so wide that they are nobody's in particular."""

from __future__ import annotations

from typing import Annotated, Final

from policypack.gcp.netranges import parse_range
from policypack.rules.contract import Element, Findings, Param, Resource, Severity, Undecided, any_of, rule
from policypack.rules.firewall._let_in import letting_in
from policypack.rules.firewall._public import CONTROLS, SUBJECTS
from policypack.rules.firewall.firewall_no_public_port import PORTS, PublicPort
from policypack.topology.firewall import FirewallRule

_SENSITIVE: Final = tuple(row for row in PORTS if row.severity in {Severity.CRITICAL, Severity.HIGH})


@rule(
    severity=Severity.MEDIUM,
    subjects=SUBJECTS,
    controls=CONTROLS,
    fix="Name the subnets, or better the service accounts or tags, of the machines that connect.",
    opt_in=True,
)
def firewall_no_broad_private_source_to_sensitive_port(
    place: Resource | Element,
    *,
    shortest_prefix: Annotated[int, Param("Shortest prefix of a private source.", minimum=8, maximum=32)] = 24,
) -> Findings:
    """Databases and ways in for administrators are open to narrow private ranges only."""
    firewall = letting_in(place)
    reached = [row for row in _SENSITIVE if _reaches(firewall, row)]
    if not reached:
        return
    for item in place.elements(firewall.sources_path):
        try:
            written = item.text("")
        except Undecided as unknown:
            yield unknown
            continue
        network = parse_range(written) if written is not None else None
        if network is not None and network.version == 4 and network.is_private and network.prefixlen < shortest_prefix:
            services = ", ".join(row.service for row in reached)
            yield item.finding("", expected=f"/{shortest_prefix} or narrower", found=f"{written}, to {services}")


def _reaches(firewall: FirewallRule, row: PublicPort) -> bool:
    return any_of(
        row.places, lambda place: any_of(firewall.openings, lambda opening: opening.reaches(place[0], place[1]))
    )
