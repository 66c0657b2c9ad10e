"""A global external application load balancer over one Cloud Run service in each of two regions.

Why it is sound: serverless backends are reached over TLS inside Google's network and are not probed, so the backend
service has no health check; outlier detection takes a region out whose answers are errors. The services take requests
from the load balancer only.
"""

import pulumi
import pulumi_gcp as gcp

REGIONS = ["europe-west1", "us-central1"]


def endpoint_group(region: str) -> gcp.compute.RegionNetworkEndpointGroup:
    """One region's Cloud Run service, as a backend."""
    service = gcp.cloudrunv2.Service(
        f"shop-{region}",
        location=region,
        ingress="INGRESS_TRAFFIC_INTERNAL_LOAD_BALANCER",
        template={"containers": [{"image": "us-docker.pkg.dev/cloudrun/container/hello"}]},
    )
    gcp.cloudrunv2.ServiceIamMember(
        f"shop-{region}", location=region, name=service.name, role="roles/run.invoker", member="allUsers"
    )
    return gcp.compute.RegionNetworkEndpointGroup(
        f"shop-{region}", region=region, network_endpoint_type="SERVERLESS", cloud_run={"service": service.name}
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
    "shop",
    load_balancing_scheme="EXTERNAL_MANAGED",
    protocol="HTTPS",
    security_policy=rate_limit.id,
    backends=[{"group": endpoint_group(region).id} for region in REGIONS],
    outlier_detection={
        "consecutive_errors": 5,
        "enforcing_consecutive_errors": 100,
        "interval": {"seconds": 10},
        "base_ejection_time": {"seconds": 30},
    },
    log_config={"enable": True, "sample_rate": 1.0},
)
url_map = gcp.compute.URLMap("shop", default_service=service.id)
certificate = gcp.compute.ManagedSslCertificate("shop", managed={"domains": ["shop.example.com"]})

policy = gcp.compute.SSLPolicy("shop", profile="RESTRICTED", min_tls_version="TLS_1_2")
proxy = gcp.compute.TargetHttpsProxy(
    "shop",
    url_map=url_map.id,
    ssl_policy=policy.id,
    ssl_certificates=[certificate.id],
)
address = gcp.compute.GlobalAddress("shop")
gcp.compute.GlobalForwardingRule(
    "shop-https",
    load_balancing_scheme="EXTERNAL_MANAGED",
    ip_address=address.address,
    port_range="443",
    target=proxy.id,
)

# Plain HTTP gets a redirect, and nothing else.
redirect = gcp.compute.URLMap("shop-redirect", default_url_redirect={"https_redirect": True, "strip_query": False})
redirect_proxy = gcp.compute.TargetHttpProxy("shop-redirect", url_map=redirect.id)
gcp.compute.GlobalForwardingRule(
    "shop-http",
    load_balancing_scheme="EXTERNAL_MANAGED",
    ip_address=address.address,
    port_range="80",
    target=redirect_proxy.id,
)

pulumi.export("address", address.address)
