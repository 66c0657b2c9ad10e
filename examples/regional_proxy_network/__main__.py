"""Regional proxy network load balancers over the same machines: an external one and an internal one in each region.

Why it is sound: TCP proxies pass the clients' TLS on. External and internal backend services of a region share the
region's proxy-only subnet and instance group, each with its own scheme, and with its capacity written down.
"""

import pulumi
import pulumi_gcp as gcp

SUBNETS = {"europe-west1": "10.10.0.0/20", "us-east4": "10.20.0.0/20"}
PROXIES = {"europe-west1": "10.10.64.0/23", "us-east4": "10.20.64.0/23"}

network = gcp.compute.Network("feed", auto_create_subnetworks=False)
machines = gcp.serviceaccount.Account("feed", account_id="feed-machines")
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
    allows=[{"protocol": "tcp", "ports": ["8443"]}],
    log_config={"metadata": "INCLUDE_ALL_METADATA"},
)


def instance_group(region: str, subnet: gcp.compute.Subnetwork) -> gcp.compute.RegionInstanceGroupManager:
    """Machines spread over the zones of a region, on disks that a key of that region encrypts."""
    liveness = gcp.compute.RegionHealthCheck(
        f"liveness-{region}",
        region=region,
        check_interval_sec=30,
        tcp_health_check={"port": 8443},
        log_config={"enable": True},
    )
    ring = gcp.kms.KeyRing(f"feed-{region}", location=region)
    key = gcp.kms.CryptoKey(f"feed-{region}", key_ring=ring.id, rotation_period="7776000s")
    grant = gcp.kms.CryptoKeyIAMMember(
        f"feed-{region}",
        crypto_key_id=key.id,
        role="roles/cloudkms.cryptoKeyEncrypterDecrypter",
        member=compute_agent,
    )
    template = gcp.compute.RegionInstanceTemplate(
        f"feed-{region}",
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
        f"feed-{region}",
        region=region,
        base_instance_name="feed",
        target_size=3,
        versions=[{"instance_template": template.self_link}],
        named_ports=[{"name": "feed", "port": 8443}],
        auto_healing_policies={"health_check": liveness.id, "initial_delay_sec": 300},
    )


for region, cidr in SUBNETS.items():
    subnet = gcp.compute.Subnetwork(
        f"feed-{region}",
        region=region,
        network=network.id,
        ip_cidr_range=cidr,
        private_ip_google_access=True,
        log_config={"flow_sampling": 0.5},
    )
    proxies = gcp.compute.Subnetwork(
        f"proxies-{region}",
        region=region,
        network=network.id,
        ip_cidr_range=PROXIES[region],
        purpose="REGIONAL_MANAGED_PROXY",
        role="ACTIVE",
    )
    group = instance_group(region, subnet)
    address = gcp.compute.Address(f"feed-{region}", region=region)
    serving = gcp.compute.RegionHealthCheck(
        f"serving-{region}", region=region, tcp_health_check={"port": 8443}, log_config={"enable": True}
    )
    for scheme, label in {"EXTERNAL_MANAGED": "external", "INTERNAL_MANAGED": "internal"}.items():
        service = gcp.compute.RegionBackendService(
            f"feed-{label}-{region}",
            region=region,
            load_balancing_scheme=scheme,
            protocol="TCP",
            port_name="feed",
            health_checks=serving.id,
            backends=[
                {
                    "group": group.instance_group,
                    "balancing_mode": "CONNECTION",
                    "max_connections_per_instance": 1000,
                    "capacity_scaler": 1.0,
                }
            ],
            log_config={"enable": True, "sample_rate": 1.0},
        )
        proxy = gcp.compute.RegionTargetTcpProxy(f"feed-{label}-{region}", region=region, backend_service=service.id)
        gcp.compute.ForwardingRule(
            f"feed-{label}-{region}",
            region=region,
            load_balancing_scheme=scheme,
            network=network.id,
            subnetwork=subnet.id if label == "internal" else None,
            ip_address=address.address if label == "external" else None,
            port_range="443",
            target=proxy.id,
            opts=pulumi.ResourceOptions(depends_on=[proxies]),
        )
