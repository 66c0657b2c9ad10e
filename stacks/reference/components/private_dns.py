"""Names inside the networks: Google's APIs on their private address, the regions, and a log of who asks for what."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pulumi
import pulumi_gcp as gcp
from settings import Settings

from components.base import Component
from components.regional_backend import RegionalBackend

RESTRICTED_VIP_RANGE = "199.36.153.4/30"
"""Google's address range for APIs that stay inside a VPC Service Controls perimeter."""

_RESTRICTED_VIP = ["199.36.153.4", "199.36.153.5", "199.36.153.6", "199.36.153.7"]
_GOOGLE_ZONES = {"googleapis": ("googleapis.com.", "restricted.googleapis.com."), "pkg-dev": ("pkg.dev.", "pkg.dev.")}
_DRIVER_ZONE = {"gcr": ("gcr.io.", "gcr.io.")}
"""Where Container-Optimized OS takes the installer of GPU drivers from."""

_TTL_SECONDS = 300


def _private_zone(
    parent: Component, name: str, dns_name: str, description: str, network: gcp.compute.Network
) -> gcp.dns.ManagedZone:
    return gcp.dns.ManagedZone(
        name,
        dns_name=dns_name,
        description=description,
        visibility="private",
        private_visibility_config={"networks": [{"network_url": network.id}]},
        opts=parent.child(),
    )


class QueryLog(Component):
    """Logs every name that is asked for in the networks: what a machine looks up tells what it is up to."""

    def __init__(
        self,
        name: str,
        networks: Mapping[str, gcp.compute.Network],
        needs: Sequence[pulumi.Resource],
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("QueryLog", name, needs, opts)
        gcp.dns.Policy(
            name,
            description="Logs the queries of every network",
            enable_logging=True,
            networks=[{"network_url": network.id} for network in networks.values()],
            opts=self.child(),
        )
        self.register_outputs({})


class GoogleApiNames(Component):
    """Sends Google API and registry traffic to the restricted address range.

    Machines have no way to the internet; the firewall opens this range and nothing else. Without these names
    they could neither pull their image nor write a log line.

    Args:
        with_drivers: Whether machines fetch GPU drivers.
    """

    def __init__(
        self,
        name: str,
        network: gcp.compute.Network,
        with_drivers: bool,
        needs: Sequence[pulumi.Resource],
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("GoogleApiNames", name, needs, opts)
        zones = {**_GOOGLE_ZONES, **(_DRIVER_ZONE if with_drivers else {})}
        for label, (domain, target) in zones.items():
            zone = _private_zone(self, label, domain, f"{domain} on Google's restricted addresses", network)
            gcp.dns.RecordSet(
                f"{label}-addresses",
                managed_zone=zone.name,
                name=target,
                type="A",
                ttl=_TTL_SECONDS,
                rrdatas=_RESTRICTED_VIP,
                opts=self.child(),
            )
            gcp.dns.RecordSet(
                f"{label}-aliases",
                managed_zone=zone.name,
                name=f"*.{domain}",
                type="CNAME",
                ttl=_TTL_SECONDS,
                rrdatas=[target],
                opts=self.child(),
            )
        self.register_outputs({})


class RegionNames(Component):
    """Gives each regional load balancer the name on its certificate, for clients inside the network."""

    def __init__(
        self,
        name: str,
        settings: Settings,
        network: gcp.compute.Network,
        backends: Sequence[RegionalBackend],
        needs: Sequence[pulumi.Resource],
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("RegionNames", name, needs, opts)
        zone = _private_zone(
            self, "internal", f"{settings.entrance.internal_domain}.", "Regional load balancers", network
        )
        for backend in backends:
            gcp.dns.RecordSet(
                f"internal-{backend.region.name}",
                managed_zone=zone.name,
                name=f"{settings.region_domain(backend.region)}.",
                type="A",
                ttl=_TTL_SECONDS,
                rrdatas=[backend.address.address],
                opts=self.child(),
            )
        self.register_outputs({})
