"""What must not be kept in a cache."""

from __future__ import annotations

from typing import Annotated, Final

from policypack.gcp import types as t
from policypack.rules.contract import Findings, NotApplicable, Param, Resource, Severity, rule
from policypack.rules.edge._cached import CACHES
from policypack.topology.given import flag_given, text_given

_NONE: Final[list[str]] = []
_MODE: Final = "cdnPolicy.cacheMode"


@rule(
    severity=Severity.HIGH,
    subjects=(*CACHES, t.REGION_BACKEND_SERVICE),
    fix="Switch Cloud CDN off for what only some may see, and serve what everybody may see from a backend of its own.",
    controls={"NIST 800-53 r5": ["SC-4"], "ISO 27001:2022": ["A.8.3"]},
)
def cdn_no_private_content(
    backend: Resource,
    *,
    private: Annotated[list[str], Param("Backends whose answers are not for everybody, by their names.")] = _NONE,
) -> Findings:
    """Cloud CDN keeps no answers that are meant for some users only."""
    if backend.flag("enableCdn") is not True:
        raise NotApplicable("Cloud CDN is off")
    if backend.type in t.BACKEND_SERVICES and flag_given(backend, "iap.enabled") is True:
        found = "true, on a service that Identity-Aware Proxy guards: the cache asks nobody who they are"
        yield backend.finding("enableCdn", expected="false", found=found)
    elif backend.name in private and text_given(backend, _MODE) == "FORCE_CACHE_ALL":
        found = "FORCE_CACHE_ALL: answers for one user are kept and given to the next"
        yield backend.finding(_MODE, expected="USE_ORIGIN_HEADERS, or no cache", found=found)
