"""Certificates that somebody has to renew by hand."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from policypack.gcp.types import CERTIFICATE, REGION_SSL_CERTIFICATE, SSL_CERTIFICATE
from policypack.rules.contract import Severity, rule

if TYPE_CHECKING:
    from policypack.rules.contract import Findings, Resource

BLOCK: Final = "selfManaged"


@rule(
    severity=Severity.MEDIUM,
    subjects=(SSL_CERTIFICATE, REGION_SSL_CERTIFICATE, CERTIFICATE),
    fix="Use a Certificate of Certificate Manager with managed domains, which Google renews by itself.",
    controls={"NIST 800-53 r5": ["SC-12"], "ISO 27001:2022": ["A.8.24"]},
    opt_in=True,
)
def tls_managed_certificates_only(certificate: Resource) -> Findings:
    """Certificates are issued and renewed by Google."""
    if certificate.type == CERTIFICATE and not certificate.is_set(BLOCK):
        return
    path = BLOCK if certificate.type == CERTIFICATE else "certificate"
    yield certificate.finding(path, expected="a managed certificate", found="one that has to be renewed by hand")
