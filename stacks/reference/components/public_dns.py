"""The public DNS zone of the domain: signed, logged, and with a say in who may issue certificates."""

from __future__ import annotations

from collections.abc import Sequence

import pulumi
import pulumi_gcp as gcp
from settings import Settings

from components.base import Component, deletion_policy

_TTL_SECONDS = 300
_CERTIFICATE_AUTHORITY = "pki.goog"


class PublicZone(Component):
    """Holds the records of the domain: a zone of the stack, one that exists, or none.

    A zone of the stack comes alive when the parent domain delegates to its name servers and publishes its key.

    Attributes:
        zone: Name of the zone that records go to; None where somebody else runs the DNS.
        name_servers: What the parent domain has to delegate to; None unless the zone is of this stack.
    """

    def __init__(
        self,
        name: str,
        settings: Settings,
        needs: Sequence[pulumi.Resource],
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("PublicZone", name, needs, opts)
        entrance = settings.entrance
        self.zone: pulumi.Input[str] | None = entrance.dns_zone
        self._root: str | None = None
        self.name_servers: pulumi.Output[Sequence[str]] | None = None
        if entrance.dns_zone is None and entrance.manage_dns:
            zone = gcp.dns.ManagedZone(
                name,
                dns_name=f"{entrance.domain}.",
                description="The public names of the deployment",
                visibility="public",
                dnssec_config={
                    "state": "on",
                    "non_existence": "nsec3",
                    "default_key_specs": [
                        {"key_type": "keySigning", "algorithm": "ecdsap256sha256", "key_length": 256},
                        {"key_type": "zoneSigning", "algorithm": "ecdsap256sha256", "key_length": 256},
                    ],
                },
                cloud_logging_config={"enable_logging": True},
                force_destroy=False,
                deletion_policy=deletion_policy(settings.operations.protect),
                opts=self.child(protect=settings.operations.protect),
            )
            self.zone, self._root = zone.name, entrance.domain
            self.name_servers = zone.name_servers
            # Google, and nobody else, issues certificates for these names, and none for all of them at once; who
            # brings a certificate of their own has it from wherever they like.
            if entrance.certificate_pem is None:
                gcp.dns.RecordSet(
                    f"{name}-authority",
                    managed_zone=zone.name,
                    name=f"{entrance.domain}.",
                    type="CAA",
                    ttl=_TTL_SECONDS,
                    rrdatas=[f'0 issue "{_CERTIFICATE_AUTHORITY}"', '0 issuewild ";"'],
                    opts=self.child(),
                )
        self.register_outputs({})

    def zone_for(self, name: str) -> pulumi.Input[str] | None:
        """The zone that takes records of a host name; None where its DNS is elsewhere.

        Whoever names a zone of their own is believed: what it holds is not known here.
        """
        if self._root is not None and not f".{name}".endswith(f".{self._root}"):
            return None
        return self.zone
