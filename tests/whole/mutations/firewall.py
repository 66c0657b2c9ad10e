"""Mistakes that the rules of the firewall find."""

from __future__ import annotations

from typing import Final

from policypack.model.values import Value
from policypack.rules.firewall.firewall_no_public_port import PORTS
from tests.whole.changes import both, put
from tests.whole.mutations.mutation import (
    ADMINISTRATORS,
    BACKEND,
    READINESS,
    Mutation,
)


def _to_everybody(rule: str, layer4: list[Value]) -> Mutation:
    """Let the internet in where administrators come through Identity-Aware Proxy."""
    opened = both(
        put(ADMINISTRATORS, "match.srcIpRanges", ["0.0.0.0/0"]), put(ADMINISTRATORS, "match.layer4Configs", layer4)
    )
    return Mutation(rule, opened, ADMINISTRATORS[1], "match.srcIpRanges")


MUTATIONS: Final = (
    *(
        _to_everybody(row.rule, [{"ipProtocol": next(iter(row.ports)), "ports": [str(row.places[0][1])]}])
        for row in PORTS
    ),
    _to_everybody("firewall-no-public-all-ports", [{"ipProtocol": "all"}]),
    _to_everybody("firewall-no-public-port-range", [{"ipProtocol": "tcp", "ports": ["12000-12999"]}]),
    _to_everybody("firewall-no-public-ingress", [{"ipProtocol": "tcp", "ports": ["8443"]}]),
    Mutation(
        "health-check-firewall-open",
        both(
            put(READINESS, "httpsHealthCheck.port", 9443),
            put(READINESS, "httpsHealthCheck.portSpecification", "USE_FIXED_PORT"),
        ),
        BACKEND[1],
        "healthChecks",
    ),
    Mutation(
        "proxy-only-subnet-firewall",
        put(("NetworkFirewallPolicyRule", "allow-proxies"), "match.srcIpRanges[0]", "192.168.7.0/24"),
        BACKEND[1],
        "backends",
    ),
)
