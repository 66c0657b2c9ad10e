import pulumi
import pulumi_gcp as gcp


def describe(word):
    def transform(args):
        said = f"{args.props.get('description') or ''}{word}"
        described = {**args.props, "description": said} if args.type_.startswith("gcp:compute/") else args.props
        return pulumi.ResourceTransformResult(described, args.opts)

    return transform


pulumi.runtime.register_resource_transform(describe("stack"))

account = gcp.serviceaccount.Account("account", account_id="web")
tokyo = gcp.Provider("tokyo", project="shop-asia", region="asia-northeast1")


class Site(pulumi.ComponentResource):
    def __init__(self, name, opts=None):
        super().__init__("shapes:index:Site", name, {"size": 1}, opts)
        child = pulumi.ResourceOptions(parent=self)
        check = gcp.compute.HealthCheck(f"{name}-check", tcp_health_check={"port": 80}, opts=child)
        self.service = gcp.compute.BackendService(
            f"{name}-service",
            health_checks=check.id,
            backends=[{"group": pulumi.Output.concat(check.self_link, "/x")}],
            opts=child,
        )
        gcp.compute.Address(f"{name}-address", opts=child)
        self.register_outputs({"service": self.service.self_link})


plain = Site("plain", pulumi.ResourceOptions(transforms=[describe("parent,")]))
moved = Site("moved", pulumi.ResourceOptions(providers=[tokyo], depends_on=[account]))
gcp.compute.Firewall(
    "firewall",
    network="default",
    target_service_accounts=[account.email],
    source_ranges=["10.0.0.0/8"],
    allows=[{"protocol": "tcp", "ports": ["80", "443"]}],
    opts=pulumi.ResourceOptions(depends_on=[moved], protect=True, ignore_changes=["priority"]),
)
gcp.compute.URLMap(
    "routes",
    default_service=pulumi.Output.all(plain.service.id, moved.service.id).apply(lambda ids: ids[0]),
    host_rules=[{"hosts": ["*"], "path_matcher": "all"}],
    path_matchers=[{"name": "all", "default_service": moved.service.id}],
)
