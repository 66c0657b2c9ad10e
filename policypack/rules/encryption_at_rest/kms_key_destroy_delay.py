"""How long destroyed keys can be brought back."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Annotated, Final

from policypack.gcp.types import CRYPTO_KEY
from policypack.rules.contract import NotApplicable, Param, Severity, Undecided, rule

if TYPE_CHECKING:
    from policypack.rules.contract import Findings, Resource

_SECONDS_PER_DAY: Final = 86_400
_DELAY: Final = "destroyScheduledDuration"


@rule(
    severity=Severity.HIGH,
    subjects=(CRYPTO_KEY,),
    fix="Leave destroy_scheduled_duration out, which gives 30 days, or set it to 30 days (2592000s) or more. It cannot "
    "be changed later.",
    controls={"NIST 800-53 r5": ["SC-12"], "ISO 27001:2022": ["A.8.24"]},
    aliases=("kms-key-protected-from-deletion",),
    yields_to=("value-within-limits",),
)
def kms_key_destroy_delay(
    key: Resource,
    *,
    days: Annotated[int, Param("How long a destroyed version can be restored at the least, in days.", minimum=1)] = 30,
) -> Findings:
    """Destroyed versions of keys can be restored for 30 days."""
    try:
        delay = key.text(_DELAY)
        if delay is None or _seconds(key, delay) >= days * _SECONDS_PER_DAY:
            return
    except Undecided:
        _must_not_be_imported(key)
        raise
    _must_not_be_imported(key)
    yield key.finding(
        _DELAY,
        expected=f"{days} days ({days * _SECONDS_PER_DAY}s) or more, or left out",
        found=f"{delay}: what the key encrypts is lost for good so soon after it is destroyed",
    )


def _must_not_be_imported(key: Resource) -> None:
    if key.flag("importOnly") is True:
        raise NotApplicable("its material is imported, and can be imported again")


def _seconds(key: Resource, delay: str) -> float:
    if not re.fullmatch(r"\d+(\.\d+)?s", delay):
        raise Undecided(key.urn, _DELAY, f"it is {delay}, which is no number of seconds such as 2592000s")
    return float(delay[:-1])
