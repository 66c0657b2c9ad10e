"""A global external application load balancer over managed instance groups in two regions.

Why it is sound: one anycast address; each request goes to the nearest region with capacity, and to the other one when
the health check says so. TLS 1.2 or newer from the client to the front end, and TLS again to the machines. The
firewall lets in Google's front ends and probes only, and Cloud Armor limits how often one client may ask.
"""

import pulumi
import pulumi_gcp as gcp

network = gcp.compute.Network("web", auto_create_subnetworks=False)
machines = gcp.serviceaccount.Account("web", account_id="web-machines")
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
    "serving",
    https_health_check={"port": 8443, "request_path": "/ready"},
    log_config={"enable": True},
)
liveness = gcp.compute.HealthCheck(
    "liveness",
    check_interval_sec=30,
    unhealthy_threshold=5,
    https_health_check={"port": 8443, "request_path": "/alive"},
    log_config={"enable": True},
)


def instance_group(region: str, cidr: str) -> gcp.compute.RegionInstanceGroupManager:
    """Machines spread over the zones of a region, on disks that a key of that region encrypts."""
    subnet = gcp.compute.Subnetwork(
        f"web-{region}",
        region=region,
        network=network.id,
        ip_cidr_range=cidr,
        private_ip_google_access=True,
        log_config={"flow_sampling": 0.5},
    )
    ring = gcp.kms.KeyRing(f"web-{region}", location=region)
    key = gcp.kms.CryptoKey(f"web-{region}", key_ring=ring.id, rotation_period="7776000s")
    grant = gcp.kms.CryptoKeyIAMMember(
        f"web-{region}",
        crypto_key_id=key.id,
        role="roles/cloudkms.cryptoKeyEncrypterDecrypter",
        member=compute_agent,
    )
    template = gcp.compute.RegionInstanceTemplate(
        f"web-{region}",
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
        f"web-{region}",
        region=region,
        base_instance_name="web",
        target_size=3,
        versions=[{"instance_template": template.self_link}],
        named_ports=[{"name": "https", "port": 8443}],
        auto_healing_policies={"health_check": liveness.id, "initial_delay_sec": 300},
    )


groups = [instance_group("europe-west1", "10.10.0.0/20"), instance_group("asia-northeast1", "10.20.0.0/20")]

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
    protocol="HTTPS",
    port_name="https",
    health_checks=serving.id,
    security_policy=rate_limit.id,
    log_config={"enable": True, "sample_rate": 1.0},
    backends=[
        {"group": group.instance_group, "balancing_mode": "RATE", "max_rate_per_instance": 100} for group in groups
    ],
)
url_map = gcp.compute.URLMap("web", default_service=service.id)

ownership = gcp.certificatemanager.DnsAuthorization("web", domain="www.example.com")
certificate = gcp.certificatemanager.Certificate(
    "web", managed={"domains": ["www.example.com"], "dns_authorizations": [ownership.id]}
)
certificate_map = gcp.certificatemanager.CertificateMap("web")
entry = gcp.certificatemanager.CertificateMapEntry(
    "web", map=certificate_map.name, hostname="www.example.com", certificates=[certificate.id]
)

policy = gcp.compute.SSLPolicy("web", profile="RESTRICTED", min_tls_version="TLS_1_2")
proxy = gcp.compute.TargetHttpsProxy(
    "web",
    url_map=url_map.id,
    ssl_policy=policy.id,
    certificate_map=pulumi.Output.concat("//certificatemanager.googleapis.com/", certificate_map.id),
    opts=pulumi.ResourceOptions(depends_on=[entry]),
)
address = gcp.compute.GlobalAddress("web")
gcp.compute.GlobalForwardingRule(
    "web-https",
    load_balancing_scheme="EXTERNAL_MANAGED",
    ip_address=address.address,
    port_range="443",
    target=proxy.id,
)

# Plain HTTP gets a redirect, and nothing else.
redirect = gcp.compute.URLMap("web-redirect", default_url_redirect={"https_redirect": True, "strip_query": False})
redirect_proxy = gcp.compute.TargetHttpProxy("web-redirect", url_map=redirect.id)
gcp.compute.GlobalForwardingRule(
    "web-http",
    load_balancing_scheme="EXTERNAL_MANAGED",
    ip_address=address.address,
    port_range="80",
    target=redirect_proxy.id,
)

pulumi.export("address", address.address)
