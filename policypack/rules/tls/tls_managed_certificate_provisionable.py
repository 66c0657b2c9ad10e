"""Managed certificates that Google can never issue as they are declared."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from policypack.gcp.locations import GLOBAL
from policypack.gcp.types import CERTIFICATE, MANAGED_SSL_CERTIFICATE
from policypack.rules.contract import NotApplicable, Severity, any_of, rule

if TYPE_CHECKING:
    from policypack.rules.contract import Findings, Resource

DOMAINS: Final = "managed.domains"
AUTHORIZATIONS: Final = "managed.dnsAuthorizations"
ISSUER: Final = "managed.issuanceConfig"
EVERYWHERE: Final = "ALL_REGIONS"


@rule(
    severity=Severity.HIGH,
    subjects=(CERTIFICATE, MANAGED_SSL_CERTIFICATE),
    fix="Use a Certificate of Certificate Manager, and prove each domain with a DnsAuthorization in "
    "managed.dns_authorizations (for *.example.com: that of example.com).",
    controls={"NIST 800-53 r5": ["SC-12"], "ISO 27001:2022": ["A.8.24"]},
)
def tls_managed_certificate_provisionable(certificate: Resource) -> Findings:
    """Managed certificates can be issued: domains that need a proof by DNS have one."""
    if certificate.type == MANAGED_SSL_CERTIFICATE:
        if _has_wildcard(certificate):
            yield certificate.finding(
                DOMAINS,
                expected="host names without a wildcard, or a certificate of Certificate Manager",
                found="a wildcard, for which this kind of certificate is never issued",
            )
        return
    if not certificate.is_set("managed"):
        raise NotApplicable("it is issued elsewhere")
    if _proven_otherwise(certificate):
        return
    why = _needs_dns(certificate)
    if why:
        yield certificate.finding(AUTHORIZATIONS, expected="a DNS authorization for each domain", found=f"unset, {why}")


def _has_wildcard(certificate: Resource) -> bool:
    return any_of(certificate.elements(DOMAINS), lambda domain: (domain.text("") or "").startswith("*."))


def _proven_otherwise(certificate: Resource) -> bool:
    """Tell whether it has DNS authorizations, whichever they are, or comes from an authority of the customer."""
    if certificate.is_set(ISSUER) and certificate.peek(ISSUER) != "":
        return True
    # An unknown list is one that the program gives.
    return certificate.is_set(AUTHORIZATIONS) and certificate.peek(AUTHORIZATIONS) not in ([], ())


def _needs_dns(certificate: Resource) -> str:
    """Say why load balancer authorization, which Google tries without any DNS authorization, cannot work; "" if it can.

    What is certain is said first: one unknown value hides no other.
    """
    location, scope = certificate.peek("location"), certificate.peek("scope")
    if isinstance(location, str) and location not in {"", GLOBAL}:
        return f"and {location} has no other proof: only global certificates are proven by their load balancer"
    if scope == EVERYWHERE:
        return f"and certificates of scope {EVERYWHERE} are not proven by their load balancer"
    if _has_wildcard(certificate):
        return "and no load balancer can prove a wildcard"
    certificate.text("location")
    certificate.text("scope")
    return ""
