"""Cloud CDN and a global external application load balancer before an origin outside Google Cloud.

Why it is sound: an internet endpoint group has no region, since it is not served from Google Cloud; how many places
the origin runs in is its own matter. Such a group takes no health check. The way to the origin is TLS, and the Host
header is the origin's own, so that its certificate can be checked.
"""

import pulumi
import pulumi_gcp as gcp

ORIGIN = "origin.example.net"

group = gcp.compute.GlobalNetworkEndpointGroup("origin", network_endpoint_type="INTERNET_FQDN_PORT", default_port=443)
gcp.compute.GlobalNetworkEndpoint("origin", global_network_endpoint_group=group.name, fqdn=ORIGIN, port=443)
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
    "origin",
    load_balancing_scheme="EXTERNAL_MANAGED",
    protocol="HTTPS",
    security_policy=rate_limit.id,
    enable_cdn=True,
    custom_request_headers=[f"Host: {ORIGIN}"],
    log_config={"enable": True, "sample_rate": 1.0},
    backends=[{"group": group.id}],
)
url_map = gcp.compute.URLMap("cdn", default_service=service.id)

ownership = gcp.certificatemanager.DnsAuthorization("cdn", domain="cdn.example.com")
certificate = gcp.certificatemanager.Certificate(
    "cdn", managed={"domains": ["cdn.example.com"], "dns_authorizations": [ownership.id]}
)
certificate_map = gcp.certificatemanager.CertificateMap("cdn")
entry = gcp.certificatemanager.CertificateMapEntry(
    "cdn", map=certificate_map.name, hostname="cdn.example.com", certificates=[certificate.id]
)

policy = gcp.compute.SSLPolicy("cdn", profile="RESTRICTED", min_tls_version="TLS_1_2")
proxy = gcp.compute.TargetHttpsProxy(
    "cdn",
    url_map=url_map.id,
    ssl_policy=policy.id,
    certificate_map=pulumi.Output.concat("//certificatemanager.googleapis.com/", certificate_map.id),
    opts=pulumi.ResourceOptions(depends_on=[entry]),
)
address = gcp.compute.GlobalAddress("cdn")
gcp.compute.GlobalForwardingRule(
    "cdn-https",
    load_balancing_scheme="EXTERNAL_MANAGED",
    ip_address=address.address,
    port_range="443",
    target=proxy.id,
)

# Plain HTTP gets a redirect, and nothing else.
redirect = gcp.compute.URLMap("cdn-redirect", default_url_redirect={"https_redirect": True, "strip_query": False})
redirect_proxy = gcp.compute.TargetHttpProxy("cdn-redirect", url_map=redirect.id)
gcp.compute.GlobalForwardingRule(
    "cdn-http",
    load_balancing_scheme="EXTERNAL_MANAGED",
    ip_address=address.address,
    port_range="80",
    target=redirect_proxy.id,
)

pulumi.export("address", address.address)
