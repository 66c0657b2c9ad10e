"""A global external proxy network load balancer that ends TLS for a protocol that is not HTTP.

Why it is sound: one address for clients anywhere, machines in two regions behind it, TLS 1.2 or newer at the front
and TLS again (protocol SSL) on the way to the machines. It listens on 443 only.
"""

import pulumi
import pulumi_gcp as gcp

network = gcp.compute.Network("broker", auto_create_subnetworks=False)
machines = gcp.serviceaccount.Account("broker", account_id="broker-machines")
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
    allows=[{"protocol": "tcp", "ports": ["8883"]}],
    log_config={"metadata": "INCLUDE_ALL_METADATA"},
)

serving = gcp.compute.HealthCheck("serving", ssl_health_check={"port": 8883}, log_config={"enable": True})
liveness = gcp.compute.HealthCheck(
    "liveness",
    check_interval_sec=30,
    unhealthy_threshold=5,
    ssl_health_check={"port": 8883},
    log_config={"enable": True},
)


def instance_group(region: str, cidr: str) -> gcp.compute.RegionInstanceGroupManager:
    """Machines spread over the zones of a region, on disks that a key of that region encrypts."""
    subnet = gcp.compute.Subnetwork(
        f"broker-{region}",
        region=region,
        network=network.id,
        ip_cidr_range=cidr,
        private_ip_google_access=True,
        log_config={"flow_sampling": 0.5},
    )
    ring = gcp.kms.KeyRing(f"broker-{region}", location=region)
    key = gcp.kms.CryptoKey(f"broker-{region}", key_ring=ring.id, rotation_period="7776000s")
    grant = gcp.kms.CryptoKeyIAMMember(
        f"broker-{region}",
        crypto_key_id=key.id,
        role="roles/cloudkms.cryptoKeyEncrypterDecrypter",
        member=compute_agent,
    )
    template = gcp.compute.RegionInstanceTemplate(
        f"broker-{region}",
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
        f"broker-{region}",
        region=region,
        base_instance_name="broker",
        target_size=3,
        versions=[{"instance_template": template.self_link}],
        named_ports=[{"name": "mqtts", "port": 8883}],
        auto_healing_policies={"health_check": liveness.id, "initial_delay_sec": 300},
    )


groups = [instance_group("europe-west1", "10.10.0.0/20"), instance_group("us-central1", "10.20.0.0/20")]
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
    "broker",
    load_balancing_scheme="EXTERNAL_MANAGED",
    protocol="SSL",
    security_policy=rate_limit.id,
    port_name="mqtts",
    health_checks=serving.id,
    session_affinity="CLIENT_IP",
    backends=[
        {"group": group.instance_group, "balancing_mode": "CONNECTION", "max_connections_per_instance": 5000}
        for group in groups
    ],
    log_config={"enable": True, "sample_rate": 1.0},
)
certificate = gcp.compute.ManagedSslCertificate("broker", managed={"domains": ["broker.example.com"]})
policy = gcp.compute.SSLPolicy("broker", profile="RESTRICTED", min_tls_version="TLS_1_2")
proxy = gcp.compute.TargetSSLProxy(
    "broker", backend_service=service.id, ssl_certificates=[certificate.id], ssl_policy=policy.id
)
address = gcp.compute.GlobalAddress("broker")
gcp.compute.GlobalForwardingRule(
    "broker",
    load_balancing_scheme="EXTERNAL_MANAGED",
    ip_address=address.address,
    port_range="443",
    target=proxy.id,
)

pulumi.export("address", address.address)
