"""An external passthrough network load balancer in each of two regions, based on backend services.

Why it is sound: for a protocol of its own over UDP, which no proxy speaks, encrypted from client to machine. Machines
answer on one port; probes ask for their state on another one, and come from the ranges of this kind of load balancer.
The one rule that is open to the internet opens the one port that is the service.
"""

import pulumi
import pulumi_gcp as gcp

SUBNETS = {"europe-west1": "10.10.0.0/20", "us-central1": "10.20.0.0/20"}

network = gcp.compute.Network("tunnel", auto_create_subnetworks=False)
machines = gcp.serviceaccount.Account("tunnel", account_id="tunnel-machines")
compute_agent = pulumi.Output.concat(
    "serviceAccount:service-", gcp.organizations.get_project_output().number, "@compute-system.iam.gserviceaccount.com"
)

# Health checks of the load balancer and of autohealing.
gcp.compute.Firewall(
    "allow-probes",
    network=network.id,
    direction="INGRESS",
    source_ranges=["35.191.0.0/16", "130.211.0.0/22", "209.85.152.0/22", "209.85.204.0/22"],
    target_service_accounts=[machines.email],
    allows=[{"protocol": "tcp", "ports": ["8443"]}],
    log_config={"metadata": "INCLUDE_ALL_METADATA"},
)

# Packets come from the clients themselves, from anywhere.
gcp.compute.Firewall(
    "allow-clients",
    network=network.id,
    direction="INGRESS",
    source_ranges=["0.0.0.0/0"],
    target_service_accounts=[machines.email],
    allows=[{"protocol": "udp", "ports": ["51820"]}],
    log_config={"metadata": "INCLUDE_ALL_METADATA"},
)

liveness = gcp.compute.HealthCheck(
    "liveness", check_interval_sec=30, https_health_check={"port": 8443}, log_config={"enable": True}
)


def instance_group(region: str, cidr: str) -> gcp.compute.RegionInstanceGroupManager:
    """Machines spread over the zones of a region, on disks that a key of that region encrypts."""
    subnet = gcp.compute.Subnetwork(
        f"tunnel-{region}",
        region=region,
        network=network.id,
        ip_cidr_range=cidr,
        private_ip_google_access=True,
        log_config={"flow_sampling": 0.5},
    )
    ring = gcp.kms.KeyRing(f"tunnel-{region}", location=region)
    key = gcp.kms.CryptoKey(f"tunnel-{region}", key_ring=ring.id, rotation_period="7776000s")
    grant = gcp.kms.CryptoKeyIAMMember(
        f"tunnel-{region}",
        crypto_key_id=key.id,
        role="roles/cloudkms.cryptoKeyEncrypterDecrypter",
        member=compute_agent,
    )
    template = gcp.compute.RegionInstanceTemplate(
        f"tunnel-{region}",
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
        f"tunnel-{region}",
        region=region,
        base_instance_name="tunnel",
        target_size=3,
        versions=[{"instance_template": template.self_link}],
        auto_healing_policies={"health_check": liveness.id, "initial_delay_sec": 300},
    )


for region, cidr in SUBNETS.items():
    group = instance_group(region, cidr)
    serving = gcp.compute.RegionHealthCheck(
        f"serving-{region}", region=region, https_health_check={"port": 8443}, log_config={"enable": True}
    )
    service = gcp.compute.RegionBackendService(
        f"tunnel-{region}",
        region=region,
        load_balancing_scheme="EXTERNAL",
        protocol="UDP",
        health_checks=serving.id,
        backends=[{"group": group.instance_group, "balancing_mode": "CONNECTION"}],
    )
    address = gcp.compute.Address(f"tunnel-{region}", region=region)
    gcp.compute.ForwardingRule(
        f"tunnel-{region}",
        region=region,
        load_balancing_scheme="EXTERNAL",
        ip_address=address.address,
        ip_protocol="UDP",
        ports=["51820"],
        backend_service=service.id,
    )
    pulumi.export(region, address.address)
