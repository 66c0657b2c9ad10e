"""Google's own service accounts of this project, which encrypt and deliver on our behalf."""

from __future__ import annotations

from collections.abc import Sequence

import pulumi
import pulumi_gcp as gcp

from components.base import Component

_CREATED_ON_REQUEST = ("artifactregistry", "pubsub", "aiplatform")
_ADDRESSES = {
    "aiplatform": "gcp-sa-aiplatform",
    "artifactregistry": "gcp-sa-artifactregistry",
    "compute": "compute-system",
    "pubsub": "gcp-sa-pubsub",
    "storage": "gs-project-accounts",
}


class ServiceAgents(Component):
    """Calls the service agents into being, so that keys can be granted to them before anything is encrypted.

    Their addresses follow from the project's number and are known at preview. Compute Engine's comes with its
    API, Cloud Storage's when somebody asks for it, the others are made here.

    Args:
        project: The project's id.
        with_vertex: Whether Vertex AI takes part.
    """

    def __init__(
        self,
        name: str,
        project: str,
        with_vertex: bool,
        needs: Sequence[pulumi.Resource],
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("ServiceAgents", name, needs, opts)
        self._number = gcp.organizations.get_project(project_id=project).number
        # Asking for it makes it exist.
        gcp.storage.get_project_service_account(project=project)
        self._made = {
            service: gcp.projects.ServiceIdentity(
                service, project=project, service=f"{service}.googleapis.com", opts=self.child()
            )
            for service in _CREATED_ON_REQUEST
            if service != "aiplatform" or with_vertex
        }
        self.register_outputs({})

    def member(self, service: str) -> str:
        """The service agent as a member of IAM policies, for example of `pubsub`."""
        return f"serviceAccount:service-{self._number}@{_ADDRESSES[service]}.iam.gserviceaccount.com"

    def ready(self, service: str) -> list[pulumi.Resource]:
        """What a grant to that service agent has to wait for."""
        return [self._made[service]] if service in self._made else []
