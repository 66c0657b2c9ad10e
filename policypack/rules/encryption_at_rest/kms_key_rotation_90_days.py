"""How often keys of Cloud KMS get a new version."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Annotated

from policypack.gcp.types import CRYPTO_KEY
from policypack.rules.contract import NotApplicable, Param, Severity, Undecided, rule

if TYPE_CHECKING:
    from policypack.rules.contract import Findings, Resource

SECONDS_PER_DAY = 86_400
EXTERNAL_LEVELS = ("EXTERNAL", "EXTERNAL_VPC")


@rule(
    severity=Severity.HIGH,
    subjects=(CRYPTO_KEY,),
    fix='Set rotation_period to "7776000s" (90 days) or less.',
    remedy={"rotationPeriod": "7776000s"},
    controls={
        "CIS GCP 4.0": ["1.10"],
        "CIS GCP 5.0": ["1.11"],
        "NIST 800-53 r5": ["SC-12"],
        "ISO 27001:2022": ["A.8.24"],
        "PCI DSS 4.0": ["3.7.4"],
    },
)
def kms_key_rotation_90_days(
    key: Resource,
    *,
    days: Annotated[int, Param("The longest time between two rotations, in days.", minimum=1)] = 90,
) -> Findings:
    """Symmetric encryption keys rotate by themselves every 90 days or sooner."""
    try:
        period = key.text("rotationPeriod")
        if period is not None and _seconds(key, period) <= days * SECONDS_PER_DAY:
            return
    except Undecided:
        _must_be_able_to_rotate(key)
        raise
    _must_be_able_to_rotate(key)
    yield key.finding(
        "rotationPeriod",
        expected=f"{days} days ({days * SECONDS_PER_DAY}s) or less",
        found="unset: the key is never rotated" if period is None else f"{period}, more than {days} days",
    )


def _must_be_able_to_rotate(key: Resource) -> None:
    """Leave out keys that Cloud KMS does not rotate by itself."""
    purpose = key.text("purpose") or "ENCRYPT_DECRYPT"
    if purpose != "ENCRYPT_DECRYPT":
        raise NotApplicable(f"Cloud KMS does not rotate keys of purpose {purpose} by itself")
    if key.flag("importOnly") is True:
        raise NotApplicable("its versions are imported, so Cloud KMS cannot make a new one")
    level = key.text("versionTemplate.protectionLevel")
    if level in EXTERNAL_LEVELS:
        raise NotApplicable("its material is held by an external key manager, which rotates it")


def _seconds(key: Resource, period: str) -> float:
    """Read a duration such as `7776000s`.

    Raises:
        Undecided: The text is no duration.
    """
    if not re.fullmatch(r"\d+(\.\d+)?s", period):
        raise Undecided(key.urn, "rotationPeriod", f"it is {period}, which is no number of seconds such as 7776000s")
    return float(period[:-1])
