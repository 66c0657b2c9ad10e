"""Certificates that end soon."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, Annotated, Final

from policypack.gcp.pem import expiry_of
from policypack.gcp.types import CERTIFICATE, REGION_SSL_CERTIFICATE, SSL_CERTIFICATE
from policypack.rules.contract import NotApplicable, Param, Severity, rule

if TYPE_CHECKING:
    from policypack.rules.contract import Findings, Resource

PATHS: Final = {
    SSL_CERTIFICATE: ("certificate",),
    REGION_SSL_CERTIFICATE: ("certificate",),
    CERTIFICATE: ("selfManaged.pemCertificate", "selfManaged.certificatePem"),
}
"""Type of a certificate, to where its text stands."""


@rule(
    severity=Severity.HIGH,
    subjects=tuple(PATHS),
    fix="Renew the certificate, or use a managed one, which Google renews by itself.",
    controls={"NIST 800-53 r5": ["SC-12"], "ISO 27001:2022": ["A.8.24"], "PCI DSS 4.0": ["4.2.1"]},
)
def tls_certificate_not_expiring(
    certificate: Resource,
    *,
    days: Annotated[int, Param("How long a certificate has to be valid still.", minimum=0, maximum=365)] = 14,
) -> Findings:
    """Certificates that are renewed by hand are valid for two more weeks at least."""
    path = next((path for path in PATHS[certificate.type] if certificate.is_set(path)), None)
    if path is None:
        raise NotApplicable("Google renews it")
    expiry = expiry_of(certificate.text(path) or "")
    if expiry is None:
        raise NotApplicable("its text is no certificate that can be read")
    now = datetime.now(timezone.utc)
    if expiry < now + timedelta(days=days):
        tense = "expired" if expiry < now else "expires"
        yield certificate.finding(
            path,
            expected=f"a certificate that is valid for {days} days still",
            found=f"it {tense} on {expiry:%Y-%m-%d}",
        )
