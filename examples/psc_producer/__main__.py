"""A service that is published to consumers with Private Service Connect, from two regions.

Why it is sound: each region has its own internal application load balancer, with global access so that consumers'
global load balancers can reach it, and its own attachment. Consumers are let in one by one. The subnets for address
translation carry nothing else, and the machines are reached by the proxies and the probes only.
"""

import pulumi
import pulumi_gcp as gcp

SUBNETS = {"europe-west1": "10.10.0.0/20", "asia-northeast1": "10.20.0.0/20"}
PROXIES = {"europe-west1": "10.10.64.0/23", "asia-northeast1": "10.20.64.0/23"}
TRANSLATION = {"europe-west1": "10.10.128.0/24", "asia-northeast1": "10.20.128.0/24"}

network = gcp.compute.Network("api", auto_create_subnetworks=False)
machines = gcp.serviceaccount.Account("api", account_id="api-machines")
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
    # Slower than the check of the load balancer: what is only busy gets no requests, and is kept.
    liveness = gcp.compute.RegionHealthCheck(
        f"liveness-{region}",
        region=region,
        check_interval_sec=30,
        unhealthy_threshold=5,
        https_health_check={"port": 8443},
        log_config={"enable": True},
    )
    ring = gcp.kms.KeyRing(f"api-{region}", location=region)
    key = gcp.kms.CryptoKey(f"api-{region}", key_ring=ring.id, rotation_period="7776000s")
    grant = gcp.kms.CryptoKeyIAMMember(
        f"api-{region}",
        crypto_key_id=key.id,
        role="roles/cloudkms.cryptoKeyEncrypterDecrypter",
        member=compute_agent,
    )
    template = gcp.compute.RegionInstanceTemplate(
        f"api-{region}",
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
        f"api-{region}",
        region=region,
        base_instance_name="api",
        target_size=3,
        versions=[{"instance_template": template.self_link}],
        named_ports=[{"name": "https", "port": 8443}],
        auto_healing_policies={"health_check": liveness.id, "initial_delay_sec": 300},
    )


def front(region: str) -> gcp.compute.ForwardingRule:
    """The load balancer of one region."""
    subnet = gcp.compute.Subnetwork(
        f"api-{region}",
        region=region,
        network=network.id,
        ip_cidr_range=SUBNETS[region],
        private_ip_google_access=True,
        log_config={"flow_sampling": 0.5},
    )
    gcp.compute.Subnetwork(
        f"proxies-{region}",
        region=region,
        network=network.id,
        ip_cidr_range=PROXIES[region],
        purpose="REGIONAL_MANAGED_PROXY",
        role="ACTIVE",
    )
    serving = gcp.compute.RegionHealthCheck(
        f"api-{region}", region=region, https_health_check={"port": 8443}, log_config={"enable": True}
    )
    service = gcp.compute.RegionBackendService(
        f"api-{region}",
        region=region,
        load_balancing_scheme="INTERNAL_MANAGED",
        protocol="HTTPS",
        port_name="https",
        health_checks=serving.id,
        backends=[{"group": instance_group(region, subnet).instance_group, "capacity_scaler": 1.0}],
        log_config={"enable": True, "sample_rate": 1.0},
    )
    url_map = gcp.compute.RegionUrlMap(f"api-{region}", region=region, default_service=service.id)
    policy = gcp.compute.RegionSslPolicy(
        f"api-{region}", region=region, profile="RESTRICTED", min_tls_version="TLS_1_2"
    )
    ownership = gcp.certificatemanager.DnsAuthorization(
        f"api-{region}", location=region, domain="api.example.com", type="PER_PROJECT_RECORD"
    )
    certificate = gcp.certificatemanager.Certificate(
        f"api-{region}",
        location=region,
        managed={"domains": ["api.example.com"], "dns_authorizations": [ownership.id]},
    )
    proxy = gcp.compute.RegionTargetHttpsProxy(
        f"api-{region}",
        region=region,
        url_map=url_map.id,
        ssl_policy=policy.id,
        certificate_manager_certificates=[certificate.id],
    )
    return gcp.compute.ForwardingRule(
        f"api-{region}",
        region=region,
        load_balancing_scheme="INTERNAL_MANAGED",
        network=network.id,
        subnetwork=subnet.id,
        allow_global_access=True,
        port_range="443",
        target=proxy.id,
    )


for region, cidr in TRANSLATION.items():
    translation = gcp.compute.Subnetwork(
        f"translation-{region}",
        region=region,
        network=network.id,
        ip_cidr_range=cidr,
        purpose="PRIVATE_SERVICE_CONNECT",
    )
    attachment = gcp.compute.ServiceAttachment(
        f"api-{region}",
        region=region,
        target_service=front(region).id,
        nat_subnets=[translation.id],
        connection_preference="ACCEPT_MANUAL",
        consumer_accept_lists=[{"project_id_or_num": "consumer-project", "connection_limit": 10}],
        reconcile_connections=True,
        enable_proxy_protocol=False,
    )
    pulumi.export(region, attachment.id)
