"""Who the pipeline is: two identities without keys, of which only one may change anything.

GitHub vouches for each run of a workflow with a token that says which repository and branch it is of. Google Cloud
takes that token in the place of a key, so there is no key to leak, to rotate or to forget.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import pulumi
import pulumi_gcp as gcp
from settings import Settings
from state import State

PREVIEW_ROLES: Final = ("roles/viewer", "roles/iam.securityReviewer")
"""What a preview reads. It sees no secret: neither role opens data in buckets, topics or secrets."""

DEPLOY_ROLES: Final = (
    "roles/aiplatform.admin",
    "roles/artifactregistry.admin",
    "roles/certificatemanager.owner",
    "roles/cloudkms.admin",
    "roles/compute.admin",
    "roles/compute.networkAdmin",  # beside compute.admin for network security and network services
    "roles/dns.admin",
    "roles/iam.serviceAccountAdmin",
    "roles/iam.serviceAccountUser",
    "roles/iap.admin",
    "roles/logging.configWriter",
    "roles/monitoring.editor",
    "roles/pubsub.admin",
    "roles/resourcemanager.projectIamAdmin",
    "roles/serviceusage.serviceUsageAdmin",
    "roles/storage.admin",
)
"""What the reference stack is made of. Whoever has these can grant anything in the project: the branch is the guard."""

_ISSUER: Final = "https://token.actions.githubusercontent.com"


class Pipeline:
    """The identities of the pipeline.

    Attributes:
        provider: What vouches for the pipeline; its name goes into the workflow.
        preview: Reads. Every run of the repository's workflows may be it.
        deploy: Changes. Only runs on the branch may be it.
    """

    def __init__(self, settings: Settings, state: State, needs: Sequence[pulumi.Resource]) -> None:
        self._settings = settings
        self._state = state
        after = pulumi.ResourceOptions(depends_on=list(needs))
        pool = gcp.iam.WorkloadIdentityPool(
            "github", workload_identity_pool_id="github", display_name="GitHub Actions", opts=after
        )
        self.provider = gcp.iam.WorkloadIdentityPoolProvider(
            "github",
            workload_identity_pool_id=pool.workload_identity_pool_id,
            workload_identity_pool_provider_id="github",
            display_name="GitHub Actions",
            attribute_mapping={
                "google.subject": "assertion.sub",
                "attribute.repository": "assertion.repository",
                # One value for "this repository on this branch", since a principal set is of one attribute.
                "attribute.branch_of": "assertion.repository + '@' + assertion.ref",
            },
            # The issuer speaks for everybody on GitHub; this project listens to one owner only.
            attribute_condition=f"assertion.repository_owner == '{settings.owner}'",
            oidc=gcp.iam.WorkloadIdentityPoolProviderOidcArgs(issuer_uri=_ISSUER),
        )
        repository = f"{settings.owner}/{settings.repository}"
        self.preview = self._identity(
            "preview", "Previews the stacks", pool, f"attribute.repository/{repository}", PREVIEW_ROLES, needs
        )
        self.deploy = self._identity(
            "deploy",
            "Deploys the stacks",
            pool,
            f"attribute.branch_of/{repository}@refs/heads/{settings.branch}",
            DEPLOY_ROLES,
            needs,
        )
        # Neither may use the key that encrypts the bucket: Cloud Storage does that by itself. A preview takes no lock.
        self._may_use_state("preview", self.preview, "roles/storage.objectViewer", "roles/cloudkms.cryptoKeyDecrypter")
        self._may_use_state(
            "deploy", self.deploy, "roles/storage.objectUser", "roles/cloudkms.cryptoKeyEncrypterDecrypter"
        )

    def _identity(
        self,
        name: str,
        about: str,
        pool: gcp.iam.WorkloadIdentityPool,
        who: str,
        roles: Sequence[str],
        needs: Sequence[pulumi.Resource],
    ) -> gcp.serviceaccount.Account:
        """A service account that some runs of the pipeline may be, with its roles in the project."""
        account = gcp.serviceaccount.Account(
            name, account_id=f"pulumi-{name}", display_name=about, opts=pulumi.ResourceOptions(depends_on=list(needs))
        )
        gcp.serviceaccount.IAMMember(
            f"{name}-github",
            service_account_id=account.name,
            role="roles/iam.workloadIdentityUser",
            member=pulumi.Output.concat("principalSet://iam.googleapis.com/", pool.name, "/", who),
        )
        for role in roles:
            gcp.projects.IAMMember(
                f"{name}-{role.removeprefix('roles/')}",
                project=self._settings.project,
                role=role,
                member=account.member,
            )
        return account

    def _may_use_state(self, name: str, account: gcp.serviceaccount.Account, objects: str, secrets: str) -> None:
        gcp.storage.BucketIAMMember(
            f"{name}-state", bucket=self._state.bucket.name, role=objects, member=account.member
        )
        gcp.kms.CryptoKeyIAMMember(
            f"{name}-secrets", crypto_key_id=self._state.secrets_key.id, role=secrets, member=account.member
        )
