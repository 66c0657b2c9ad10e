"""Buckets in two regions whose second copy may come hours later."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from policypack.gcp.types import BUCKET
from policypack.rules.contract import NotApplicable, Severity, rule

if TYPE_CHECKING:
    from policypack.rules.contract import Findings, Resource

PAIR: Final = "customPlacementConfig"
PAIRS: Final = frozenset({"ASIA1", "EUR4", "EUR5", "EUR7", "EUR8", "NAM4"})
"""Dual-regions that Google has put together."""
TURBO: Final = "ASYNC_TURBO"


@rule(
    severity=Severity.LOW,
    subjects=(BUCKET,),
    fix='Set rpo="ASYNC_TURBO" on the bucket; it costs by what is written.',
    remedy={"rpo": TURBO},
    controls={"NIST 800-53 r5": ["CP-7", "CP-10"], "ISO 27001:2022": ["A.8.14"]},
    opt_in=True,
)
def bucket_turbo_replication(bucket: Resource) -> Findings:
    """Buckets in two regions copy what is written to the other region within a quarter of an hour."""
    if not bucket.is_set(PAIR) and (bucket.text("location") or "").upper() not in PAIRS:
        raise NotApplicable("it lies in one region, or in a multi-region, which knows no turbo replication")
    if bucket.text("rpo") != TURBO:
        yield bucket.finding(
            "rpo", expected=TURBO, found="unset: copies may take hours" if not bucket.is_set("rpo") else "not turbo"
        )
