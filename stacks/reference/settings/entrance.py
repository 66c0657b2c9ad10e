"""Settings of the front door: names, certificates, and who and how much is let in."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi
from config_reader import ConfigReader

from settings import patterns
from settings.choices import WafMode


@dataclass(frozen=True)
class Entrance:
    """How clients come in.

    Attributes:
        domain: The public host name.
        internal_domain: Each region serves as REGION.INTERNAL_DOMAIN inside the network.
        dns_zone: An existing public Cloud DNS zone that holds the domain; None if there is none.
        manage_dns: Whether the stack makes a zone for the domain, where no existing one is named.
        certificate_pem: The chain of a certificate of one's own; None lets Google issue one.
        private_key_pem: Its private key, a secret.
        certificate_version: To be counted up when certificate and key are exchanged.
        waf_mode: Whether the rule sets of the web application firewall only log, or deny.
        client_requests_per_minute: What one client address may send before it is told to wait.
        iap_members: Who may come in through Identity-Aware Proxy; without any, it is off.
        ipv6: Whether there is an IPv6 address too.
        request_timeout_seconds: Longest time that a request may take.
        log_sample_percent: Share of requests that load balancers log.
    """

    domain: str
    internal_domain: str
    dns_zone: str | None
    manage_dns: bool
    certificate_pem: str | None
    private_key_pem: pulumi.Output[str] | None
    certificate_version: int
    waf_mode: WafMode
    client_requests_per_minute: int
    iap_members: tuple[str, ...]
    ipv6: bool
    request_timeout_seconds: int
    log_sample_percent: int

    @property
    def log_sample_rate(self) -> float:
        """The share of requests that load balancers log, from 0.01 to 1.0."""
        return self.log_sample_percent / 100

    @property
    def uses_iap(self) -> bool:
        """Whether people sign in before a request reaches a region."""
        return bool(self.iap_members)

    @classmethod
    def read(cls, reader: ConfigReader) -> Entrance:
        """Reads the keys of this part."""
        domain = reader.text("domain", None, patterns.DNS_NAME, "the public host name, such as inference.example.com")
        return cls(
            domain=domain,
            internal_domain=reader.text(
                "internalDomain", f"internal.{domain}", patterns.DNS_NAME, "a DNS name such as internal.example.com"
            ),
            dns_zone=reader.text("dnsZone", "", patterns.RESOURCE_NAME, "the name of a Cloud DNS managed zone") or None,
            manage_dns=reader.boolean("manageDns", True),
            certificate_pem=reader.text("certificatePem", "", r"(?s)-----BEGIN CERTIFICATE-----.*", "a PEM chain")
            or None,
            private_key_pem=reader.secret("privateKeyPem"),
            certificate_version=reader.integer("certificateVersion", 1, 1, 1_000_000, "(counted up)"),
            waf_mode=reader.choice("wafMode", WafMode.PREVIEW),
            client_requests_per_minute=reader.integer("clientRequestsPerMinute", 600, 1, 10_000, "requests a minute"),
            iap_members=reader.texts("iapMembers", patterns.PRINCIPAL, "a principal such as group:testers@example.com"),
            ipv6=reader.boolean("ipv6", False),
            request_timeout_seconds=reader.integer("requestTimeoutSeconds", 60, 1, 3600, "seconds"),
            log_sample_percent=reader.integer("logSamplePercent", 100, 1, 100, "percent"),
        )
