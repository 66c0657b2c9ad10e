"""A regional external application load balancer in each of two regions, and DNS that sends each client to the near one.

Why it is sound: for those who must end TLS inside one region. Each region is whole by itself: certificate, policy,
URL map, backend service, machines in three zones. Cloud DNS probes both addresses from three regions, and answers with
the other region's where one does not respond.
"""

import pulumi
import pulumi_gcp as gcp

SUBNETS = {"europe-west3": "10.10.0.0/20", "europe-west4": "10.20.0.0/20"}
PROXIES = {"europe-west3": "10.10.64.0/23", "europe-west4": "10.20.64.0/23"}

network = gcp.compute.Network("web", auto_create_subnetworks=False)
machines = gcp.serviceaccount.Account("web", account_id="web-machines")
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

liveness = gcp.compute.HealthCheck(
    "liveness",
    check_interval_sec=30,
    unhealthy_threshold=5,
    https_health_check={"port": 8443},
    log_config={"enable": True},
)


def instance_group(region: str) -> gcp.compute.RegionInstanceGroupManager:
    """Machines spread over the zones of a region, on disks that a key of that region encrypts."""
    subnet = gcp.compute.Subnetwork(
        f"web-{region}",
        region=region,
        network=network.id,
        ip_cidr_range=SUBNETS[region],
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


def front(region: str) -> gcp.compute.Address:
    """A whole load balancer in one region; gives its address."""
    gcp.compute.Subnetwork(
        f"proxies-{region}",
        region=region,
        network=network.id,
        ip_cidr_range=PROXIES[region],
        purpose="REGIONAL_MANAGED_PROXY",
        role="ACTIVE",
    )
    serving = gcp.compute.RegionHealthCheck(
        f"web-{region}", region=region, https_health_check={"port": 8443}, log_config={"enable": True}
    )
    # Whoever asks more often than this is turned away; everybody else is let in.
    rate_limit = gcp.compute.RegionSecurityPolicy(
        f"rate-limit-{region}",
        region=region,
        type="CLOUD_ARMOR",
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
    service = gcp.compute.RegionBackendService(
        f"web-{region}",
        region=region,
        load_balancing_scheme="EXTERNAL_MANAGED",
        protocol="HTTPS",
        security_policy=rate_limit.id,
        port_name="https",
        health_checks=serving.id,
        backends=[
            {"group": instance_group(region).instance_group, "balancing_mode": "UTILIZATION", "capacity_scaler": 1.0}
        ],
        log_config={"enable": True, "sample_rate": 1.0},
    )
    url_map = gcp.compute.RegionUrlMap(f"web-{region}", region=region, default_service=service.id)
    policy = gcp.compute.RegionSslPolicy(
        f"web-{region}", region=region, profile="RESTRICTED", min_tls_version="TLS_1_2"
    )
    ownership = gcp.certificatemanager.DnsAuthorization(
        f"web-{region}", location=region, domain="www.example.com", type="PER_PROJECT_RECORD"
    )
    certificate = gcp.certificatemanager.Certificate(
        f"web-{region}",
        location=region,
        managed={"domains": ["www.example.com"], "dns_authorizations": [ownership.id]},
    )
    proxy = gcp.compute.RegionTargetHttpsProxy(
        f"web-{region}",
        region=region,
        url_map=url_map.id,
        ssl_policy=policy.id,
        certificate_manager_certificates=[certificate.id],
    )
    address = gcp.compute.Address(f"web-{region}", region=region, network_tier="STANDARD")
    gcp.compute.ForwardingRule(
        f"web-{region}",
        region=region,
        load_balancing_scheme="EXTERNAL_MANAGED",
        network=network.id,
        network_tier="STANDARD",
        ip_address=address.address,
        port_range="443",
        target=proxy.id,
    )
    return address


addresses = {region: front(region).address for region in SUBNETS}
from_outside = gcp.compute.HealthCheck(
    "from-outside",
    source_regions=["europe-west1", "us-east1", "asia-northeast1"],
    check_interval_sec=30,
    https_health_check={"port": 443},
    log_config={"enable": True},
)
zone = gcp.dns.ManagedZone("web", dns_name="example.com.", dnssec_config={"state": "on"})
gcp.dns.RecordSet(
    "web",
    managed_zone=zone.name,
    name="www.example.com.",
    type="A",
    ttl=30,
    routing_policy={
        "health_check": from_outside.id,
        "geos": [
            {"location": region, "health_checked_targets": {"external_endpoints": [address]}}
            for region, address in addresses.items()
        ],
    },
)
