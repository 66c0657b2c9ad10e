"""Static files from a multi-region bucket behind a global external application load balancer with Cloud CDN.

Why it is sound: the bucket itself lies in two regions of one jurisdiction, so the load balancer needs no backend
service and no health check. Only the objects are public; the bucket cannot be listed.
"""

import pulumi
import pulumi_gcp as gcp

bucket = gcp.storage.Bucket(
    "site",
    location="EU",
    uniform_bucket_level_access=True,
    versioning={"enabled": True},
    website={"main_page_suffix": "index.html", "not_found_page": "404.html"},
)
gcp.storage.BucketIAMMember("site", bucket=bucket.name, role="roles/storage.legacyObjectReader", member="allUsers")
files = gcp.compute.BackendBucket(
    "site",
    bucket_name=bucket.name,
    enable_cdn=True,
    cdn_policy={"cache_mode": "CACHE_ALL_STATIC", "default_ttl": 3600, "negative_caching": True},
    compression_mode="AUTOMATIC",
)
url_map = gcp.compute.URLMap("site", default_service=files.id)

ownership = gcp.certificatemanager.DnsAuthorization("site", domain="static.example.com")
certificate = gcp.certificatemanager.Certificate(
    "site", managed={"domains": ["static.example.com"], "dns_authorizations": [ownership.id]}
)
certificate_map = gcp.certificatemanager.CertificateMap("site")
entry = gcp.certificatemanager.CertificateMapEntry(
    "site", map=certificate_map.name, hostname="static.example.com", certificates=[certificate.id]
)

policy = gcp.compute.SSLPolicy("site", profile="RESTRICTED", min_tls_version="TLS_1_2")
proxy = gcp.compute.TargetHttpsProxy(
    "site",
    url_map=url_map.id,
    ssl_policy=policy.id,
    certificate_map=pulumi.Output.concat("//certificatemanager.googleapis.com/", certificate_map.id),
    opts=pulumi.ResourceOptions(depends_on=[entry]),
)
address = gcp.compute.GlobalAddress("site")
gcp.compute.GlobalForwardingRule(
    "site-https",
    load_balancing_scheme="EXTERNAL_MANAGED",
    ip_address=address.address,
    port_range="443",
    target=proxy.id,
)

# Plain HTTP gets a redirect, and nothing else.
redirect = gcp.compute.URLMap("site-redirect", default_url_redirect={"https_redirect": True, "strip_query": False})
redirect_proxy = gcp.compute.TargetHttpProxy("site-redirect", url_map=redirect.id)
gcp.compute.GlobalForwardingRule(
    "site-http",
    load_balancing_scheme="EXTERNAL_MANAGED",
    ip_address=address.address,
    port_range="80",
    target=redirect_proxy.id,
)

pulumi.export("address", address.address)
