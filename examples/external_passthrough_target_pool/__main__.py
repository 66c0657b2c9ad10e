"""External passthrough network load balancers of the older kind: a target pool in each of two regions.

Why it is sound: a target pool takes a legacy HTTP health check only, which asks for the machines' state and carries no
data; what clients send is TLS that the machines end. Managed groups put their machines into the pool.
"""

import pulumi
import pulumi_gcp as gcp

SUBNETS = {"europe-west1": "10.10.0.0/20", "us-central1": "10.20.0.0/20"}

network = gcp.compute.Network("gateway", auto_create_subnetworks=False)
machines = gcp.serviceaccount.Account("gateway", account_id="gateway-machines")
compute_agent = pulumi.Output.concat(
    "serviceAccount:service-", gcp.organizations.get_project_output().number, "@compute-system.iam.gserviceaccount.com"
)

# Health checks of the pools and of autohealing.
gcp.compute.Firewall(
    "allow-probes",
    network=network.id,
    direction="INGRESS",
    source_ranges=["35.191.0.0/16", "209.85.152.0/22", "209.85.204.0/22", "130.211.0.0/22"],
    target_service_accounts=[machines.email],
    allows=[{"protocol": "tcp", "ports": ["8080"]}],
    log_config={"metadata": "INCLUDE_ALL_METADATA"},
)

# Connections come from the clients themselves, from anywhere.
gcp.compute.Firewall(
    "allow-clients",
    network=network.id,
    direction="INGRESS",
    source_ranges=["0.0.0.0/0"],
    target_service_accounts=[machines.email],
    allows=[{"protocol": "tcp", "ports": ["443"]}],
    log_config={"metadata": "INCLUDE_ALL_METADATA"},
)

serving = gcp.compute.HttpHealthCheck("serving", port=8080, request_path="/ready")
liveness = gcp.compute.HealthCheck(
    "liveness", check_interval_sec=30, http_health_check={"port": 8080}, log_config={"enable": True}
)


def instance_group(region: str, cidr: str, pool: gcp.compute.TargetPool) -> gcp.compute.RegionInstanceGroupManager:
    """Machines spread over the zones of a region, on disks that a key of that region encrypts."""
    subnet = gcp.compute.Subnetwork(
        f"gateway-{region}",
        region=region,
        network=network.id,
        ip_cidr_range=cidr,
        private_ip_google_access=True,
        log_config={"flow_sampling": 0.5},
    )
    ring = gcp.kms.KeyRing(f"gateway-{region}", location=region)
    key = gcp.kms.CryptoKey(f"gateway-{region}", key_ring=ring.id, rotation_period="7776000s")
    grant = gcp.kms.CryptoKeyIAMMember(
        f"gateway-{region}",
        crypto_key_id=key.id,
        role="roles/cloudkms.cryptoKeyEncrypterDecrypter",
        member=compute_agent,
    )
    template = gcp.compute.RegionInstanceTemplate(
        f"gateway-{region}",
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
        f"gateway-{region}",
        region=region,
        base_instance_name="gateway",
        target_size=3,
        versions=[{"instance_template": template.self_link}],
        auto_healing_policies={"health_check": liveness.id, "initial_delay_sec": 300},
        target_pools=[pool.self_link],
    )


for region, cidr in SUBNETS.items():
    pool = gcp.compute.TargetPool(f"gateway-{region}", region=region, health_checks=serving.self_link)
    instance_group(region, cidr, pool)
    address = gcp.compute.Address(f"gateway-{region}", region=region)
    gcp.compute.ForwardingRule(
        f"gateway-{region}",
        region=region,
        load_balancing_scheme="EXTERNAL",
        ip_address=address.address,
        ip_protocol="TCP",
        port_range="443",
        target=pool.self_link,
    )
    pulumi.export(region, address.address)
