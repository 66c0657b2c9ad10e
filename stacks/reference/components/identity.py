"""Who the machines are, and the little that they may do."""

from __future__ import annotations

from collections.abc import Sequence

import pulumi
import pulumi_gcp as gcp
from regions import Region
from settings import Settings

from components.base import Component

_PROJECT_ROLES = {"logs": "roles/logging.logWriter", "metrics": "roles/monitoring.metricWriter"}


class InferenceIdentity(Component):
    """The service account of the inference machines: it writes logs and metrics and pulls one image.

    Firewall rules are aimed at it too, so a machine that runs as somebody else is closed from all sides.

    Attributes:
        account: The service account.
    """

    def __init__(
        self,
        name: str,
        settings: Settings,
        needs: Sequence[pulumi.Resource],
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("InferenceIdentity", name, needs, opts)
        self.account = gcp.serviceaccount.Account(name, display_name="Inference machines", opts=self.child())
        for label, role in _PROJECT_ROLES.items():
            gcp.projects.IAMMember(
                f"{name}-{label}",
                project=settings.project,
                role=role,
                member=self.account.member,
                opts=self.child(),
            )
        for location, (project, repository) in _repositories(settings).items():
            gcp.artifactregistry.RepositoryIamMember(
                f"{name}-images-{location}",
                project=project,
                location=location,
                repository=repository,
                role="roles/artifactregistry.reader",
                member=self.account.member,
                opts=self.child(),
            )
        self.register_outputs({})


def image_of(settings: Settings, region: Region) -> str:
    """The container image that one region runs: `{region}` in the setting stands for the region's name."""
    return settings.container_image.replace("{region}", region.name)


def _repositories(settings: Settings) -> dict[str, tuple[str, str]]:
    """Location, project and name of each Artifact Registry repository that images come from."""
    found: dict[str, tuple[str, str]] = {}
    for region in settings.regions:
        host, project, repository, _ = image_of(settings, region).split("/", 3)
        found[host.removesuffix("-docker.pkg.dev")] = (project, repository)
    return found
