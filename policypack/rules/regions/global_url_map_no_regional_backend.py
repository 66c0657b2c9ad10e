"""URL maps and backend services of different scope."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

from policypack.gcp.locations import GLOBAL, is_global
from policypack.model.graph import External
from policypack.rules.contract import Finding, Findings, Severity, Undecided, rule
from policypack.topology.load_balancing import RouteKind, UrlMap
from policypack.topology.scopes import own_place_in_words, place_in_words, same_scope
from policypack.topology.serving import outside

if TYPE_CHECKING:
    from policypack.model.graph import References, Target
    from policypack.topology.load_balancing import Route


@rule(
    severity=Severity.CRITICAL,
    subjects=(UrlMap,),
    fix="Let a URLMap name BackendService and BackendBucket resources, and a RegionUrlMap the regional kinds, of its "
    "own region. To put regional services behind a global front end, publish them and reach them over Private Service "
    "Connect NEGs.",
    controls={"NIST 800-53 r5": ["CM-6"], "ISO 27001:2022": ["A.8.9"]},
)
def global_url_map_no_regional_backend(url_map: UrlMap) -> Findings:
    """Global URL maps name global backend services, regional URL maps those of their region."""
    for route in url_map.routes:
        if route.kind is RouteKind.REDIRECT or route.target is None or route.target.dangling:
            continue
        try:
            fits = route.target.agree(functools.partial(_fits, url_map, route))
        except Undecided as unknown:
            yield unknown
            continue
        if not fits:
            yield _finding(url_map, route, route.target)
    if url_map.open is not None:
        yield url_map.open


def _fits(url_map: UrlMap, route: Route, target: Target) -> bool:
    """Tell whether a target has the scope of the URL map: global, or its region."""
    place = None
    if isinstance(target, External):
        place = target.address.location if target.address is not None else None
        if target.type is None and place is None:
            raise outside(url_map.resource, route.path, target)
    goes_global = place == GLOBAL if target.type is None else is_global(target.type)
    if goes_global or url_map.is_global:
        return goes_global and url_map.is_global
    # Of what is outside, often no more than the type is known.
    return (isinstance(target, External) and place is None) or same_scope(url_map.resource, target, route.path)


def _finding(url_map: UrlMap, route: Route, target: References) -> Finding:
    return url_map.resource.finding(
        route.path,
        expected=f"a backend service or bucket that is {own_place_in_words(url_map.resource)}, as the URL map is",
        found=f"{place_in_words(target)}: the API refuses it here",
    )
