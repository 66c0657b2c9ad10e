"""A multi-region inference platform on Google Cloud behind one address.

Reads from the inside out: what everything needs, each region whole, then the global front end that ties the
regions together. The two topologies differ only in how the front end reaches a region.
"""

from __future__ import annotations

import pulumi
import pulumi_gcp as gcp
from components.apis import Apis
from components.certificates import ManagedCertificate
from components.compute import InferenceGroup
from components.encryption import DiskKey
from components.firewall import Firewall
from components.frontend import Frontend
from components.global_backend import DirectBackend, PublishedBackend
from components.identity import InferenceIdentity
from components.network import Networks, RegionSubnets
from components.private_dns import GoogleApiNames, RegionNames
from components.private_service_connect import PublishedRegion, RegionHealth
from components.regional_backend import RegionalBackend
from settings import Settings

settings = Settings.load()
project = gcp.organizations.get_project(project_id=settings.project)

# What every region needs.
apis = Apis("apis", settings.project)
networks = Networks("networks", with_edge=settings.uses_private_service_connect, needs=[apis])
identity = InferenceIdentity("inference", settings, needs=[apis])
firewall = Firewall("firewall", settings, networks, identity, needs=[apis])
google_apis = GoogleApiNames("google-apis", networks.ml, needs=[apis])

# Each region: subnets, key, machines, its own load balancer and, in `regional-psc`, its publication.
groups: list[InferenceGroup] = []
backends: list[RegionalBackend] = []
published: list[PublishedRegion] = []
for region in settings.regions:
    subnets = RegionSubnets(f"subnets-{region.name}", region, networks.ml, needs=[apis])
    disk_key = DiskKey(f"disk-key-{region.name}", region, settings, project.number, needs=[apis])
    group = InferenceGroup(
        f"inference-{region.name}",
        region,
        settings,
        subnets.vm,
        identity,
        disk_key,
        # Machines start when they can reach Google's APIs and the health checks can reach them.
        needs=[apis, firewall, google_apis],
    )
    backend = RegionalBackend(f"backend-{region.name}", settings, networks.ml, subnets, group, needs=[apis])
    groups.append(group)
    backends.append(backend)
    if networks.edge is not None:
        published.append(
            PublishedRegion(f"published-{region.name}", settings, networks.ml, networks.edge, backend, needs=[apis])
        )
    if settings.uses_composite_health:
        RegionHealth(f"health-{region.name}", backend, group, needs=[apis])
RegionNames("region-names", settings, networks.ml, backends, needs=[apis])

# The front end, and how it reaches the regions.
global_backend = (
    PublishedBackend("regions", settings, published, needs=[apis])
    if settings.uses_private_service_connect
    else DirectBackend("regions", settings, groups, needs=[apis])
)
frontend = Frontend("frontend", settings, global_backend.service, needs=[apis])

# Outputs. The first three names are those of the program this stack grew from.
urls = {backend.region.name: backend.service.self_link for backend in backends}
for continent in ("europe", "asia"):
    here = [backend for backend in backends if backend.region.continent == continent]
    if here:
        pulumi.export(f"{continent}_backend_service_url", here[0].service.self_link)
pulumi.export("global_forwarding_rule_ip", frontend.address.address)
pulumi.export("backend_service_urls", urls)
certificates: list[ManagedCertificate] = [frontend.certificate, *(backend.certificate for backend in backends)]
pulumi.export("certificate_dns_records", [certificate.record for certificate in certificates])
