"""Who the machines are and the little that they may do; who may log in to them; and a record of who did what."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import pulumi
import pulumi_gcp as gcp
from settings import Settings

from components.base import Component

_WRITES: Final = {"logs": "roles/logging.logWriter", "metrics": "roles/monitoring.metricWriter"}
_ASKS_VERTEX: Final = {"vertex": "roles/aiplatform.user"}


class Identities(Component):
    """One service account for each role of a machine.

    They write logs and metrics. What else they may is granted on the very bucket, topic, subscription and
    repository, beside that resource. Firewall rules are aimed at them too, so a machine that runs as somebody
    else is closed from all sides. Nobody has a key of theirs.

    Attributes:
        inference: The machines that serve requests.
        worker: The machines that process jobs.
    """

    def __init__(
        self,
        name: str,
        settings: Settings,
        needs: Sequence[pulumi.Resource],
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("Identities", name, needs, opts)
        self._project = settings.project
        roles = {**_WRITES, **(_ASKS_VERTEX if settings.uses_vertex else {})}
        self.inference = self._account("inference", "Inference machines", roles)
        self.worker = self._account("worker", "Worker machines", roles)
        self.register_outputs({})

    @property
    def all(self) -> dict[str, gcp.serviceaccount.Account]:
        """Every account by the role of its machines."""
        return {"inference": self.inference, "worker": self.worker}

    def _account(self, name: str, display_name: str, roles: dict[str, str]) -> gcp.serviceaccount.Account:
        account = gcp.serviceaccount.Account(name, display_name=display_name, opts=self.child())
        for label, role in roles.items():
            gcp.projects.IAMMember(
                f"{name}-{label}", project=self._project, role=role, member=account.member, opts=self.child()
            )
        return account


class Operators(Component):
    """Lets the operators that the settings list log in to machines, with their own accounts, and see what runs.

    They come through Identity-Aware Proxy, to the port of SSH and no other.
    """

    def __init__(
        self,
        name: str,
        settings: Settings,
        identities: Identities,
        needs: Sequence[pulumi.Resource],
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("Operators", name, needs, opts)
        for place, member in enumerate(settings.operations.operators):
            gcp.projects.IAMMember(
                f"{name}-tunnel-{place}",
                project=settings.project,
                role="roles/iap.tunnelResourceAccessor",
                member=member,
                condition={
                    "title": "SSH alone",
                    "description": "Connections to the port of SSH",
                    "expression": "destination.port == 22",
                },
                opts=self.child(),
            )
            for label, role in {"login": "roles/compute.osLogin", "view": "roles/compute.viewer"}.items():
                gcp.projects.IAMMember(
                    f"{name}-{label}-{place}", project=settings.project, role=role, member=member, opts=self.child()
                )
            for machines, account in identities.all.items():
                gcp.serviceaccount.IAMMember(
                    f"{name}-{machines}-{place}",
                    service_account_id=account.name,
                    role="roles/iam.serviceAccountUser",
                    member=member,
                    opts=self.child(),
                )
        self.register_outputs({})


class AuditTrail(Component):
    """Records who read and who changed what, in every service of the project, and keeps the record.

    Google records changes by itself; reads of configuration and of data it records when asked to, here. It
    holds for the whole project: leave it to whoever owns that, with `auditLogConfig: false`, where other
    things live there too.
    """

    def __init__(
        self,
        name: str,
        project: str,
        needs: Sequence[pulumi.Resource],
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("AuditTrail", name, needs, opts)
        gcp.projects.IAMAuditConfig(
            name,
            project=project,
            service="allServices",
            audit_log_configs=[{"log_type": kind} for kind in ("ADMIN_READ", "DATA_READ", "DATA_WRITE")],
            opts=self.child(),
        )
        self.register_outputs({})
