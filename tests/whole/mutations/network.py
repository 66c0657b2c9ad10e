"""Mistakes that the rules of the network find."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from policypack.gcp.types import (
    BACKEND_SERVICE,
    FORWARDING_RULE,
    NETWORK_ENDPOINT_GROUP,
    PROJECT,
    ROUTER,
    ROUTER_NAT,
    TARGET_INSTANCE,
    VPN_TUNNEL,
)
from policypack.model.values import Value
from tests.whole.changes import add, both, leave_out, point, put
from tests.whole.mutations.mutation import GROUP, TEMPLATE, Mutation

NETWORK: Final = ("Network", "ml")
OWN_NAT: Final = ("RouterNat", "nat-europe-west1")
SUBNET: Final = ("Subnetwork", "vm-europe-west1")
PROXY_ONLY: Final = ("Subnetwork", "proxy-only-europe-west1")

NAT: Final[Mapping[str, Value]] = {
    "router": "projects/p/regions/us-central1/routers/out",
    "region": "us-central1",
    "sourceSubnetworkIpRangesToNat": "ALL_SUBNETWORKS_ALL_IP_RANGES",
    "logConfig": {"enable": True, "filter": "ERRORS_ONLY"},
}

MUTATIONS: Final[tuple[Mutation, ...]] = (
    Mutation(
        "backend-subnet-in-every-region",
        point(TEMPLATE, "networkInterfaces[0].subnetwork", ("Subnetwork", "vm-asia-northeast1")),
        GROUP[1],
        "versions",
    ),
    Mutation("proxy-only-subnet-present", put(PROXY_ONLY, "role", "BACKUP"), "backend-europe-west1", "network"),
    Mutation("proxy-only-subnet-size", put(PROXY_ONLY, "ipCidrRange", "10.68.18.0/27"), PROXY_ONLY[1], "ipCidrRange"),
    Mutation(
        "network-no-legacy-or-auto-mode",
        put(NETWORK, "autoCreateSubnetworks", True),
        NETWORK[1],
        "autoCreateSubnetworks",
    ),
    Mutation("network-no-default-network", add(PROJECT, "shop", {}), "shop", "autoCreateNetwork"),
    Mutation(
        "subnet-private-google-access",
        leave_out(SUBNET, "privateIpGoogleAccess"),
        SUBNET[1],
        "privateIpGoogleAccess",
    ),
    Mutation("nat-port-capacity", put(OWN_NAT, "enableDynamicPortAllocation", False), OWN_NAT[1], "minPortsPerVm"),
    Mutation(
        "nat-no-endpoint-independent-mapping",
        add(ROUTER_NAT, "out", {**NAT, "minPortsPerVm": 1024, "enableEndpointIndependentMapping": True}),
        "out",
        "enableEndpointIndependentMapping",
    ),
    Mutation("nat-in-every-backend-region", put(OWN_NAT, "type", "PRIVATE"), NETWORK[1], ""),
    Mutation("subnet-internal-ipv6-only", put(SUBNET, "ipv6AccessType", "EXTERNAL"), SUBNET[1], "ipv6AccessType"),
    Mutation(
        "lb-restrict-protocol-forwarding",
        both(
            add(TARGET_INSTANCE, "gateway", {"zone": "europe-west1-b"}),
            add(
                FORWARDING_RULE,
                "gateway",
                {
                    "region": "europe-west1",
                    "loadBalancingScheme": "EXTERNAL",
                    "ipAddress": "198.51.100.7",
                    "portRange": "443",
                },
            ),
            point(("ForwardingRule", "gateway"), "target", ("TargetInstance", "gateway")),
        ),
        "gateway",
        "target",
    ),
    Mutation("psc-for-google-apis", put(("ManagedZone", "googleapis"), "dnsName", "example.com."), NETWORK[1], ""),
    Mutation(
        "network-global-routing",
        both(
            put(NETWORK, "routingMode", "REGIONAL"),
            add(ROUTER, "link", {"region": "us-east4"}),
            point(("Router", "link"), "network", NETWORK),
            add(VPN_TUNNEL, "link", {"region": "us-east4", "sharedSecret": "s"}),
            point(("VPNTunnel", "link"), "router", ("Router", "link")),
            add(
                NETWORK_ENDPOINT_GROUP,
                "site",
                {"zone": "europe-west1-b", "networkEndpointType": "NON_GCP_PRIVATE_IP_PORT"},
            ),
            point(("NetworkEndpointGroup", "site"), "network", NETWORK),
            add(
                BACKEND_SERVICE,
                "site",
                {
                    "protocol": "HTTPS",
                    "healthChecks": "projects/p/global/healthChecks/site",
                    "backends": [{"balancingMode": "RATE", "maxRatePerEndpoint": 100}],
                },
            ),
            point(("BackendService", "site"), "backends[0].group", ("NetworkEndpointGroup", "site")),
        ),
        NETWORK[1],
        "routingMode",
        also={"lb-no-orphan-components": "a front end for it would be a load balancer of its own"},
    ),
)
