"""Mutual TLS that lets in clients without a valid certificate."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from policypack.gcp.types import SERVER_TLS_POLICY
from policypack.rules.contract import NotApplicable, Severity, rule

if TYPE_CHECKING:
    from policypack.rules.contract import Findings, Resource

POLICY: Final = "mtlsPolicy"
MODE: Final = "mtlsPolicy.clientValidationMode"
TRUST: Final = "mtlsPolicy.clientValidationTrustConfig"
STRICT: Final = "REJECT_INVALID"


@rule(
    severity=Severity.HIGH,
    subjects=(SERVER_TLS_POLICY,),
    fix="Set client_validation_mode to REJECT_INVALID and client_validation_trust_config to a trust config with the "
    "certificate authorities of your clients.",
    controls={"NIST 800-53 r5": ["IA-3"], "ISO 27001:2022": ["A.8.5"]},
    opt_in=True,
)
def tls_mtls_rejects_invalid(policy: Resource) -> Findings:
    """Server TLS policies with mutual TLS refuse clients without a valid certificate."""
    if not policy.is_set(POLICY):
        raise NotApplicable("it asks clients for no certificate")
    if policy.is_set("mtlsPolicy.clientValidationCas"):
        raise NotApplicable("it belongs to a service mesh, which checks certificates always")
    mode = policy.text(MODE)
    if mode != STRICT:
        found = f"{mode or 'unset'}: whether a client's certificate is valid is left to the backends"
        yield policy.finding(MODE, expected=STRICT, found=found)
    elif not policy.is_set(TRUST):
        yield policy.finding(TRUST, expected="a trust config", found="unset: there is nothing to check certificates by")
