"""The areas that rules belong to: each is a folder here and a heading in the index of rules."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from policypack.model.records import dataclass


@dataclass(frozen=True)
class Area:
    """One area.

    Attributes:
        title: Its heading.
        about: What its rules are about, as a sentence.
    """

    title: str
    about: str


AREAS: Final[Mapping[str, Area]] = {
    "tls": Area("TLS", "Certificates, protocol versions and ciphers of the proxies that end TLS."),
    "encryption_in_transit": Area("Encryption in transit", "Encryption on every hop of a request."),
    "health": Area("Health", "Health checks, backends that can take traffic, and repair."),
    "regions": Area("Regions", "What survives the loss of a region."),
    "firewall": Area("Firewall", "Who can reach what, and whether the load balancer can."),
    "edge": Area("Edge", "What stands between the internet and the load balancer."),
    "network": Area("Network", "Networks, subnets, addresses and what connects them."),
    "identity": Area("Identity", "Who may do what, and as whom machines run."),
    "observability": Area("Observability", "What is logged and measured, and who is told."),
    "encryption_at_rest": Area("Encryption at rest", "Keys for everything that is stored."),
    "data": Area("Data", "Stores that last, and who can read them."),
    "operations": Area("Operations", "A load balancer that holds together."),
}
"""Folder, to the area, in the order of the index. A new area begins with a line here."""
