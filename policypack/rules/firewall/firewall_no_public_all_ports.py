"""The widest opening of all."""

from __future__ import annotations

from functools import partial
from typing import Final

from policypack.model.logic import any_of
from policypack.rules.contract import Element, Findings, Resource, Severity, rule
from policypack.rules.firewall._public import CONTROLS, SUBJECTS, Entry, entry, surely
from policypack.topology.firewall_ports import WITH_PORTS, opens_every_port

_EVERYTHING: Final = "every port, TCP and UDP"


@rule(
    severity=Severity.CRITICAL,
    subjects=SUBJECTS,
    controls=CONTROLS,
    fix="List the protocols and ports that machines serve, and the ranges of those who need them: for machines behind "
    "a load balancer its probes and proxies.",
)
def firewall_no_public_all_ports(place: Resource | Element) -> Findings:
    """Firewall rules never open every port to the internet as a whole."""
    found = entry(place)
    if found.lets_in(lambda: any_of(WITH_PORTS, lambda protocol: opens_every_port(found.openings, protocol))):
        yield found.finding(
            "sources that are not the whole internet, or single ports", f"the rule allows {_what(found)}"
        )


def _what(found: Entry) -> str:
    whole = [protocol for protocol in WITH_PORTS if surely(partial(opens_every_port, found.openings, protocol))]
    return _EVERYTHING if len(whole) == len(WITH_PORTS) else f"every {whole[0].upper()} port"
