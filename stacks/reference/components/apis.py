"""The Google Cloud APIs that the deployment uses."""

from __future__ import annotations

import pulumi
import pulumi_gcp as gcp

from components.base import Component

REQUIRED_APIS = (
    "artifactregistry",
    "certificatemanager",
    "cloudkms",
    "compute",
    "dns",
    "iam",
    "logging",
    "monitoring",
)


class Apis(Component):
    """Enables the APIs; everything else in the stack depends on this component.

    APIs stay enabled when the stack is destroyed: other things in the project may use them, and disabling one
    deletes what belongs to it.
    """

    def __init__(self, name: str, project: str, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("Apis", name, opts=opts)
        for api in REQUIRED_APIS:
            gcp.projects.Service(
                api,
                project=project,
                service=f"{api}.googleapis.com",
                disable_on_destroy=False,
                opts=self.child(),
            )
        self.register_outputs({})
