"""The Google Cloud APIs that the deployment uses."""

from __future__ import annotations

import pulumi
import pulumi_gcp as gcp
from settings import Settings

from components.base import Component

REQUIRED_APIS = (
    "artifactregistry",
    "certificatemanager",
    "cloudkms",
    "cloudtrace",
    "compute",
    "containerscanning",
    "dns",
    "iam",
    "iamcredentials",
    "iap",
    "logging",
    "monitoring",
    "networksecurity",
    "networkservices",
    "oslogin",
    "pubsub",
    "storage",
)

VERTEX_API = "aiplatform"
BUDGET_API = "billingbudgets"


class Apis(Component):
    """Enables the APIs; everything else in the stack depends on this component.

    `cloudresourcemanager` and `serviceusage` are not among them: without those two nothing can be enabled.
    APIs stay enabled when the stack is destroyed: other things in the project may use them, and disabling one
    deletes what belongs to it.
    """

    def __init__(self, name: str, settings: Settings, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("Apis", name, opts=opts)
        optional = {
            VERTEX_API: settings.uses_vertex,
            BUDGET_API: settings.operations.billing_account is not None,
        }
        for api in (*REQUIRED_APIS, *(api for api, wanted in optional.items() if wanted)):
            gcp.projects.Service(
                api,
                project=settings.project,
                service=f"{api}.googleapis.com",
                disable_on_destroy=False,
                opts=self.child(),
            )
        self.register_outputs({})
