"""A global external application load balancer over two data centres of one's own, each connected to a near region.

Why it is sound: hybrid endpoint groups are made in a zone of the region where the interconnect ends, so two regions
carry the traffic. Envoy-free front ends probe and reach the servers from Google's own ranges, which the data centres'
firewalls must let in; there is nothing to open in the VPC network. The servers speak TLS.
"""

import pulumi
import pulumi_gcp as gcp

SITES = {
    "frankfurt": ("europe-west3-a", ["192.168.10.11", "192.168.10.12"]),
    "ashburn": ("us-east4-b", ["192.168.20.11", "192.168.20.12"]),
}

network = gcp.compute.Network("edge", auto_create_subnetworks=False)


def endpoint_group(site: str, zone: str, addresses: list[str]) -> gcp.compute.NetworkEndpointGroup:
    """The servers of one data centre."""
    group = gcp.compute.NetworkEndpointGroup(
        site, zone=zone, network=network.id, network_endpoint_type="NON_GCP_PRIVATE_IP_PORT", default_port=443
    )
    for number, address in enumerate(addresses):
        gcp.compute.NetworkEndpoint(
            f"{site}-{number}", network_endpoint_group=group.name, zone=zone, ip_address=address, port=443
        )
    return group


serving = gcp.compute.HealthCheck(
    "serving", https_health_check={"port": 443, "request_path": "/ready"}, log_config={"enable": True}
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
    "sites",
    load_balancing_scheme="EXTERNAL_MANAGED",
    protocol="HTTPS",
    security_policy=rate_limit.id,
    health_checks=serving.id,
    log_config={"enable": True, "sample_rate": 1.0},
    backends=[
        {
            "group": endpoint_group(site, zone, addresses).id,
            "balancing_mode": "RATE",
            "max_rate_per_endpoint": 200,
        }
        for site, (zone, addresses) in SITES.items()
    ],
)
url_map = gcp.compute.URLMap("sites", default_service=service.id)

ownership = gcp.certificatemanager.DnsAuthorization("sites", domain="portal.example.com")
certificate = gcp.certificatemanager.Certificate(
    "sites", managed={"domains": ["portal.example.com"], "dns_authorizations": [ownership.id]}
)
certificate_map = gcp.certificatemanager.CertificateMap("sites")
entry = gcp.certificatemanager.CertificateMapEntry(
    "sites", map=certificate_map.name, hostname="portal.example.com", certificates=[certificate.id]
)

policy = gcp.compute.SSLPolicy("sites", profile="RESTRICTED", min_tls_version="TLS_1_2")
proxy = gcp.compute.TargetHttpsProxy(
    "sites",
    url_map=url_map.id,
    ssl_policy=policy.id,
    certificate_map=pulumi.Output.concat("//certificatemanager.googleapis.com/", certificate_map.id),
    opts=pulumi.ResourceOptions(depends_on=[entry]),
)
address = gcp.compute.GlobalAddress("sites")
gcp.compute.GlobalForwardingRule(
    "sites-https",
    load_balancing_scheme="EXTERNAL_MANAGED",
    ip_address=address.address,
    port_range="443",
    target=proxy.id,
)

# Plain HTTP gets a redirect, and nothing else.
redirect = gcp.compute.URLMap("sites-redirect", default_url_redirect={"https_redirect": True, "strip_query": False})
redirect_proxy = gcp.compute.TargetHttpProxy("sites-redirect", url_map=redirect.id)
gcp.compute.GlobalForwardingRule(
    "sites-http",
    load_balancing_scheme="EXTERNAL_MANAGED",
    ip_address=address.address,
    port_range="80",
    target=redirect_proxy.id,
)

pulumi.export("address", address.address)
