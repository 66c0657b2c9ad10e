"""A cross-region internal proxy network load balancer for a database that speaks TLS itself.

Why it is sound: clients in either region have an address near them, and each address reaches the machines of both
regions. The proxies sit in subnets of the purpose that cross-region load balancers use, and only they and Google's
probes reach the machines.
"""

import pulumi
import pulumi_gcp as gcp

SUBNETS = {"europe-west1": "10.10.0.0/20", "europe-west4": "10.20.0.0/20"}
PROXIES = {"europe-west1": "10.10.64.0/23", "europe-west4": "10.20.64.0/23"}

network = gcp.compute.Network("ledger", auto_create_subnetworks=False)
machines = gcp.serviceaccount.Account("ledger", account_id="ledger-machines")
compute_agent = pulumi.Output.concat(
    "serviceAccount:service-", gcp.organizations.get_project_output().number, "@compute-system.iam.gserviceaccount.com"
)

# Health checks come from Google's ranges, requests from the proxies in the proxy-only subnets.
gcp.compute.Firewall(
    "allow-probes-and-proxies",
    network=network.id,
    direction="INGRESS",
    source_ranges=["35.191.0.0/16", "130.211.0.0/22", *PROXIES.values()],
    target_service_accounts=[machines.email],
    allows=[{"protocol": "tcp", "ports": ["26257"]}],
    log_config={"metadata": "INCLUDE_ALL_METADATA"},
)

serving = gcp.compute.HealthCheck("serving", tcp_health_check={"port": 26257}, log_config={"enable": True})
liveness = gcp.compute.HealthCheck(
    "liveness", check_interval_sec=30, tcp_health_check={"port": 26257}, log_config={"enable": True}
)
subnets = {
    region: gcp.compute.Subnetwork(
        f"ledger-{region}",
        region=region,
        network=network.id,
        ip_cidr_range=cidr,
        private_ip_google_access=True,
        log_config={"flow_sampling": 0.5},
    )
    for region, cidr in SUBNETS.items()
}
proxies = [
    gcp.compute.Subnetwork(
        f"proxies-{region}",
        region=region,
        network=network.id,
        ip_cidr_range=cidr,
        purpose="GLOBAL_MANAGED_PROXY",
        role="ACTIVE",
    )
    for region, cidr in PROXIES.items()
]


def instance_group(region: str) -> gcp.compute.RegionInstanceGroupManager:
    """Machines spread over the zones of a region, on disks that a key of that region encrypts."""
    ring = gcp.kms.KeyRing(f"ledger-{region}", location=region)
    key = gcp.kms.CryptoKey(f"ledger-{region}", key_ring=ring.id, rotation_period="7776000s")
    grant = gcp.kms.CryptoKeyIAMMember(
        f"ledger-{region}",
        crypto_key_id=key.id,
        role="roles/cloudkms.cryptoKeyEncrypterDecrypter",
        member=compute_agent,
    )
    template = gcp.compute.RegionInstanceTemplate(
        f"ledger-{region}",
        region=region,
        machine_type="n2-standard-4",
        disks=[
            {
                "boot": True,
                "source_image": "projects/cos-cloud/global/images/family/cos-stable",
                "disk_encryption_key": {"kms_key_self_link": key.id},
            }
        ],
        network_interfaces=[{"subnetwork": subnets[region].id}],
        service_account={"email": machines.email, "scopes": ["cloud-platform"]},
        shielded_instance_config={"enable_secure_boot": True},
        opts=pulumi.ResourceOptions(depends_on=[grant]),
    )
    return gcp.compute.RegionInstanceGroupManager(
        f"ledger-{region}",
        region=region,
        base_instance_name="ledger",
        target_size=3,
        versions=[{"instance_template": template.self_link}],
        named_ports=[{"name": "sql", "port": 26257}],
        auto_healing_policies={"health_check": liveness.id, "initial_delay_sec": 300},
    )


service = gcp.compute.BackendService(
    "ledger",
    load_balancing_scheme="INTERNAL_MANAGED",
    protocol="TCP",
    port_name="sql",
    health_checks=serving.id,
    backends=[
        {"group": instance_group(region).instance_group, "balancing_mode": "CONNECTION", "max_connections": 1000}
        for region in SUBNETS
    ],
    log_config={"enable": True, "sample_rate": 1.0},
)
proxy = gcp.compute.TargetTCPProxy("ledger", backend_service=service.id)
for region, subnet in subnets.items():
    rule = gcp.compute.GlobalForwardingRule(
        f"ledger-{region}",
        load_balancing_scheme="INTERNAL_MANAGED",
        network=network.id,
        subnetwork=subnet.id,
        port_range="5432",
        target=proxy.id,
        opts=pulumi.ResourceOptions(depends_on=proxies),
    )
    pulumi.export(region, rule.ip_address)
