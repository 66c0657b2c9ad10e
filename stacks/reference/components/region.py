"""One region, whole: everything that serves there, so that it depends on no other."""

from __future__ import annotations

from collections.abc import Sequence

import pulumi
from regions import Region
from settings import Settings

from components.base import Component
from components.compute import InferenceGroup
from components.data import RegionData, RegionImages
from components.encryption import REGIONAL_PURPOSES, VERTEX_PURPOSE, Keys
from components.identity import Identities
from components.jobs import RegionJobs
from components.models import Models
from components.network import Networks, RegionSubnets
from components.private_service_connect import PublishedRegion, RegionHealth
from components.public_dns import PublicZone
from components.regional_backend import RegionalBackend
from components.service_agents import ServiceAgents
from components.vertex import ModelEndpoint
from components.workers import WorkerGroup


class RegionStack(Component):
    """Subnets, keys, images, data, jobs, machines and load balancer of one region.

    In `regional-psc` the region is published to the front end, and reports its health.

    Args:
        machines_need: What has to be there before a machine starts.

    Attributes:
        region: Where it is.
        images: Where its machines get their image from.
        data: Where its jobs' data lies.
        jobs: Its queue.
        group: The machines that serve requests.
        backend: Its own load balancer.
        published: What the front end reaches it by; None in `global-direct`.
    """

    def __init__(
        self,
        region: Region,
        settings: Settings,
        networks: Networks,
        identities: Identities,
        agents: ServiceAgents,
        models: Models,
        zone: PublicZone,
        machines_need: Sequence[pulumi.Resource],
        needs: Sequence[pulumi.Resource],
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("RegionStack", region.name, needs, opts)
        self.region = region
        name, here, needs = region.name, pulumi.ResourceOptions(parent=self), self.needs
        subnets = RegionSubnets(f"subnets-{name}", region, networks.ml, settings.operations.nat, needs, here)
        purposes = {**REGIONAL_PURPOSES, **(VERTEX_PURPOSE if settings.uses_vertex else {})}
        keys = Keys(f"keys-{name}", name, purposes, settings.operations, agents, needs, here)
        self.images = RegionImages(f"images-{name}", region, settings, keys["images"], identities, needs, here)
        self.data = RegionData(f"data-{name}", region, settings, keys["data"], identities, needs, here)
        self.jobs = RegionJobs(f"jobs-{name}", region, settings, keys["jobs"], identities, agents, needs, here)
        model = (
            ModelEndpoint(f"model-{name}", region, settings, keys["models"], needs, here).address
            if settings.uses_vertex
            else models.address(region)
        )
        # A machine that starts too early is thrown away for being unwell.
        ready = [*needs, *machines_need, self.images]
        self.group = InferenceGroup(
            f"inference-{name}",
            region,
            settings,
            subnets.vm,
            identities.inference,
            keys["disks"],
            model,
            [*ready, models],
            here,
        )
        WorkerGroup(
            f"worker-{name}",
            region,
            settings,
            subnets.vm,
            identities.worker,
            keys["disks"],
            model,
            self.jobs,
            [*ready, models, self.data, self.jobs],
            here,
        )
        self.backend = RegionalBackend(f"backend-{name}", settings, networks.ml, subnets, self.group, zone, needs, here)
        self.published: PublishedRegion | None = None
        if networks.edge is not None:
            self.published = PublishedRegion(
                f"published-{name}", settings, networks.ml, networks.edge, self.backend, needs, here
            )
        if settings.uses_composite_health:
            RegionHealth(f"health-{name}", self.backend, self.group, needs, here)
        self.register_outputs({})
