"""Mistakes that the rules of the firewall find."""

from __future__ import annotations

from typing import Final

from policypack.gcp.types import FORWARDING_RULE, REGION_NETWORK_FIREWALL_POLICY_ASSOCIATION, TARGET_POOL
from policypack.model.values import Value
from policypack.rules.firewall.firewall_no_public_port import PORTS
from tests.whole.changes import Change, add, both, leave_out, point, put
from tests.whole.mutations.mutation import (
    ADMINISTRATORS,
    BACKEND,
    READINESS,
    TEMPLATE,
    Mutation,
)


def _to_everybody(rule: str, layer4: list[Value]) -> Mutation:
    """Let the internet in where administrators come through Identity-Aware Proxy."""
    opened = both(
        put(ADMINISTRATORS, "match.srcIpRanges", ["0.0.0.0/0"]), put(ADMINISTRATORS, "match.layer4Configs", layer4)
    )
    return Mutation(rule, opened, ADMINISTRATORS[1], "match.srcIpRanges")


def _before_a_pool(ports: str | None) -> Change:
    """Add a front end without a proxy, on some ports."""
    written: dict[str, Value] = {
        "region": "europe-west1",
        "loadBalancingScheme": "EXTERNAL",
        "ipAddress": "198.51.100.7",
        "portRange": ports,
    }
    return both(
        add(TARGET_POOL, "wide", {"region": "europe-west1"}),
        add(FORWARDING_RULE, "wide", {key: value for key, value in written.items() if value is not None}),
        point(("ForwardingRule", "wide"), "target", ("TargetPool", "wide")),
    )


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
    Mutation(
        "firewall-target-exists",
        put(ADMINISTRATORS, "targetServiceAccounts", ["others@p.iam.gserviceaccount.com"]),
        ADMINISTRATORS[1],
        "targetServiceAccounts",
    ),
    Mutation(
        "firewall-regional-policy-parity",
        both(
            add(REGION_NETWORK_FIREWALL_POLICY_ASSOCIATION, "local", {"region": "europe-west1"}),
            point(("RegionNetworkFirewallPolicyAssociation", "local"), "attachmentTarget", ("Network", "ml")),
        ),
        "ml",
        "",
    ),
    Mutation(
        "egress-baseline-allows-google-apis",
        put(("NetworkFirewallPolicyRule", "allow-google-apis"), "match.destIpRanges[0]", "10.99.0.0/16"),
        "ml",
        "",
    ),
    Mutation(
        "firewall-ipv6-parity",
        both(
            put(TEMPLATE, "networkInterfaces[0].stackType", "IPV4_IPV6"),
            put(TEMPLATE, "networkInterfaces[0].ipv6AccessConfigs", [{"networkTier": "PREMIUM"}]),
            put(("Subnetwork", "vm-europe-west1"), "stackType", "IPV4_IPV6"),
            put(("Subnetwork", "vm-europe-west1"), "ipv6AccessType", "EXTERNAL"),
        ),
        "ml",
        "",
    ),
    Mutation(
        "firewall-lb-source-ranges-exact",
        put(("NetworkFirewallPolicyRule", "allow-probes"), "match.srcIpRanges[1]", "130.211.0.0/16"),
        "allow-probes",
        "match.srcIpRanges[1]",
    ),
    Mutation(
        "firewall-explicit-targets",
        leave_out(ADMINISTRATORS, "targetServiceAccounts"),
        ADMINISTRATORS[1],
        "targetServiceAccounts",
    ),
    Mutation(
        "firewall-allow-iap-only-for-admin-ports",
        put(ADMINISTRATORS, "match.srcIpRanges[0]", "192.168.0.0/24"),
        ADMINISTRATORS[1],
        "match.srcIpRanges[0]",
    ),
    Mutation(
        "firewall-no-broad-private-source-to-sensitive-port",
        put(ADMINISTRATORS, "match.srcIpRanges[0]", "10.0.0.0/8"),
        ADMINISTRATORS[1],
        "match.srcIpRanges[0]",
    ),
    Mutation(
        "firewall-egress-deny-baseline",
        put(("NetworkFirewallPolicyRule", "deny-egress"), "disabled", True),
        "ml",
        "",
    ),
    Mutation("lb-external-rule-not-all-ports", _before_a_pool(None), "wide", "portRange"),
    Mutation("lb-rule-standard-ports-only", _before_a_pool("8883"), "wide", "portRange"),
)
