import pulumi
import pulumi_gcp as gcp
from platform_parts.region import Region

config = pulumi.Config()
regions = [Region(f"part-{region}", region) for region in config.require_object("regions")]

tokyo = gcp.Provider("tokyo", project="shop-asia", region="asia-northeast1")
address = gcp.compute.Address("tokyo-address", opts=pulumi.ResourceOptions(provider=tokyo, protect=True))

network = gcp.compute.Network.get("shared", "projects/hub/global/networks/shared")
other = pulumi.StackReference("acme/base/prod")

account = gcp.serviceaccount.Account("web", account_id="web")
service = gcp.compute.BackendService(
    "global",
    backends=[{"group": part.service.self_link} for part in regions],
    custom_request_headers=[config.require("tier"), pulumi.Output.secret("X-Key: s3cret")],
    security_policy=other.get_output("armor"),
)
firewall = gcp.compute.Firewall(
    "open",
    network=network.id,
    target_service_accounts=[account.email],
    source_ranges=gcp.compute.get_netblock_ip_ranges(range_type="health-checkers").cidr_blocks_ipv4s,
    allows=[{"protocol": "tcp", "ports": ["443"]}],
)

pulumi.export("service", service.self_link)
pulumi.export("zones", gcp.compute.get_zones().names)
pulumi.export("account", account.email)
