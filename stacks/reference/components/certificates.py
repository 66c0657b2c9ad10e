"""Certificates that Google issues and renews, proven by a DNS record."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypedDict

import pulumi
import pulumi_gcp as gcp
from regions import Region
from settings import Settings

from components.base import Component

_TTL_SECONDS = 300


class DnsRecord(TypedDict):
    """A DNS record that proves to Google that the domain is ours."""

    name: pulumi.Output[str]
    type: pulumi.Output[str]
    data: pulumi.Output[str]


class ManagedCertificate(Component):
    """One host name's certificate with its DNS authorisation.

    With the `dnsZone` setting the proving record is created in that zone; without it the record is an output
    of the stack, for whoever runs the DNS. Until the record is there, Google does not issue the certificate.

    Args:
        region: Where the certificate lives; None for a global load balancer.

    Attributes:
        certificate: The certificate.
        record: The proving record.
    """

    def __init__(
        self,
        name: str,
        domain: str,
        region: Region | None,
        settings: Settings,
        needs: Sequence[pulumi.Resource],
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("ManagedCertificate", name, needs, opts)
        location = region.name if region else "global"
        authorization = gcp.certificatemanager.DnsAuthorization(
            name,
            location=location,
            domain=domain,
            # Outside `global` Google offers records per project only.
            type="PER_PROJECT_RECORD" if region else "FIXED_RECORD",
            description=f"Proves control of {domain}",
            opts=self.child(),
        )
        resource_record = authorization.dns_resource_records[0]
        self.record = DnsRecord(
            name=resource_record.name.apply(str),
            type=resource_record.type.apply(str),
            data=resource_record.data.apply(str),
        )
        waits_for: list[pulumi.Resource] = []
        if settings.dns_zone:
            waits_for.append(
                gcp.dns.RecordSet(
                    f"{name}-authorization",
                    managed_zone=settings.dns_zone,
                    name=self.record["name"],
                    type=self.record["type"],
                    ttl=_TTL_SECONDS,
                    rrdatas=[self.record["data"]],
                    opts=self.child(),
                )
            )
        self.certificate = gcp.certificatemanager.Certificate(
            name,
            location=location,
            description=f"Serves {domain}",
            managed=gcp.certificatemanager.CertificateManagedArgs(
                domains=[domain], dns_authorizations=[authorization.id]
            ),
            opts=self.child(*waits_for),
        )
        self.register_outputs({})
