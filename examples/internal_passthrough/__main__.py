"""An internal passthrough network load balancer in each of two regions, with failover from zone to zone.

Why it is sound: packets reach the machines as the clients sent them, so the firewall lets in the clients' own ranges
beside Google's probes. The second zone's group is the failover backend. Global access lets clients of the other region
in. Pass-through load balancers have no capacity to scale, and keep their scheme INTERNAL.
"""

import pulumi
import pulumi_gcp as gcp

SUBNETS = {"europe-west1": "10.10.0.0/20", "us-central1": "10.20.0.0/20"}
ZONES = {"europe-west1": ["europe-west1-b", "europe-west1-c"], "us-central1": ["us-central1-a", "us-central1-b"]}

network = gcp.compute.Network("resolver", auto_create_subnetworks=False)
machines = gcp.serviceaccount.Account("resolver", account_id="resolver-machines")
compute_agent = pulumi.Output.concat(
    "serviceAccount:service-", gcp.organizations.get_project_output().number, "@compute-system.iam.gserviceaccount.com"
)

# Health checks come from these ranges.
gcp.compute.Firewall(
    "allow-probes",
    network=network.id,
    direction="INGRESS",
    source_ranges=["35.191.0.0/16", "130.211.0.0/22"],
    target_service_accounts=[machines.email],
    allows=[{"protocol": "tcp", "ports": ["853"]}],
    log_config={"metadata": "INCLUDE_ALL_METADATA"},
)

# Requests come from the clients themselves.
gcp.compute.Firewall(
    "allow-clients",
    network=network.id,
    direction="INGRESS",
    source_ranges=["10.0.0.0/8"],
    target_service_accounts=[machines.email],
    allows=[{"protocol": "tcp", "ports": ["853"]}],
    log_config={"metadata": "INCLUDE_ALL_METADATA"},
)


def instance_groups(region: str, subnet: gcp.compute.Subnetwork) -> list[gcp.compute.InstanceGroupManager]:
    """A group of machines in each of two zones, on disks that a key of the region encrypts."""
    liveness = gcp.compute.RegionHealthCheck(
        f"liveness-{region}",
        region=region,
        check_interval_sec=30,
        tcp_health_check={"port": 853},
        log_config={"enable": True},
    )
    ring = gcp.kms.KeyRing(f"resolver-{region}", location=region)
    key = gcp.kms.CryptoKey(f"resolver-{region}", key_ring=ring.id, rotation_period="7776000s")
    grant = gcp.kms.CryptoKeyIAMMember(
        f"resolver-{region}",
        crypto_key_id=key.id,
        role="roles/cloudkms.cryptoKeyEncrypterDecrypter",
        member=compute_agent,
    )
    template = gcp.compute.RegionInstanceTemplate(
        f"resolver-{region}",
        region=region,
        machine_type="n2-standard-2",
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
    return [
        gcp.compute.InstanceGroupManager(
            f"resolver-{zone}",
            zone=zone,
            base_instance_name="resolver",
            target_size=2,
            versions=[{"instance_template": template.self_link}],
            auto_healing_policies={"health_check": liveness.id, "initial_delay_sec": 120},
        )
        for zone in ZONES[region]
    ]


for region, cidr in SUBNETS.items():
    subnet = gcp.compute.Subnetwork(
        f"resolver-{region}",
        region=region,
        network=network.id,
        ip_cidr_range=cidr,
        private_ip_google_access=True,
        log_config={"flow_sampling": 0.5},
    )
    serving = gcp.compute.RegionHealthCheck(
        f"serving-{region}", region=region, tcp_health_check={"port": 853}, log_config={"enable": True}
    )
    primary, standby = instance_groups(region, subnet)
    service = gcp.compute.RegionBackendService(
        f"resolver-{region}",
        region=region,
        load_balancing_scheme="INTERNAL",
        protocol="TCP",
        network=network.id,
        health_checks=serving.id,
        backends=[
            {"group": primary.instance_group, "balancing_mode": "CONNECTION"},
            {"group": standby.instance_group, "balancing_mode": "CONNECTION", "failover": True},
        ],
        failover_policy={"failover_ratio": 0.5},
    )
    rule = gcp.compute.ForwardingRule(
        f"resolver-{region}",
        region=region,
        load_balancing_scheme="INTERNAL",
        network=network.id,
        subnetwork=subnet.id,
        ip_protocol="TCP",
        ports=["853"],
        allow_global_access=True,
        backend_service=service.id,
    )
    pulumi.export(region, rule.ip_address)
