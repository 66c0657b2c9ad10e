"""Certificates: those that Google issues and renews, proven by a DNS record, and one of one's own."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypedDict

import pulumi
import pulumi_gcp as gcp
from regions import Region
from settings.entrance import Entrance

from components.base import Component
from components.public_dns import PublicZone

_TTL_SECONDS = 300


class DnsRecord(TypedDict):
    """A DNS record that proves to Google that the domain is ours."""

    name: pulumi.Output[str]
    type: pulumi.Output[str]
    data: pulumi.Output[str]


class ManagedCertificate(Component):
    """One host name's certificate with its DNS authorisation.

    Where the stack has a public zone for the name, the proving record is created there; else the record is an
    output of the stack, for whoever runs the DNS. Until it is there, Google does not issue the certificate.

    Args:
        region: Where the certificate lives; None for a global load balancer.
        zone: The public zone that holds the domain.

    Attributes:
        certificate: The certificate.
        record: The proving record.
    """

    def __init__(
        self,
        name: str,
        domain: str,
        region: Region | None,
        zone: PublicZone,
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
        proven_in = zone.zone_for(domain)
        if proven_in is not None:
            waits_for.append(
                gcp.dns.RecordSet(
                    f"{name}-authorization",
                    managed_zone=proven_in,
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
            managed={"domains": [domain], "dns_authorizations": [authorization.id]},
            opts=self.child(*waits_for),
        )
        self.register_outputs({})


class OwnCertificate(Component):
    """The certificate of the public host name that the settings bring along, instead of one that Google issues.

    Whoever brings it renews it: exchange both settings and count `certificateVersion` up. The key is sent to
    Google and kept out of the state.

    Attributes:
        certificate: The certificate.
    """

    def __init__(
        self,
        name: str,
        entrance: Entrance,
        needs: Sequence[pulumi.Resource],
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("OwnCertificate", name, needs, opts)
        self.certificate = gcp.certificatemanager.Certificate(
            name,
            location="global",
            description=f"Serves {entrance.domain}",
            self_managed={
                "pem_certificate": entrance.certificate_pem,
                "pem_private_key_wo": entrance.private_key_pem,
                "pem_private_key_wo_version": str(entrance.certificate_version),
            },
            opts=self.child(),
        )
        self.register_outputs({})
