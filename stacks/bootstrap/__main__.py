"""Before a pipeline can deploy: APIs, state, and identities without keys. A person runs it once."""

from __future__ import annotations

import pulumi
import pulumi_gcp as gcp
from identity import Pipeline
from settings import read_settings
from state import State

APIS = ("cloudkms", "cloudresourcemanager", "iam", "iamcredentials", "serviceusage", "storage", "sts")

settings = read_settings()
apis = [gcp.projects.Service(api, service=f"{api}.googleapis.com", disable_on_destroy=False) for api in APIS]
# Who read what of the state and who used which key can be looked up afterwards.
audit = gcp.projects.IAMAuditConfig(
    "state",
    project=settings.project,
    service="storage.googleapis.com",
    audit_log_configs=[
        gcp.projects.IAMAuditConfigAuditLogConfigArgs(log_type=kind) for kind in ("DATA_READ", "DATA_WRITE")
    ],
)
state = State(settings, apis)
pipeline = Pipeline(settings, state, apis)

pulumi.export("backend", pulumi.Output.concat("gs://", state.bucket.name))
pulumi.export("secrets_provider", pulumi.Output.concat("gcpkms://", state.secrets_key.id))
pulumi.export("workload_identity_provider", pipeline.provider.name)
pulumi.export("preview_service_account", pipeline.preview.email)
pulumi.export("deploy_service_account", pipeline.deploy.email)
