"""The program this project started from: each line looks right, and no request could ever be answered."""

import pulumi
from pulumi_gcp import compute

global_forwarding_rule = compute.GlobalForwardingRule(
    "global-forwarding-rule",
    port_range="80-8080",
    target="my-target-proxy",
)

backend_service_europe = compute.RegionBackendService("backend-service-europe", region="europe-west1")
backend_service_asia = compute.RegionBackendService("backend-service-asia", region="asia-northeast1")

pulumi.export("europe_backend_service_url", backend_service_europe.self_link)
pulumi.export("asia_backend_service_url", backend_service_asia.self_link)
pulumi.export("global_forwarding_rule_ip", global_forwarding_rule.ip_address)
