"""Private Service Connect endpoints: an address for a published service in each of two regions, one for Google's APIs.

Why it is sound: endpoints are forwarding rules without a load balancer of this stack behind them; health, TLS and
regions are the producer's. The scheme is the empty one that endpoints have.
"""

import pulumi
import pulumi_gcp as gcp

PRODUCER = "projects/inference-producer"
SUBNETS = {"europe-west4": "10.10.0.0/24", "asia-southeast1": "10.20.0.0/24"}

network = gcp.compute.Network("clients", auto_create_subnetworks=False)
for region, cidr in SUBNETS.items():
    subnet = gcp.compute.Subnetwork(
        f"clients-{region}",
        region=region,
        network=network.id,
        ip_cidr_range=cidr,
        private_ip_google_access=True,
        log_config={"flow_sampling": 0.5},
    )
    address = gcp.compute.Address(f"inference-{region}", region=region, subnetwork=subnet.id, address_type="INTERNAL")
    gcp.compute.ForwardingRule(
        f"inference-{region}",
        region=region,
        load_balancing_scheme="",
        network=network.id,
        ip_address=address.id,
        target=f"{PRODUCER}/regions/{region}/serviceAttachments/inference",
        allow_psc_global_access=True,
    )
    pulumi.export(region, address.address)

apis = gcp.compute.GlobalAddress(
    "google-apis", purpose="PRIVATE_SERVICE_CONNECT", address_type="INTERNAL", network=network.id, address="10.255.0.2"
)
gcp.compute.GlobalForwardingRule(
    "google-apis",
    name="googleapis",
    load_balancing_scheme="",
    network=network.id,
    ip_address=apis.id,
    target="all-apis",
    no_automate_dns_zone=False,
)
