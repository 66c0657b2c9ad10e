"""Where the world enters: one anycast address, HTTPS on 443, and a redirect from 80."""

from __future__ import annotations

from collections.abc import Sequence

import pulumi
import pulumi_gcp as gcp
from settings import Settings

from components.base import Component
from components.certificates import ManagedCertificate

_TTL_SECONDS = 300


class Frontend(Component):
    """The front half of a global external Application Load Balancer.

    Attributes:
        address: The one address that clients connect to, anywhere in the world.
        certificate: The certificate of the public host name.
    """

    def __init__(
        self,
        name: str,
        settings: Settings,
        service: gcp.compute.BackendService,
        needs: Sequence[pulumi.Resource],
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("Frontend", name, needs, opts)
        self.address = gcp.compute.GlobalAddress(name, address_type="EXTERNAL", ip_version="IPV4", opts=self.child())
        self.certificate = ManagedCertificate(
            f"{name}-certificate",
            settings.domain,
            None,
            settings,
            needs,
            pulumi.ResourceOptions(parent=self),
        )
        self._forwarding_rule(f"{name}-https", "443", self._https_proxy(name, settings, service).id)
        self._forwarding_rule(f"{name}-http", "80", self._redirect_proxy(name).id)
        if settings.dns_zone:
            gcp.dns.RecordSet(
                f"{name}-address",
                managed_zone=settings.dns_zone,
                name=f"{settings.domain}.",
                type="A",
                ttl=_TTL_SECONDS,
                rrdatas=[self.address.address],
                opts=self.child(),
            )
        self.register_outputs({})

    def _forwarding_rule(self, name: str, port: str, target: pulumi.Input[str]) -> None:
        """One rule for each port: such a rule cannot span several."""
        gcp.compute.GlobalForwardingRule(
            name,
            load_balancing_scheme="EXTERNAL_MANAGED",
            network_tier="PREMIUM",
            ip_protocol="TCP",
            ip_address=self.address.address,
            port_range=port,
            target=target,
            opts=self.child(),
        )

    def _https_proxy(
        self, name: str, settings: Settings, service: gcp.compute.BackendService
    ) -> gcp.compute.TargetHttpsProxy:
        url_map = gcp.compute.URLMap(name, description="Every request", default_service=service.id, opts=self.child())
        ssl_policy = gcp.compute.SSLPolicy(name, profile="RESTRICTED", min_tls_version="TLS_1_2", opts=self.child())
        certificate_map, entry = self._certificate_map(name, settings)
        return gcp.compute.TargetHttpsProxy(
            name,
            url_map=url_map.id,
            certificate_map=pulumi.Output.concat("//certificatemanager.googleapis.com/", certificate_map.id),
            ssl_policy=ssl_policy.id,
            quic_override="NONE",
            # Early data can be replayed, and an inference request is not safe to repeat.
            tls_early_data="DISABLED",
            # The proxy refers to the map only; without the entry it would have no certificate to show.
            opts=self.child(entry),
        )

    def _certificate_map(
        self, name: str, settings: Settings
    ) -> tuple[gcp.certificatemanager.CertificateMap, gcp.certificatemanager.CertificateMapEntry]:
        certificate_map = gcp.certificatemanager.CertificateMap(
            name, description="Host names of the front end", opts=self.child()
        )
        entry = gcp.certificatemanager.CertificateMapEntry(
            name,
            map=certificate_map.name,
            hostname=settings.domain,
            certificates=[self.certificate.certificate.id],
            opts=self.child(),
        )
        return certificate_map, entry

    def _redirect_proxy(self, name: str) -> gcp.compute.TargetHttpProxy:
        """Answers plain HTTP with a redirect to HTTPS, and with nothing else."""
        redirect = gcp.compute.URLMap(
            f"{name}-redirect",
            description="Plain HTTP to HTTPS",
            default_url_redirect=gcp.compute.URLMapDefaultUrlRedirectArgs(
                https_redirect=True,
                redirect_response_code="MOVED_PERMANENTLY_DEFAULT",
                strip_query=False,
            ),
            opts=self.child(),
        )
        return gcp.compute.TargetHttpProxy(f"{name}-redirect", url_map=redirect.id, opts=self.child())
