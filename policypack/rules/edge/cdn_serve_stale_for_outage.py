"""What the cache does while the origin is down."""

from __future__ import annotations

from policypack.rules.contract import Findings, NotApplicable, Resource, Severity, rule
from policypack.rules.edge._cached import CACHES

_STALE = "cdnPolicy.serveWhileStale"


@rule(
    severity=Severity.LOW,
    subjects=CACHES,
    fix="Leave serve_while_stale out, which makes it a day, or set it to the longest outage that it should hide.",
    controls={"NIST 800-53 r5": ["CP-10"], "ISO 27001:2022": ["A.8.14"]},
)
def cdn_serve_stale_for_outage(backend: Resource) -> Findings:
    """Caches go on serving what they have while the origin does not answer."""
    if backend.flag("enableCdn") is not True:
        raise NotApplicable("Cloud CDN is off")
    if backend.is_set(_STALE) and backend.number(_STALE) == 0:
        yield backend.finding(_STALE, expected="a time in seconds, such as 86400", found="0: an outage is seen at once")
