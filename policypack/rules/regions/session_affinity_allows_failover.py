"""Clients that stay with one backend for longer than a failover may take."""

from __future__ import annotations

from typing import Annotated, Final

from policypack.rules.contract import Findings, NotApplicable, Param, Severity, rule
from policypack.topology.load_balancing import BackendService

AFFINITY: Final = "sessionAffinity"
STRONG: Final = "STRONG_COOKIE_AFFINITY"
LIFETIMES: Final = {
    "GENERATED_COOKIE": "affinityCookieTtlSec",
    "HTTP_COOKIE": "consistentHash.httpCookie.ttl.seconds",
}
"""Kind of affinity, to how long its cookie binds a client, in seconds."""


@rule(
    severity=Severity.MEDIUM,
    subjects=(BackendService,),
    fix="Keep sessions in a store that all regions share, and set session_affinity to NONE; or shorten its cookie.",
    controls={"NIST 800-53 r5": ["CP-7", "CP-10"], "ISO 27001:2022": ["A.8.14"]},
    opt_in=True,
)
def session_affinity_allows_failover(
    service: BackendService,
    *,
    seconds: Annotated[int, Param("How long a cookie may bind a client to a backend, in seconds.", minimum=0)] = 3600,
) -> Findings:
    """Clients of a backend service over regions are not bound to one backend for long."""
    if not service.is_global or not service.regions.at_least(2):
        raise NotApplicable("it serves from one region")
    if not service.resource.is_set(AFFINITY):
        return
    kind = service.resource.text(AFFINITY) or ""
    if kind == STRONG:
        yield service.resource.finding(
            AFFINITY,
            expected="no affinity, or one that gives way",
            found=f"{STRONG}: a session stays with its backend while that is ill or full",
        )
    elif kind in LIFETIMES:
        lifetime = service.resource.number(LIFETIMES[kind])
        if lifetime is not None and lifetime > seconds:
            yield service.resource.finding(
                LIFETIMES[kind],
                expected=f"{seconds} or less",
                found=f"{lifetime:g}: so long it binds a client",
            )
