"""A URL map that does everything: hosts, paths, header matches, weights, a mirror, a redirect, error pages.

Why it is sound: whatever way a request takes, it ends at a backend service with machines in two regions, at a bucket
that is stored in several, or with a redirect to HTTPS. What the mirror answers reaches nobody.
"""

import pulumi
import pulumi_gcp as gcp

SUBNETS = {"europe-west1": "10.10.0.0/20", "us-central1": "10.20.0.0/20"}

network = gcp.compute.Network("shop", auto_create_subnetworks=False)
machines = gcp.serviceaccount.Account("shop", account_id="shop-machines")
compute_agent = pulumi.Output.concat(
    "serviceAccount:service-", gcp.organizations.get_project_output().number, "@compute-system.iam.gserviceaccount.com"
)

# Health checks come from these ranges, and so do the requests of a global load balancer.
gcp.compute.Firewall(
    "allow-google-front-ends",
    network=network.id,
    direction="INGRESS",
    source_ranges=["35.191.0.0/16", "130.211.0.0/22"],
    target_service_accounts=[machines.email],
    allows=[{"protocol": "tcp", "ports": ["8443"]}],
    log_config={"metadata": "INCLUDE_ALL_METADATA"},
)

serving = gcp.compute.HealthCheck(
    "serving", https_health_check={"port": 8443, "request_path": "/ready"}, log_config={"enable": True}
)
liveness = gcp.compute.HealthCheck("liveness", check_interval_sec=30, https_health_check={"port": 8443})


def instance_group(region: str, cidr: str) -> gcp.compute.RegionInstanceGroupManager:
    """Machines spread over the zones of a region, on disks that a key of that region encrypts."""
    subnet = gcp.compute.Subnetwork(
        f"shop-{region}",
        region=region,
        network=network.id,
        ip_cidr_range=cidr,
        private_ip_google_access=True,
        log_config={"flow_sampling": 0.5},
    )
    ring = gcp.kms.KeyRing(f"shop-{region}", location=region)
    key = gcp.kms.CryptoKey(f"shop-{region}", key_ring=ring.id, rotation_period="7776000s")
    grant = gcp.kms.CryptoKeyIAMMember(
        f"shop-{region}",
        crypto_key_id=key.id,
        role="roles/cloudkms.cryptoKeyEncrypterDecrypter",
        member=compute_agent,
    )
    template = gcp.compute.RegionInstanceTemplate(
        f"shop-{region}",
        region=region,
        machine_type="n2-standard-4",
        disks=[
            {
                "boot": True,
                "source_image": "projects/cos-cloud/global/images/family/cos-stable",
                "disk_encryption_key": {"kms_key_self_link": key.id},
            }
        ],
        network_interfaces=[{"subnetwork": subnet.id}],
        service_account={"email": machines.email, "scopes": ["cloud-platform"]},
        shielded_instance_config={"enable_secure_boot": True},
        opts=pulumi.ResourceOptions(depends_on=[grant]),
    )
    return gcp.compute.RegionInstanceGroupManager(
        f"shop-{region}",
        region=region,
        base_instance_name="shop",
        target_size=3,
        versions=[{"instance_template": template.self_link}],
        named_ports=[{"name": "https", "port": 8443}],
        auto_healing_policies={"health_check": liveness.id, "initial_delay_sec": 300},
    )


groups = {region: instance_group(region, cidr) for region, cidr in SUBNETS.items()}

# Whoever asks more often than this is turned away; everybody else is let in.
rate_limit = gcp.compute.SecurityPolicy("rate-limit")
gcp.compute.SecurityPolicyRule(
    "rate-limit",
    security_policy=rate_limit.name,
    priority=1000,
    action="throttle",
    match={"versioned_expr": "SRC_IPS_V1", "config": {"src_ip_ranges": ["*"]}},
    rate_limit_options={
        "conform_action": "allow",
        "exceed_action": "deny(429)",
        "enforce_on_key": "IP",
        "rate_limit_threshold": {"count": 600, "interval_sec": 60},
    },
)


def backend_service(name: str, regions: list[str]) -> gcp.compute.BackendService:
    """A backend service over the machines of some regions."""
    return gcp.compute.BackendService(
        name,
        load_balancing_scheme="EXTERNAL_MANAGED",
        protocol="HTTPS",
        security_policy=rate_limit.id,
        port_name="https",
        health_checks=serving.id,
        backends=[
            {"group": groups[region].instance_group, "balancing_mode": "RATE", "max_rate_per_instance": 50}
            for region in regions
        ],
        log_config={"enable": True, "sample_rate": 1.0},
    )


everywhere = list(SUBNETS)
web, api, canary, shadow = (backend_service(name, everywhere) for name in ("web", "api", "canary", "shadow"))
bucket = gcp.storage.Bucket("pages", location="EU", uniform_bucket_level_access=True)
pages = gcp.compute.BackendBucket("pages", bucket_name=bucket.name, enable_cdn=True)

url_map = gcp.compute.URLMap(
    "shop",
    default_url_redirect={"host_redirect": "shop.example.com", "https_redirect": True, "strip_query": False},
    default_custom_error_response_policy={
        "error_response_rules": [{"match_response_codes": ["5xx"], "path": "/sorry.html"}],
        "error_service": pages.id,
    },
    host_rules=[
        {"hosts": ["shop.example.com"], "path_matcher": "shop"},
        {"hosts": ["api.example.com"], "path_matcher": "api"},
    ],
    path_matchers=[
        {
            "name": "shop",
            "default_service": web.id,
            "path_rules": [
                {"paths": ["/static/*", "/pages/*"], "service": pages.id},
                {
                    "paths": ["/old/*"],
                    "url_redirect": {"prefix_redirect": "/", "https_redirect": True, "strip_query": False},
                },
            ],
        },
        {
            "name": "api",
            "default_service": api.id,
            "route_rules": [
                {
                    "priority": 1,
                    "match_rules": [
                        {"prefix_match": "/", "header_matches": [{"header_name": "x-try", "exact_match": "1"}]}
                    ],
                    "service": canary.id,
                },
                {
                    "priority": 2,
                    "match_rules": [{"prefix_match": "/v2/"}],
                    "route_action": {
                        "weighted_backend_services": [
                            {"backend_service": api.id, "weight": 950},
                            {"backend_service": canary.id, "weight": 50},
                        ],
                        "request_mirror_policy": {"backend_service": shadow.id},
                    },
                },
            ],
        },
    ],
    tests=[{"host": "shop.example.com", "path": "/", "service": web.id}],
)
certificate = gcp.compute.ManagedSslCertificate("shop", managed={"domains": ["shop.example.com", "api.example.com"]})

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
