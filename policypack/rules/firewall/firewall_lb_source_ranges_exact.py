"""Google's ranges, written wider than they are."""

from __future__ import annotations

from typing import Final

from policypack.gcp.netranges import Network, parse_range, whole_internet
from policypack.gcp.probes import EXTERNAL_PASSTHROUGH, GLOBAL_EXTERNAL
from policypack.rules.contract import Element, Findings, NotApplicable, Resource, Severity, Undecided, rule
from policypack.rules.firewall._let_in import letting_in
from policypack.rules.firewall._public import CONTROLS, SUBJECTS

IAP: Final = "35.235.240.0/20"

GOOGLES: Final = {
    **dict.fromkeys((*GLOBAL_EXTERNAL.ipv4, *GLOBAL_EXTERNAL.ipv6), "Google's health checks and front ends"),
    **dict.fromkeys(EXTERNAL_PASSTHROUGH.ipv4[1:], "Google's health checks"),
    **dict.fromkeys(EXTERNAL_PASSTHROUGH.ipv6, "Google's health checks"),
    IAP: "Identity-Aware Proxy",
}
"""Ranges that firewall rules for load balancers name, and who connects from there."""

_RANGES: Final[dict[str, Network]] = {text: found for text in GOOGLES if (found := parse_range(text)) is not None}


@rule(
    severity=Severity.MEDIUM,
    subjects=SUBJECTS,
    controls=CONTROLS,
    fix="Write the range as Google documents it; the addresses around it are those of customers and of strangers.",
)
def firewall_lb_source_ranges_exact(place: Resource | Element) -> Findings:
    """Firewall rules name the ranges of Google's probes and proxies exactly, not wider ones around them."""
    firewall = letting_in(place)
    path = firewall.sources_path
    if whole_internet(firewall.written_sources().known):
        raise NotApplicable("it lets the whole internet in, which other rules speak of")
    for item in place.elements(path):
        try:
            written = item.text("")
        except Undecided as unknown:
            yield unknown
            continue
        network = parse_range(written) if written is not None else None
        around = [] if network is None else [text for text, own in _RANGES.items() if _holds(network, own)]
        if around:
            inside = ", ".join(f"{text} ({GOOGLES[text]})" for text in around)
            yield item.finding("", expected=" and ".join(around), found=f"{written} is wider than {inside}")


def _holds(network: Network, own: Network) -> bool:
    # Of two versions, neither holds the other.
    same = network.version == own.version and network.prefixlen < own.prefixlen
    return same and int(network.network_address) <= int(own.network_address) <= int(network.broadcast_address)
