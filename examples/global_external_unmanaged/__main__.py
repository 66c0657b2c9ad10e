"""A global external application load balancer over unmanaged instance groups, for machines that cannot be replaced.

Why it is sound: each group holds machines of one zone, two zones in each of two regions, and names the port that the
backend service sends requests to. Nothing repairs such machines by itself; the health check takes them out of service.
The firewall knows them by their network tag.
"""

import pulumi
import pulumi_gcp as gcp

ZONES = {"europe-west1": ["b", "c"], "us-central1": ["a", "f"]}
SUBNETS = {"europe-west1": "10.10.0.0/24", "us-central1": "10.20.0.0/24"}

network = gcp.compute.Network("erp", auto_create_subnetworks=False)
gcp.compute.Firewall(
    "allow-google-front-ends",
    network=network.id,
    direction="INGRESS",
    source_ranges=["35.191.0.0/16", "130.211.0.0/22"],
    target_tags=["erp"],
    allows=[{"protocol": "tcp", "ports": ["8443"]}],
    log_config={"metadata": "INCLUDE_ALL_METADATA"},
)


def instance_groups(region: str) -> list[gcp.compute.InstanceGroup]:
    """A machine, and a group around it, in each zone of a region."""
    subnet = gcp.compute.Subnetwork(
        f"erp-{region}",
        region=region,
        network=network.id,
        ip_cidr_range=SUBNETS[region],
        private_ip_google_access=True,
        log_config={"flow_sampling": 0.5},
    )
    ring = gcp.kms.KeyRing(f"erp-{region}", location=region)
    key = gcp.kms.CryptoKey(f"erp-{region}", key_ring=ring.id, rotation_period="7776000s")
    groups = []
    for zone in (f"{region}-{letter}" for letter in ZONES[region]):
        disk = gcp.compute.Disk(
            f"erp-{zone}",
            zone=zone,
            image="projects/debian-cloud/global/images/family/debian-12",
            disk_encryption_key={"kms_key_self_link": key.id},
        )
        machine = gcp.compute.Instance(
            f"erp-{zone}",
            zone=zone,
            machine_type="n2-standard-8",
            tags=["erp"],
            boot_disk={"source": disk.self_link, "kms_key_self_link": key.id},
            network_interfaces=[{"subnetwork": subnet.id}],
            shielded_instance_config={"enable_secure_boot": True},
        )
        groups.append(
            gcp.compute.InstanceGroup(
                f"erp-{zone}",
                zone=zone,
                network=network.id,
                instances=[machine.self_link],
                named_ports=[{"name": "https", "port": 8443}],
            )
        )
    return groups


serving = gcp.compute.HealthCheck(
    "serving", https_health_check={"port_specification": "USE_SERVING_PORT"}, log_config={"enable": True}
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
    "erp",
    load_balancing_scheme="EXTERNAL_MANAGED",
    protocol="HTTPS",
    security_policy=rate_limit.id,
    port_name="https",
    health_checks=serving.id,
    log_config={"enable": True, "sample_rate": 1.0},
    backends=[
        {"group": group.self_link, "balancing_mode": "UTILIZATION", "max_utilization": 0.8}
        for region in ZONES
        for group in instance_groups(region)
    ],
)
url_map = gcp.compute.URLMap("erp", default_service=service.id)

ownership = gcp.certificatemanager.DnsAuthorization("erp", domain="erp.example.com")
certificate = gcp.certificatemanager.Certificate(
    "erp", managed={"domains": ["erp.example.com"], "dns_authorizations": [ownership.id]}
)
certificate_map = gcp.certificatemanager.CertificateMap("erp")
entry = gcp.certificatemanager.CertificateMapEntry(
    "erp", map=certificate_map.name, hostname="erp.example.com", certificates=[certificate.id]
)

policy = gcp.compute.SSLPolicy("erp", profile="RESTRICTED", min_tls_version="TLS_1_2")
proxy = gcp.compute.TargetHttpsProxy(
    "erp",
    url_map=url_map.id,
    ssl_policy=policy.id,
    certificate_map=pulumi.Output.concat("//certificatemanager.googleapis.com/", certificate_map.id),
    opts=pulumi.ResourceOptions(depends_on=[entry]),
)
address = gcp.compute.GlobalAddress("erp")
gcp.compute.GlobalForwardingRule(
    "erp-https",
    load_balancing_scheme="EXTERNAL_MANAGED",
    ip_address=address.address,
    port_range="443",
    target=proxy.id,
)

# Plain HTTP gets a redirect, and nothing else.
redirect = gcp.compute.URLMap("erp-redirect", default_url_redirect={"https_redirect": True, "strip_query": False})
redirect_proxy = gcp.compute.TargetHttpProxy("erp-redirect", url_map=redirect.id)
gcp.compute.GlobalForwardingRule(
    "erp-http",
    load_balancing_scheme="EXTERNAL_MANAGED",
    ip_address=address.address,
    port_range="80",
    target=redirect_proxy.id,
)

pulumi.export("address", address.address)
