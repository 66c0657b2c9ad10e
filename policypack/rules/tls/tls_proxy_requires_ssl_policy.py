"""The SSL policy of each proxy that ends TLS."""

from __future__ import annotations

from typing import TYPE_CHECKING

from policypack.gcp.types import TLS_PROXIES
from policypack.rules.contract import Severity, rule

if TYPE_CHECKING:
    from policypack.rules.contract import Findings, Resource


@rule(
    severity=Severity.HIGH,
    subjects=TLS_PROXIES,
    fix="Set ssl_policy to an SSLPolicy (RegionSslPolicy for a regional proxy) with min_tls_version TLS_1_2 or newer.",
    controls={
        "CIS GCP 4.0": ["3.9"],
        "CIS GCP 5.0": ["3.11"],
        "NIST 800-53 r5": ["SC-8", "SC-13"],
        "ISO 27001:2022": ["A.8.24"],
        "PCI DSS 4.0": ["4.2.1"],
    },
)
def tls_proxy_requires_ssl_policy(proxy: Resource) -> Findings:
    """Proxies that end TLS name an SSL policy."""
    if not proxy.is_set("sslPolicy"):
        yield proxy.finding(
            "sslPolicy", expected="an SSL policy", found="unset: Google Cloud then accepts TLS 1.0 and old ciphers"
        )
