"""A global external application load balancer over endpoints (address and port) on machines in two regions.

Why it is sound: each zonal endpoint group holds one port of machines of its zone, as container platforms make them;
two zones in each of two regions. Boot disks have keys of their own region, and the firewall lets the probes in to the
port of the endpoints.
"""

import pulumi
import pulumi_gcp as gcp

ZONES = ["europe-west1-b", "europe-west1-c", "us-central1-a", "us-central1-f"]
SUBNETS = {"europe-west1": "10.10.0.0/20", "us-central1": "10.20.0.0/20"}

network = gcp.compute.Network("api", auto_create_subnetworks=False)
machines = gcp.serviceaccount.Account("api", account_id="api-machines")
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
    allows=[{"protocol": "tcp", "ports": ["9443"]}],
    log_config={"metadata": "INCLUDE_ALL_METADATA"},
)

subnets = {
    region: gcp.compute.Subnetwork(
        f"api-{region}",
        region=region,
        network=network.id,
        ip_cidr_range=cidr,
        private_ip_google_access=True,
        log_config={"flow_sampling": 0.5},
    )
    for region, cidr in SUBNETS.items()
}


def disk_key(region: str) -> tuple[gcp.kms.CryptoKey, gcp.kms.CryptoKeyIAMMember]:
    """The key for the disks of one region, and the right to use it, which must be there before the first disk."""
    ring = gcp.kms.KeyRing(f"api-{region}", location=region)
    key = gcp.kms.CryptoKey(f"api-{region}", key_ring=ring.id, rotation_period="7776000s")
    grant = gcp.kms.CryptoKeyIAMMember(
        f"api-{region}",
        crypto_key_id=key.id,
        role="roles/cloudkms.cryptoKeyEncrypterDecrypter",
        member=compute_agent,
    )
    return key, grant


keys = {region: disk_key(region) for region in SUBNETS}


def endpoint_group(zone: str) -> gcp.compute.NetworkEndpointGroup:
    """A machine, and the port on it that serves."""
    region = zone.rpartition("-")[0]
    key, grant = keys[region]
    machine = gcp.compute.Instance(
        f"api-{zone}",
        zone=zone,
        machine_type="n2-standard-4",
        boot_disk={
            "initialize_params": {"image": "projects/cos-cloud/global/images/family/cos-stable"},
            "kms_key_self_link": key.id,
        },
        network_interfaces=[{"subnetwork": subnets[region].id}],
        service_account={"email": machines.email, "scopes": ["cloud-platform"]},
        shielded_instance_config={"enable_secure_boot": True},
        opts=pulumi.ResourceOptions(depends_on=[grant]),
    )
    group = gcp.compute.NetworkEndpointGroup(
        f"api-{zone}",
        zone=zone,
        network=network.id,
        subnetwork=subnets[region].id,
        network_endpoint_type="GCE_VM_IP_PORT",
        default_port=9443,
    )
    gcp.compute.NetworkEndpoint(
        f"api-{zone}",
        network_endpoint_group=group.name,
        zone=zone,
        instance=machine.name,
        ip_address=machine.network_interfaces[0].network_ip.apply(lambda address: address or ""),
        port=9443,
    )
    return group


serving = gcp.compute.HealthCheck(
    "serving", https_health_check={"port_specification": "USE_SERVING_PORT"}, log_config={"enable": True}
)
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
    "api",
    load_balancing_scheme="EXTERNAL_MANAGED",
    protocol="HTTP2",
    security_policy=rate_limit.id,
    health_checks=serving.id,
    log_config={"enable": True, "sample_rate": 1.0},
    backends=[
        {"group": endpoint_group(zone).id, "balancing_mode": "RATE", "max_rate_per_endpoint": 100} for zone in ZONES
    ],
)
url_map = gcp.compute.URLMap("api", default_service=service.id)

ownership = gcp.certificatemanager.DnsAuthorization("api", domain="api.example.com")
certificate = gcp.certificatemanager.Certificate(
    "api", managed={"domains": ["api.example.com"], "dns_authorizations": [ownership.id]}
)
certificate_map = gcp.certificatemanager.CertificateMap("api")
entry = gcp.certificatemanager.CertificateMapEntry(
    "api", map=certificate_map.name, hostname="api.example.com", certificates=[certificate.id]
)

policy = gcp.compute.SSLPolicy("api", profile="RESTRICTED", min_tls_version="TLS_1_2")
proxy = gcp.compute.TargetHttpsProxy(
    "api",
    url_map=url_map.id,
    ssl_policy=policy.id,
    certificate_map=pulumi.Output.concat("//certificatemanager.googleapis.com/", certificate_map.id),
    opts=pulumi.ResourceOptions(depends_on=[entry]),
)
address = gcp.compute.GlobalAddress("api")
gcp.compute.GlobalForwardingRule(
    "api-https",
    load_balancing_scheme="EXTERNAL_MANAGED",
    ip_address=address.address,
    port_range="443",
    target=proxy.id,
)

# Plain HTTP gets a redirect, and nothing else.
redirect = gcp.compute.URLMap("api-redirect", default_url_redirect={"https_redirect": True, "strip_query": False})
redirect_proxy = gcp.compute.TargetHttpProxy("api-redirect", url_map=redirect.id)
gcp.compute.GlobalForwardingRule(
    "api-http",
    load_balancing_scheme="EXTERNAL_MANAGED",
    ip_address=address.address,
    port_range="80",
    target=redirect_proxy.id,
)

pulumi.export("address", address.address)
