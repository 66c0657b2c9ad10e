"""A global external application load balancer over the endpoint groups that GKE clusters in two regions make.

Why it is sound: clusters make one zonal endpoint group with a chosen name in each zone of a service that is annotated
so, and keep the endpoints up to date; the stack names the groups by their paths. GKE also opens the firewall for the
probes. One address for IPv4 and one for IPv6 lead to the same proxy.
"""

import pulumi
import pulumi_gcp as gcp

PROJECT = "clusters"
ZONES = ["europe-west1-b", "europe-west1-c", "us-central1-a", "us-central1-b"]

serving = gcp.compute.HealthCheck(
    "serving", http2_health_check={"port_specification": "USE_SERVING_PORT"}, log_config={"enable": True}
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
    "web",
    load_balancing_scheme="EXTERNAL_MANAGED",
    protocol="HTTP2",
    security_policy=rate_limit.id,
    health_checks=serving.id,
    log_config={"enable": True, "sample_rate": 1.0},
    backends=[
        {
            "group": f"projects/{PROJECT}/zones/{zone}/networkEndpointGroups/web",
            "balancing_mode": "RATE",
            "max_rate_per_endpoint": 100,
        }
        for zone in ZONES
    ],
)
url_map = gcp.compute.URLMap("web", default_service=service.id)
policy = gcp.compute.SSLPolicy("web", profile="RESTRICTED", min_tls_version="TLS_1_2")
certificate = gcp.compute.ManagedSslCertificate("web", managed={"domains": ["www.example.com"]})
proxy = gcp.compute.TargetHttpsProxy("web", url_map=url_map.id, ssl_policy=policy.id, ssl_certificates=[certificate.id])
for version in ("IPV4", "IPV6"):
    address = gcp.compute.GlobalAddress(f"web-{version.lower()}", ip_version=version)
    gcp.compute.GlobalForwardingRule(
        f"web-{version.lower()}",
        load_balancing_scheme="EXTERNAL_MANAGED",
        ip_address=address.id,
        port_range="443",
        target=proxy.id,
    )
    pulumi.export(version.lower(), address.address)
