"""Where the world enters: one anycast address, HTTPS on 443, and a redirect from 80."""

from __future__ import annotations

from collections.abc import Sequence

import pulumi
import pulumi_gcp as gcp
from settings import Settings

from components.base import Component, deletion_policy
from components.certificates import ManagedCertificate, OwnCertificate
from components.public_dns import PublicZone
from components.routes import Routes

_TTL_SECONDS = 300


class Frontend(Component):
    """The front half of a global external Application Load Balancer.

    Attributes:
        address: The one address that clients connect to, anywhere in the world.
        address_ipv6: The same for IPv6; None unless it is asked for.
        certificate: The certificate of the public host name.
        url_map: Where requests go; its name is how metrics of this front end are found.
    """

    def __init__(
        self,
        name: str,
        settings: Settings,
        service: gcp.compute.BackendService,
        zone: PublicZone,
        needs: Sequence[pulumi.Resource],
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("Frontend", name, needs, opts)
        self._settings = settings
        self.address = self._address(name, "IPV4")
        self.address_ipv6 = self._address(f"{name}-ipv6", "IPV6") if settings.entrance.ipv6 else None
        self.certificate = self._certificate(f"{name}-certificate", zone)
        self.url_map = Routes(
            name, settings.entrance.domain, service, self.needs, pulumi.ResourceOptions(parent=self)
        ).url_map
        proxies = {
            "https": ("443", self._https_proxy(name).id),
            "http": ("80", self._redirect_proxy(name).id),
        }
        for scheme, (port, target) in proxies.items():
            self._forwarding_rule(f"{name}-{scheme}", self.address, port, target)
            if self.address_ipv6 is not None:
                self._forwarding_rule(f"{name}-{scheme}-ipv6", self.address_ipv6, port, target)
        self._record(f"{name}-address", "A", self.address, zone)
        if self.address_ipv6 is not None:
            self._record(f"{name}-address-ipv6", "AAAA", self.address_ipv6, zone)
        self.register_outputs({})

    def _address(self, name: str, version: str) -> gcp.compute.GlobalAddress:
        """Clients and DNS records know the address; nobody gets it back once it is released."""
        protect = self._settings.operations.protect
        return gcp.compute.GlobalAddress(
            name,
            address_type="EXTERNAL",
            ip_version=version,
            deletion_policy=deletion_policy(protect),
            opts=self.child(protect=protect),
        )

    def _certificate(self, name: str, zone: PublicZone) -> ManagedCertificate | OwnCertificate:
        entrance, opts = self._settings.entrance, pulumi.ResourceOptions(parent=self)
        if entrance.certificate_pem is not None:
            return OwnCertificate(name, entrance, self.needs, opts)
        return ManagedCertificate(name, entrance.domain, None, zone, self.needs, opts)

    def _forwarding_rule(
        self, name: str, address: gcp.compute.GlobalAddress, port: str, target: pulumi.Input[str]
    ) -> None:
        """One rule for each port: such a rule cannot span several."""
        gcp.compute.GlobalForwardingRule(
            name,
            load_balancing_scheme="EXTERNAL_MANAGED",
            network_tier="PREMIUM",
            ip_protocol="TCP",
            ip_address=address.address,
            port_range=port,
            target=target,
            opts=self.child(),
        )

    def _record(self, name: str, kind: str, address: gcp.compute.GlobalAddress, zone: PublicZone) -> None:
        if zone.zone is not None:
            gcp.dns.RecordSet(
                name,
                managed_zone=zone.zone,
                name=f"{self._settings.entrance.domain}.",
                type=kind,
                ttl=_TTL_SECONDS,
                rrdatas=[address.address],
                opts=self.child(),
            )

    def _https_proxy(self, name: str) -> gcp.compute.TargetHttpsProxy:
        ssl_policy = gcp.compute.SSLPolicy(name, profile="RESTRICTED", min_tls_version="TLS_1_2", opts=self.child())
        certificate_map = gcp.certificatemanager.CertificateMap(
            name, description="Host names of the front end", opts=self.child()
        )
        entry = gcp.certificatemanager.CertificateMapEntry(
            name,
            map=certificate_map.name,
            hostname=self._settings.entrance.domain,
            certificates=[self.certificate.certificate.id],
            opts=self.child(),
        )
        return gcp.compute.TargetHttpsProxy(
            name,
            url_map=self.url_map.id,
            certificate_map=pulumi.Output.concat("//certificatemanager.googleapis.com/", certificate_map.id),
            ssl_policy=ssl_policy.id,
            quic_override="NONE",
            # Early data can be replayed, and an inference request is not safe to repeat.
            tls_early_data="DISABLED",
            # The proxy refers to the map only; without the entry it would have no certificate to show.
            opts=self.child(entry),
        )

    def _redirect_proxy(self, name: str) -> gcp.compute.TargetHttpProxy:
        """Answers plain HTTP with a redirect to HTTPS, and with nothing else."""
        redirect = gcp.compute.URLMap(
            f"{name}-redirect",
            description="Plain HTTP to HTTPS",
            default_url_redirect={
                "https_redirect": True,
                "redirect_response_code": "MOVED_PERMANENTLY_DEFAULT",
                "strip_query": False,
            },
            opts=self.child(),
        )
        return gcp.compute.TargetHttpProxy(f"{name}-redirect", url_map=redirect.id, opts=self.child())
