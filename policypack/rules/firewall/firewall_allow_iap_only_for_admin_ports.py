"""Ways in for administrators."""

from __future__ import annotations

from typing import Annotated, Final

from policypack.gcp.netranges import RangeSet, parse_range
from policypack.gcp.ports import PortRange
from policypack.rules.contract import Element, Findings, Param, Resource, Severity, Undecided, any_of, rule
from policypack.rules.firewall._let_in import letting_in
from policypack.rules.firewall._public import SUBJECTS
from policypack.rules.firewall.firewall_lb_source_ranges_exact import IAP

_PORTS: Final = (22, 3389)
_RANGES: Final = [IAP]


@rule(
    severity=Severity.HIGH,
    subjects=SUBJECTS,
    controls={
        "CIS GCP 4.0": ["3.10"],
        "CIS GCP 5.0": ["3.12"],
        "NIST 800-53 r5": ["AC-17", "SC-7"],
        "ISO 27001:2022": ["A.8.20"],
    },
    fix="Let SSH and RDP in from 35.235.240.0/20 alone, or name your bastions in `ranges`.",
    opt_in=True,
    yields_to=("firewall-no-public-all-ports", "firewall-no-public-ssh", "firewall-no-public-rdp"),
)
def firewall_allow_iap_only_for_admin_ports(
    place: Resource | Element,
    *,
    ranges: Annotated[list[str], Param("Ranges that administrators come from.")] = _RANGES,
) -> Findings:
    """SSH and RDP are let in from Identity-Aware Proxy, or from a list of ranges, and from nowhere else."""
    firewall = letting_in(place)
    if not any_of(
        _PORTS, lambda port: any_of(firewall.openings, lambda one: one.reaches("tcp", PortRange(port, port)))
    ):
        return
    allowed = RangeSet.of(*ranges)
    if place.peek(firewall.sources_path) is None:
        if firewall.written_sources().known:
            yield place.finding(firewall.sources_path, expected=f"{allowed}", found="unset, which means any source")
        return
    for item in place.elements(firewall.sources_path):
        try:
            written = item.text("")
        except Undecided as unknown:
            yield unknown
            continue
        network = parse_range(written) if written is not None else None
        if network is not None and not allowed.covers(RangeSet.of(network)):
            yield item.finding("", expected=f"{allowed}", found=f"{written}, to SSH or RDP")
