"""The ciphers of SSL policies that list their own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Final

from policypack.gcp.types import SSL_POLICIES
from policypack.model.values import UNKNOWN
from policypack.rules.contract import NotApplicable, Param, Severity, any_of, rule

if TYPE_CHECKING:
    from policypack.rules.contract import Findings, Resource

WEAK: Final = [
    "TLS_RSA_WITH_AES_128_GCM_SHA256",
    "TLS_RSA_WITH_AES_256_GCM_SHA384",
    "TLS_RSA_WITH_AES_128_CBC_SHA",
    "TLS_RSA_WITH_AES_256_CBC_SHA",
    "TLS_RSA_WITH_3DES_EDE_CBC_SHA",
]
"""Ciphers whose key is sent under the server's own RSA key: who gets that key reads every recorded connection."""


@rule(
    severity=Severity.HIGH,
    subjects=SSL_POLICIES,
    fix="Take the ciphers that begin with TLS_RSA_WITH out of custom_features, or use profile RESTRICTED.",
    controls={
        "CIS GCP 4.0": ["3.9"],
        "CIS GCP 5.0": ["3.11"],
        "NIST 800-53 r5": ["SC-8", "SC-13"],
        "ISO 27001:2022": ["A.8.24"],
        "PCI DSS 4.0": ["4.2.1"],
    },
)
def tls_policy_custom_no_weak_ciphers(
    policy: Resource, *, weak: Annotated[list[str], Param("Ciphers that no policy may list.")] = WEAK
) -> Findings:
    """SSL policies with a list of ciphers of their own list none with RSA key exchange."""
    if policy.peek("profile") not in (UNKNOWN, "CUSTOM"):
        raise NotApplicable("only the profile CUSTOM has ciphers of its own")
    features = policy.elements("customFeatures")
    if not features:
        raise NotApplicable("it lists no ciphers of its own")
    if not any_of(features, lambda feature: feature.text("") in weak):
        return
    policy.text("profile")  # weak ciphers are a fault for sure only where the profile is known
    listed = ", ".join(sorted(name for feature in features if (name := str(feature.peek())) in weak))
    yield policy.finding("customFeatures", expected="ciphers with ephemeral keys (ECDHE) alone", found=listed)
