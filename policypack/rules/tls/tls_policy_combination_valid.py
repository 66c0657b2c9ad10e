"""Profiles, versions and ciphers of SSL policies that do not go together."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from policypack.gcp.types import SSL_POLICIES
from policypack.rules.contract import Severity, rule

if TYPE_CHECKING:
    from policypack.rules.contract import Findings, Resource

DEFAULT_PROFILE: Final = "COMPATIBLE"
DEFAULT_VERSION: Final = "TLS_1_0"
FIPS: Final = "FIPS_202205"


@rule(
    severity=Severity.MEDIUM,
    subjects=SSL_POLICIES,
    fix="Combine TLS_1_3 with RESTRICTED only, FIPS_202205 with TLS_1_2 only, and custom_features with CUSTOM only.",
    controls={"NIST 800-53 r5": ["CM-6"], "ISO 27001:2022": ["A.8.9"]},
    yields_to=("tls-policy-min-version",),
)
def tls_policy_combination_valid(policy: Resource) -> Findings:
    """SSL policies combine profile, version and ciphers in a way that the API accepts."""
    profile = policy.text("profile") or DEFAULT_PROFILE
    features = policy.is_set("customFeatures")
    if profile == "CUSTOM" and not features:
        yield policy.finding("customFeatures", expected="a list of ciphers, as the profile is CUSTOM", found="unset")
    elif profile != "CUSTOM" and features:
        yield policy.finding(
            "customFeatures", expected=f"unset, as the profile is {profile}", found="a list of ciphers"
        )
    else:
        version = policy.text("minTlsVersion") or DEFAULT_VERSION
        if version == "TLS_1_3" and profile != "RESTRICTED":
            yield policy.finding("minTlsVersion", expected=f"TLS_1_2, as the profile is {profile}", found=version)
        elif profile == FIPS and version != "TLS_1_2":
            yield policy.finding("minTlsVersion", expected=f"TLS_1_2, as the profile is {FIPS}", found=version)
