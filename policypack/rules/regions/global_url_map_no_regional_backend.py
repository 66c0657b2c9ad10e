"""URL maps and backend services of different scope."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

from policypack.gcp.locations import GLOBAL, is_global
from policypack.model.graph import External
from policypack.model.resource import Resource
from policypack.rules.contract import Finding, Findings, Severity, Undecided, rule
from policypack.topology.load_balancing import RouteKind, UrlMap

if TYPE_CHECKING:
    from policypack.model.graph import Target
    from policypack.topology.load_balancing import Route


@rule(
    severity=Severity.CRITICAL,
    subjects=(UrlMap,),
    fix="Let a URLMap name BackendService and BackendBucket resources, and a RegionUrlMap the regional kinds. To put "
    "regional services behind a global front end, publish them and reach them over Private Service Connect NEGs.",
    controls={"NIST 800-53 r5": ["CM-6"], "ISO 27001:2022": ["A.8.9"]},
)
def global_url_map_no_regional_backend(url_map: UrlMap) -> Findings:
    """Global URL maps name global backend services, regional URL maps regional ones."""
    for route in url_map.routes:
        if route.kind is RouteKind.REDIRECT or route.target is None or route.target.dangling:
            continue
        try:
            fits = route.target.agree(functools.partial(_fits, url_map, route))
        except Undecided as unknown:
            yield unknown
            continue
        if not fits:
            yield _finding(url_map, route)
    if url_map.open is not None:
        yield url_map.open


def _fits(url_map: UrlMap, route: Route, target: Target) -> bool:
    """Tell whether a target has the scope of the URL map."""
    if target.type is not None:
        return is_global(target.type) is url_map.is_global
    if isinstance(target, External) and target.address is not None and target.address.location is not None:
        return (target.address.location == GLOBAL) is url_map.is_global
    raise Undecided(url_map.resource.urn, route.path, f"it refers to something outside this stack ({target.text})")


def _finding(url_map: UrlMap, route: Route) -> Finding:
    ours, theirs = ("global", "regional") if url_map.is_global else ("regional", "global")
    return url_map.resource.finding(
        route.path,
        expected=f"a {ours} backend service or bucket",
        found=f"{_names(route)} is {theirs}: the API refuses it in a {ours} URL map",
    )


def _names(route: Route) -> str:
    """Name what a route leads to, or what it may lead to."""
    if route.target is None:
        return "it"
    targets = route.target.known or route.target.candidates
    return " or ".join(target.name if isinstance(target, Resource) else target.text for target in targets)
