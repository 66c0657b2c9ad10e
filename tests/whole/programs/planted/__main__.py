"""A stack that has a secret in every place that can hold one. Each secret begins with "kanarie".

The values are wrong on purpose: rules find fault with them, and would like to quote what they found. With the config
value `open` nothing is marked as a secret, which shows what would be quoted.
"""

import pulumi
import pulumi_gcp as gcp

config = pulumi.Config()
opened = config.get_bool("open") or False
token = config.require("token")


def hidden(value):
    return value if opened else pulumi.Output.secret(value)


KEY = "\n".join(
    [
        "-----BEGIN RSA PRIVATE KEY-----",
        "kanarie-one-of-the-key",
        "kanarie-two-of-it",
        "-----END RSA PRIVATE KEY-----",
        "",
    ]
)

pulumi.log.warn(f"connecting with {token}")
pulumi.log.warn(KEY.replace("\n", " "))

gcp.compute.GlobalForwardingRule(
    "front", target=hidden("kanarie-target"), port_range=hidden("kanarie-ports"), network_tier=hidden("kanarie-tier")
)
service = gcp.compute.BackendService(
    "service",
    session_affinity=hidden("kanarie-affinity"),
    protocol=hidden("kanarie-protocol"),
    locality_lb_policy=hidden("kanarie-locality"),
    custom_request_headers=["X-Plain: yes", hidden('X-Key: "kanarie-header"')],
    backends=[{"group": hidden("kanarie-group"), "balancing_mode": hidden("kanarie-mode")}],
    health_checks=hidden("kanarie-health-check"),
    timeout_sec=hidden(4815162342),
)
routes = gcp.compute.URLMap(
    "routes",
    default_service=hidden("kanarie-default-service"),
    host_rules=[{"hosts": [hidden("kanarie.host.example.org")], "path_matcher": hidden("kanarie-matcher")}],
    path_matchers=[{"name": "web", "default_service": service.id}],
)
gcp.compute.TargetHttpsProxy(
    "proxy",
    url_map=routes.id,
    ssl_certificates=[hidden("kanarie-certificate")],
    ssl_policy=hidden("kanarie-policy"),
    tls_early_data=hidden("kanarie-early-data"),
)
gcp.compute.SSLPolicy("policy", min_tls_version=hidden("kanarie-version"), profile=hidden(f"kanarie-of-{token}"))
gcp.compute.SSLCertificate("pem", private_key=KEY, certificate="kanarie-that-is-no-certificate")
gcp.compute.Firewall(
    "wall",
    network=hidden("kanarie-network"),
    source_ranges=["10.0.0.0/8", hidden("kanarie-range")],
    allows=[{"protocol": hidden("kanarie-tcp"), "ports": [hidden("kanarie-port")]}],
)
gcp.compute.HealthCheck("probe", https_health_check={"port": 443, "request_path": hidden("kanarie-path")})
gcp.compute.RegionBackendService("regional", region=hidden("kanarie-region"), health_checks=hidden("kanarie-check"))
gcp.compute.InstanceTemplate(
    "machines",
    machine_type="e2-small",
    disks=[{"source_image": hidden("kanarie-image")}],
    metadata=hidden({"kanarie-metadata-key": "kanarie-metadata-value", "enable-oslogin": "kanarie-os-login"}),
    metadata_startup_script=hidden("#!/bin/sh\nexport TOKEN=kanarie-script\n"),
)
gcp.cloudrunv2.Service(
    "run",
    location="europe-west1",
    ingress=hidden("kanarie-ingress"),
    template={
        "containers": [
            {"image": hidden("kanarie-container"), "envs": [{"name": "KEY", "value": hidden("kanarie-env")}]}
        ]
    },
)
gcp.dns.ManagedZone("zone", dns_name=hidden("kanarie-zone"), labels={"team": hidden("kanarie-label")})
gcp.compute.VPNTunnel(
    "link", shared_secret="kanarie-shared-secret", region="europe-west1", peer_ip=hidden("kanarie-peer")
)
gcp.secretmanager.SecretVersion("version", secret="projects/p/secrets/s", secret_data="kanarie-secret-data")
pulumi.export("output", hidden("kanarie-output"))
pulumi.export("nested", {"list": [hidden("kanarie-output-in-a-list")]})
