import pulumi
import pulumi_gcp as gcp


class Region(pulumi.ComponentResource):
    def __init__(self, name, region, opts=None):
        super().__init__("shop:platform:Region", name, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        self.check = gcp.compute.RegionHealthCheck(f"{name}-check", region=region, opts=child)
        self.service = gcp.compute.RegionBackendService(
            f"{name}-service",
            region=region,
            health_checks=self.check.id,
            opts=pulumi.ResourceOptions(parent=self, depends_on=[self.check]),
        )
        self.register_outputs({"service": self.service.self_link})
