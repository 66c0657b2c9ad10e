"""A classic proxy network load balancer (TCP) that passes the clients' own TLS on to the machines.

Why it is sound: the proxy ends TCP and not TLS, so certificates and policies live on the machines, and what is
between is as encrypted as what the client sends. Machines in two regions, probed on the port that serves.
"""

import pulumi
import pulumi_gcp as gcp

network = gcp.compute.Network("mail", auto_create_subnetworks=False)
machines = gcp.serviceaccount.Account("mail", account_id="mail-machines")
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
    allows=[{"protocol": "tcp", "ports": ["993"]}],
    log_config={"metadata": "INCLUDE_ALL_METADATA"},
)

serving = gcp.compute.HealthCheck(
    "serving", tcp_health_check={"port_specification": "USE_SERVING_PORT"}, log_config={"enable": True}
)
liveness = gcp.compute.HealthCheck(
    "liveness",
    check_interval_sec=30,
    unhealthy_threshold=5,
    tcp_health_check={"port": 993},
    log_config={"enable": True},
)


def instance_group(region: str, cidr: str) -> gcp.compute.RegionInstanceGroupManager:
    """Machines spread over the zones of a region, on disks that a key of that region encrypts."""
    subnet = gcp.compute.Subnetwork(
        f"mail-{region}",
        region=region,
        network=network.id,
        ip_cidr_range=cidr,
        private_ip_google_access=True,
        log_config={"flow_sampling": 0.5},
    )
    ring = gcp.kms.KeyRing(f"mail-{region}", location=region)
    key = gcp.kms.CryptoKey(f"mail-{region}", key_ring=ring.id, rotation_period="7776000s")
    grant = gcp.kms.CryptoKeyIAMMember(
        f"mail-{region}",
        crypto_key_id=key.id,
        role="roles/cloudkms.cryptoKeyEncrypterDecrypter",
        member=compute_agent,
    )
    template = gcp.compute.RegionInstanceTemplate(
        f"mail-{region}",
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
        f"mail-{region}",
        region=region,
        base_instance_name="mail",
        target_size=3,
        versions=[{"instance_template": template.self_link}],
        named_ports=[{"name": "imaps", "port": 993}],
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
    "mail",
    load_balancing_scheme="EXTERNAL",
    protocol="TCP",
    security_policy=rate_limit.id,
    port_name="imaps",
    health_checks=serving.id,
    backends=[{"group": group.instance_group, "balancing_mode": "UTILIZATION"} for group in groups],
    log_config={"enable": True, "sample_rate": 1.0},
)
proxy = gcp.compute.TargetTCPProxy("mail", backend_service=service.id)
address = gcp.compute.GlobalAddress("mail")
gcp.compute.GlobalForwardingRule(
    "mail", load_balancing_scheme="EXTERNAL", ip_address=address.address, port_range="993", target=proxy.id
)

pulumi.export("address", address.address)
