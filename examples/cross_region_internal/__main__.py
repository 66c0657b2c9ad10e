"""A cross-region internal application load balancer, with an address in each of two regions.

Why it is sound: all parts but the addresses are global, so each region's proxies can send requests to the other
region's machines. Certificates are Certificate Manager's with the scope of all regions, the only ones that it takes.
The firewall lets in the probes and the proxies. DNS answers with the near address, and the other one if it is down.
"""

import pulumi
import pulumi_gcp as gcp

SUBNETS = {"europe-west1": "10.10.0.0/20", "us-central1": "10.20.0.0/20"}
PROXIES = {"europe-west1": "10.10.64.0/23", "us-central1": "10.20.64.0/23"}

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

serving = gcp.compute.HealthCheck(
    "serving", https_health_check={"port_specification": "USE_SERVING_PORT"}, log_config={"enable": True}
)
liveness = gcp.compute.HealthCheck(
    "liveness", check_interval_sec=30, https_health_check={"port": 8443}, log_config={"enable": True}
)
subnets = {
    region: gcp.compute.Subnetwork(
        f"web-{region}",
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
        network_interfaces=[{"subnetwork": subnets[region].id}],
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


service = gcp.compute.BackendService(
    "web",
    load_balancing_scheme="INTERNAL_MANAGED",
    protocol="HTTPS",
    port_name="https",
    health_checks=serving.id,
    backends=[
        {"group": instance_group(region).instance_group, "balancing_mode": "RATE", "max_rate_per_instance": 100}
        for region in SUBNETS
    ],
    log_config={"enable": True, "sample_rate": 1.0},
)
url_map = gcp.compute.URLMap("web", default_service=service.id)
policy = gcp.compute.SSLPolicy("web", profile="RESTRICTED", min_tls_version="TLS_1_2")
ownership = gcp.certificatemanager.DnsAuthorization("web", domain="web.corp.example.com")
certificate = gcp.certificatemanager.Certificate(
    "web",
    scope="ALL_REGIONS",
    managed={"domains": ["web.corp.example.com"], "dns_authorizations": [ownership.id]},
)
proxy = gcp.compute.TargetHttpsProxy(
    "web", url_map=url_map.id, ssl_policy=policy.id, certificate_manager_certificates=[certificate.id]
)
rules = {
    region: gcp.compute.GlobalForwardingRule(
        f"web-{region}",
        load_balancing_scheme="INTERNAL_MANAGED",
        network=network.id,
        subnetwork=subnet.id,
        port_range="443",
        target=proxy.id,
        opts=pulumi.ResourceOptions(depends_on=proxies),
    )
    for region, subnet in subnets.items()
}
zone = gcp.dns.ManagedZone(
    "corp",
    dns_name="corp.example.com.",
    visibility="private",
    private_visibility_config={"networks": [{"network_url": network.id}]},
)
gcp.dns.RecordSet(
    "web",
    managed_zone=zone.name,
    name="web.corp.example.com.",
    type="A",
    ttl=30,
    routing_policy={
        "geos": [
            {
                "location": region,
                "health_checked_targets": {
                    "internal_load_balancers": [
                        {
                            "load_balancer_type": "globalL7ilb",
                            "ip_address": rule.ip_address,
                            "port": "443",
                            "ip_protocol": "tcp",
                            "network_url": network.id,
                            "project": rule.project,
                        }
                    ]
                },
            }
            for region, rule in rules.items()
        ],
    },
)
