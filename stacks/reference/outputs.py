"""What the stack tells its operators. The first three names are those of the program that it grew from."""

from __future__ import annotations

from collections.abc import Sequence

import pulumi
import pulumi_gcp as gcp
from components.certificates import ManagedCertificate
from components.dashboard import Dashboard
from components.frontend import Frontend
from components.models import Models
from components.public_dns import PublicZone
from components.region import RegionStack
from settings import Settings


def export_outputs(
    settings: Settings,
    regions: Sequence[RegionStack],
    models: Models,
    zone: PublicZone,
    service: gcp.compute.BackendService,
    frontend: Frontend,
    dashboard: Dashboard,
) -> None:
    """Exports addresses and names for clients, for whoever runs the DNS, for pipelines and for people on call."""
    for continent in ("europe", "asia"):
        here = [region for region in regions if region.region.continent == continent]
        if here:
            pulumi.export(f"{continent}_backend_service_url", here[0].backend.service.self_link)
    pulumi.export("global_forwarding_rule_ip", frontend.address.address)
    if frontend.address_ipv6 is not None:
        pulumi.export("global_forwarding_rule_ipv6", frontend.address_ipv6.address)
    pulumi.export("url", f"https://{settings.entrance.domain}")
    pulumi.export("backend_service_urls", {one.region.name: one.backend.service.self_link for one in regions})
    pulumi.export("global_backend_service", service.name)
    pulumi.export("global_backends", {one.region.name: _backend_name(one) for one in regions})
    pulumi.export("region_urls", {r.name: f"https://{settings.region_domain(r)}" for r in settings.regions})
    certificates = [frontend.certificate, *(one.backend.certificate for one in regions)]
    pulumi.export(
        "certificate_dns_records", [one.record for one in certificates if isinstance(one, ManagedCertificate)]
    )
    pulumi.export("name_servers", zone.name_servers if zone.name_servers is not None else [])
    pulumi.export("image_repositories", {r.name: settings.image(r).rsplit("/", 1)[0] for r in settings.regions})
    pulumi.export("model_buckets", {location: bucket.url for location, bucket in models.buckets.items()})
    pulumi.export("data_buckets", {one.region.name: one.data.bucket.url for one in regions})
    pulumi.export("job_topics", {one.region.name: one.jobs.topic.id for one in regions})
    pulumi.export("dead_letter_subscriptions", {one.region.name: one.jobs.dead_letters.id for one in regions})
    pulumi.export("dashboard", dashboard.link)
    pulumi.export("capacity", capacity_of(settings))


def _backend_name(region: RegionStack) -> pulumi.Output[str]:
    """What stands for a region in the global backend service: its endpoint group, or its instance group.

    An instance group has the name of its manager.
    """
    return region.group.manager.name if region.published is None else region.published.endpoint_group.name


def capacity_of(settings: Settings) -> dict[str, int | float]:
    """What the deployment carries, in requests per second, and with how many machines a region."""
    capacity, regions = settings.capacity, len(settings.regions)
    return {
        "peak_requests_per_second": capacity.peak_requests_per_second,
        "min_replicas": capacity.min_replicas,
        "max_replicas": capacity.max_replicas,
        "requests_per_second_with_one_region_lost": capacity.surviving_rate(regions),
        "requests_per_second_at_once_with_one_region_lost": capacity.warm_rate(regions),
    }
