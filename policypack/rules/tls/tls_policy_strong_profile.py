"""The profile of an SSL policy: which ciphers it offers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Final

from policypack.gcp.types import SSL_POLICIES
from policypack.rules.contract import FromParameter, Param, Severity, rule

if TYPE_CHECKING:
    from policypack.rules.contract import Findings, Resource

DEFAULT_PROFILE: Final = "COMPATIBLE"
"""What Google Cloud takes where a policy names no profile."""
STRONG: Final = ["MODERN", "RESTRICTED", "FIPS_202205", "CUSTOM"]


@rule(
    severity=Severity.HIGH,
    subjects=SSL_POLICIES,
    fix="Set profile to RESTRICTED, or to MODERN where clients must be served that know only older ciphers.",
    remedy={"profile": FromParameter("profiles", "MODERN")},
    controls={
        "CIS GCP 4.0": ["3.9"],
        "CIS GCP 5.0": ["3.11"],
        "NIST 800-53 r5": ["SC-8", "SC-13"],
        "ISO 27001:2022": ["A.8.24"],
        "PCI DSS 4.0": ["4.2.1"],
    },
    yields_to=("tls-policy-combination-valid",),
)
def tls_policy_strong_profile(
    policy: Resource,
    *,
    profiles: Annotated[list[str], Param("Profiles that SSL policies may use.", choices=tuple(STRONG))] = STRONG,
) -> Findings:
    """SSL policies use a profile without the ciphers that only old clients need."""
    profile = policy.text("profile") or DEFAULT_PROFILE
    if profile in profiles:
        return
    # The provider fills the default in, so a preview does not tell what the program left out.
    found = f"{profile}, the default of a policy that names none" if profile == DEFAULT_PROFILE else profile
    yield policy.finding("profile", expected=" or ".join(profiles), found=found)
