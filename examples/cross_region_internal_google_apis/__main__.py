"""A cross-region internal application load balancer before the regional endpoints of one of Google's APIs.

Why it is sound: clients use one name of their own and stay inside the network; each backend leads to the API's endpoint
of its own region. The way there is encrypted by Google and is not probed, so there is no health check.
"""

import pulumi
import pulumi_gcp as gcp

SUBNETS = {"us-central1": "10.10.0.0/24", "us-east4": "10.20.0.0/24"}
PROXIES = {"us-central1": "10.10.64.0/23", "us-east4": "10.20.64.0/23"}

network = gcp.compute.Network("clients", auto_create_subnetworks=False)
subnets = {
    region: gcp.compute.Subnetwork(
        f"clients-{region}", region=region, network=network.id, ip_cidr_range=cidr, log_config={"flow_sampling": 0.5}
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
service = gcp.compute.BackendService(
    "logging",
    load_balancing_scheme="INTERNAL_MANAGED",
    protocol="HTTPS",
    backends=[
        {
            "group": gcp.compute.RegionNetworkEndpointGroup(
                f"logging-{region}",
                region=region,
                network_endpoint_type="PRIVATE_SERVICE_CONNECT",
                psc_target_service=f"logging.{region}.rep.googleapis.com",
            ).id
        }
        for region in SUBNETS
    ],
    log_config={"enable": True, "sample_rate": 1.0},
)
url_map = gcp.compute.URLMap("logging", default_service=service.id)
policy = gcp.compute.SSLPolicy("logging", profile="RESTRICTED", min_tls_version="TLS_1_2")
ownership = gcp.certificatemanager.DnsAuthorization("logging", domain="logging.corp.example.com")
certificate = gcp.certificatemanager.Certificate(
    "logging",
    scope="ALL_REGIONS",
    managed={"domains": ["logging.corp.example.com"], "dns_authorizations": [ownership.id]},
)
proxy = gcp.compute.TargetHttpsProxy(
    "logging", url_map=url_map.id, ssl_policy=policy.id, certificate_manager_certificates=[certificate.id]
)
for region, subnet in subnets.items():
    rule = gcp.compute.GlobalForwardingRule(
        f"logging-{region}",
        load_balancing_scheme="INTERNAL_MANAGED",
        network=network.id,
        subnetwork=subnet.id,
        port_range="443",
        target=proxy.id,
        opts=pulumi.ResourceOptions(depends_on=proxies),
    )
    pulumi.export(region, rule.ip_address)
