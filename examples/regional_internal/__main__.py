"""A regional internal application load balancer in each of two regions, which clients of any region may use.

Why it is sound: global access lets clients of one region reach the other's load balancer, and one private name answers
with the near one. Proxies live in each region's proxy-only subnet, and the firewall lets them and the probes in.
The backend service has its capacity written down: a regional one that says nothing is sent none.
"""

import pulumi
import pulumi_gcp as gcp

SUBNETS = {"europe-west1": "10.10.0.0/20", "asia-east1": "10.20.0.0/20"}
PROXIES = {"europe-west1": "10.10.64.0/23", "asia-east1": "10.20.64.0/23"}

network = gcp.compute.Network("orders", auto_create_subnetworks=False)
machines = gcp.serviceaccount.Account("orders", account_id="orders-machines")
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
        https_health_check={"port": 8443},
        log_config={"enable": True},
    )
    ring = gcp.kms.KeyRing(f"orders-{region}", location=region)
    key = gcp.kms.CryptoKey(f"orders-{region}", key_ring=ring.id, rotation_period="7776000s")
    grant = gcp.kms.CryptoKeyIAMMember(
        f"orders-{region}",
        crypto_key_id=key.id,
        role="roles/cloudkms.cryptoKeyEncrypterDecrypter",
        member=compute_agent,
    )
    template = gcp.compute.RegionInstanceTemplate(
        f"orders-{region}",
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
        f"orders-{region}",
        region=region,
        base_instance_name="orders",
        target_size=3,
        versions=[{"instance_template": template.self_link}],
        named_ports=[{"name": "https", "port": 8443}],
        auto_healing_policies={"health_check": liveness.id, "initial_delay_sec": 300},
    )


def front(region: str) -> gcp.compute.ForwardingRule:
    """A whole load balancer in one region."""
    subnet = gcp.compute.Subnetwork(
        f"orders-{region}",
        region=region,
        network=network.id,
        ip_cidr_range=SUBNETS[region],
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
    serving = gcp.compute.RegionHealthCheck(
        f"orders-{region}", region=region, https_health_check={"port": 8443}, log_config={"enable": True}
    )
    service = gcp.compute.RegionBackendService(
        f"orders-{region}",
        region=region,
        load_balancing_scheme="INTERNAL_MANAGED",
        protocol="HTTPS",
        port_name="https",
        health_checks=serving.id,
        backends=[
            {
                "group": instance_group(region, subnet).instance_group,
                "balancing_mode": "RATE",
                "max_rate_per_instance": 50,
                "capacity_scaler": 1.0,
            }
        ],
        log_config={"enable": True, "sample_rate": 1.0},
    )
    url_map = gcp.compute.RegionUrlMap(f"orders-{region}", region=region, default_service=service.id)
    policy = gcp.compute.RegionSslPolicy(
        f"orders-{region}", region=region, profile="RESTRICTED", min_tls_version="TLS_1_2"
    )
    ownership = gcp.certificatemanager.DnsAuthorization(
        f"orders-{region}", location=region, domain="orders.example.com", type="PER_PROJECT_RECORD"
    )
    certificate = gcp.certificatemanager.Certificate(
        f"orders-{region}",
        location=region,
        managed={"domains": ["orders.example.com"], "dns_authorizations": [ownership.id]},
    )
    proxy = gcp.compute.RegionTargetHttpsProxy(
        f"orders-{region}",
        region=region,
        url_map=url_map.id,
        ssl_policy=policy.id,
        certificate_manager_certificates=[certificate.id],
    )
    return gcp.compute.ForwardingRule(
        f"orders-{region}",
        region=region,
        load_balancing_scheme="INTERNAL_MANAGED",
        network=network.id,
        subnetwork=subnet.id,
        allow_global_access=True,
        port_range="443",
        target=proxy.id,
        opts=pulumi.ResourceOptions(depends_on=[proxies]),
    )


for region in SUBNETS:
    pulumi.export(region, front(region).ip_address)
