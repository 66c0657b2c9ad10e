"""A global external application load balancer over services that another team publishes with Private Service Connect.

Why it is sound: one endpoint group in each region that the producer serves from, each to the attachment of its own
region. Such groups are not probed, so there is no health check; outlier detection takes a failing region out. The
producer's load balancers must have global access. Nothing of the producer is in this stack.
"""

import pulumi
import pulumi_gcp as gcp

PRODUCER = "projects/inference-producer"
SUBNETS = {"europe-west4": "10.10.0.0/28", "asia-southeast1": "10.20.0.0/28"}

network = gcp.compute.Network("edge", auto_create_subnetworks=False)


def endpoint_group(region: str, cidr: str) -> gcp.compute.RegionNetworkEndpointGroup:
    """The way to what the producer publishes in a region."""
    subnet = gcp.compute.Subnetwork(
        f"edge-{region}", region=region, network=network.id, ip_cidr_range=cidr, log_config={"flow_sampling": 0.5}
    )
    return gcp.compute.RegionNetworkEndpointGroup(
        f"inference-{region}",
        region=region,
        network_endpoint_type="PRIVATE_SERVICE_CONNECT",
        psc_target_service=f"{PRODUCER}/regions/{region}/serviceAttachments/inference",
        network=network.id,
        subnetwork=subnet.id,
    )


# Whoever asks more often than this is turned away; everybody else is let in.
rate_limit = gcp.compute.SecurityPolicy(
    "rate-limit",
    rules=[
        {
            "priority": 1000,
            "action": "throttle",
            "match": {"versioned_expr": "SRC_IPS_V1", "config": {"src_ip_ranges": ["*"]}},
            "rate_limit_options": {
                "conform_action": "allow",
                "exceed_action": "deny(429)",
                "enforce_on_key": "IP",
                "rate_limit_threshold": {"count": 600, "interval_sec": 60},
            },
        },
        {
            "priority": 2147483647,
            "action": "allow",
            "match": {"versioned_expr": "SRC_IPS_V1", "config": {"src_ip_ranges": ["*"]}},
        },
    ],
)
service = gcp.compute.BackendService(
    "inference",
    load_balancing_scheme="EXTERNAL_MANAGED",
    protocol="HTTPS",
    security_policy=rate_limit.id,
    backends=[{"group": endpoint_group(region, cidr).id} for region, cidr in SUBNETS.items()],
    outlier_detection={
        "consecutive_errors": 5,
        "enforcing_consecutive_errors": 100,
        "interval": {"seconds": 10},
        "base_ejection_time": {"seconds": 30},
    },
    log_config={"enable": True, "sample_rate": 1.0},
)
url_map = gcp.compute.URLMap("inference", default_service=service.id)

ownership = gcp.certificatemanager.DnsAuthorization("inference", domain="inference.example.com")
certificate = gcp.certificatemanager.Certificate(
    "inference", managed={"domains": ["inference.example.com"], "dns_authorizations": [ownership.id]}
)
certificate_map = gcp.certificatemanager.CertificateMap("inference")
entry = gcp.certificatemanager.CertificateMapEntry(
    "inference", map=certificate_map.name, hostname="inference.example.com", certificates=[certificate.id]
)

policy = gcp.compute.SSLPolicy("inference", profile="RESTRICTED", min_tls_version="TLS_1_2")
proxy = gcp.compute.TargetHttpsProxy(
    "inference",
    url_map=url_map.id,
    ssl_policy=policy.id,
    certificate_map=pulumi.Output.concat("//certificatemanager.googleapis.com/", certificate_map.id),
    opts=pulumi.ResourceOptions(depends_on=[entry]),
)
address = gcp.compute.GlobalAddress("inference")
gcp.compute.GlobalForwardingRule(
    "inference-https",
    load_balancing_scheme="EXTERNAL_MANAGED",
    ip_address=address.address,
    port_range="443",
    target=proxy.id,
)

# Plain HTTP gets a redirect, and nothing else.
redirect = gcp.compute.URLMap("inference-redirect", default_url_redirect={"https_redirect": True, "strip_query": False})
redirect_proxy = gcp.compute.TargetHttpProxy("inference-redirect", url_map=redirect.id)
gcp.compute.GlobalForwardingRule(
    "inference-http",
    load_balancing_scheme="EXTERNAL_MANAGED",
    ip_address=address.address,
    port_range="80",
    target=redirect_proxy.id,
)

pulumi.export("address", address.address)
