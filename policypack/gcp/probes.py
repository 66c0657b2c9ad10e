"""Where Google's health check probes come from, for each kind of load balancer.

Sources, by title: "Firewall rules" and "Health checks overview" (section on probe IP ranges and firewall rules) of
Google Cloud's load balancing documentation.
"""

from __future__ import annotations

from typing import Final

from policypack.gcp.netranges import RangeSet
from policypack.model.records import dataclass


@dataclass(frozen=True)
class ProbeSource:
    """The addresses that probes of one kind of load balancer come from.

    Attributes:
        load_balancer: The kind, as the documentation names it.
        ipv4: Sources of probes to IPv4 backends; every range is in use, so every range must be let in.
        ipv6: Sources of probes to IPv6 backends.
    """

    load_balancer: str
    ipv4: tuple[str, ...]
    ipv6: tuple[str, ...] = ()

    def ranges(self, *, ipv6: bool = False) -> RangeSet:
        """Give the sources as a set of addresses."""
        return RangeSet.of(*(self.ipv6 if ipv6 else self.ipv4))


_USUAL: Final = ("35.191.0.0/16", "130.211.0.0/22")

GLOBAL_EXTERNAL: Final = ProbeSource(
    "global external application or proxy network load balancer",
    _USUAL,
    ("2600:2d00:1:b029::/64", "2600:2d00:1:1::/64"),
)
"""Its front ends connect from the second IPv6 range, and from the same IPv4 ranges as the probes."""
PROXY: Final = ProbeSource("application or proxy network load balancer", _USUAL, ("2600:2d00:1:b029::/64",))
INTERNAL_PASSTHROUGH: Final = ProbeSource(
    "internal passthrough network load balancer", _USUAL, ("2600:2d00:1:b029::/64",)
)
EXTERNAL_PASSTHROUGH: Final = ProbeSource(
    "external passthrough network load balancer",
    ("35.191.0.0/16", "209.85.152.0/22", "209.85.204.0/22"),
    ("2600:1901:8001::/48",),
)
AUTOHEALING: Final = ProbeSource("autohealing of a managed instance group", _USUAL, ("2600:2d00:1:b029::/64",))


def probe_source(scheme: str, *, is_global: bool) -> ProbeSource:
    """Tell where the probes of a backend service come from.

    Args:
        scheme: Its load balancing scheme.
        is_global: Whether it is a global one; only regional ones make passthrough load balancers.
    """
    if is_global and scheme == "EXTERNAL_MANAGED":
        return GLOBAL_EXTERNAL
    if is_global or scheme not in {"EXTERNAL", "INTERNAL"}:
        return PROXY
    return EXTERNAL_PASSTHROUGH if scheme == "EXTERNAL" else INTERNAL_PASSTHROUGH
