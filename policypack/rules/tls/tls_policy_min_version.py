"""The oldest version of TLS that an SSL policy lets clients speak."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Annotated

from policypack.gcp.types import SSL_POLICIES
from policypack.rules.contract import FromParameter, Param, Severity, Undecided, any_of, rule

if TYPE_CHECKING:
    from policypack.rules.contract import Findings, Resource

DEFAULT_VERSION = "TLS_1_0"
"""What Google Cloud takes where a policy names no version."""

FLOORS = {"RESTRICTED": "TLS_1_2"}
"""Profiles whose ciphers only newer versions know: the oldest version they leave, whatever minimum is named."""


@rule(
    severity=Severity.CRITICAL,
    subjects=SSL_POLICIES,
    fix="Set min_tls_version to TLS_1_2; with profile RESTRICTED, TLS_1_3 is possible too.",
    remedy={"minTlsVersion": FromParameter("minimum")},
    controls={
        "CIS GCP 4.0": ["3.9"],
        "CIS GCP 5.0": ["3.11"],
        "NIST 800-53 r5": ["SC-8", "SC-13"],
        "ISO 27001:2022": ["A.8.24"],
        "PCI DSS 4.0": ["4.2.1"],
    },
)
def tls_policy_min_version(
    policy: Resource,
    *,
    minimum: Annotated[
        str, Param("The oldest version of TLS that clients may speak.", choices=("TLS_1_2", "TLS_1_3"))
    ] = "TLS_1_2",
) -> Findings:
    """SSL policies let no client in below TLS 1.2."""
    # Whichever of the two demands more counts, so one of them alone can settle the question.
    if any_of((_named, _left_by_profile), lambda version: version(policy) >= _number(policy, minimum)):
        return
    written = policy.text("minTlsVersion") or DEFAULT_VERSION
    # The provider fills the default in, so a preview does not tell what the program left out.
    found = f"{written}, the default of a policy that names none" if written == DEFAULT_VERSION else written
    yield policy.finding("minTlsVersion", expected=f"{minimum} or newer", found=found)


def _named(policy: Resource) -> tuple[int, ...]:
    """Give the version that the policy names."""
    return _number(policy, policy.text("minTlsVersion") or DEFAULT_VERSION)


def _left_by_profile(policy: Resource) -> tuple[int, ...]:
    """Give the oldest version that the policy's ciphers leave."""
    return _number(policy, FLOORS.get(policy.text("profile") or "", DEFAULT_VERSION))


def _number(policy: Resource, version: str) -> tuple[int, ...]:
    """Turn `TLS_1_2` into (1, 2), so that versions have an order.

    Raises:
        Undecided: The text is no version of TLS.
    """
    if not re.fullmatch(r"TLS(_\d+)+", version):
        raise Undecided(policy.urn, "minTlsVersion", f"it is {version}, which is no version of TLS")
    return tuple(int(part) for part in version.split("_")[1:])
