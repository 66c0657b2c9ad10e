"""Backends whose answers should be kept near the clients."""

from __future__ import annotations

from typing import Annotated

from policypack.rules.contract import Findings, Param, Severity, rule
from policypack.rules.edge._cached import ALL, Origin, must_be_listed


@rule(
    severity=Severity.LOW,
    subjects=(Origin,),
    fix="Set enable_cdn to True, with cdn_policy as the content needs it.",
    opt_in=True,
)
def cdn_enabled_for_cacheable_backends(
    origin: Origin,
    *,
    cacheable: Annotated[list[str], Param("Backends that should be cached, by their names; * is any.")] = ALL,
) -> Findings:
    """Backends with content that can be cached have Cloud CDN switched on."""
    must_be_listed(origin.resource, cacheable)
    if origin.cached():
        return
    origin.must_be_exposed()
    yield origin.resource.finding("enableCdn", expected="true", found="off: every request goes to the origin")
