"""Redirects that lead an HTTPS client to where it comes from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from policypack.rules.contract import Element, Findings, NotApplicable, Severity, Undecided, rule
from policypack.rules.encryption_in_transit._coming_back import comes_back
from policypack.topology.load_balancing import FrontendKind, Proxy, RouteKind

if TYPE_CHECKING:
    from policypack.topology.load_balancing import Route, UrlMap

CHANGES: Final = ("hostRedirect", "pathRedirect", "prefixRedirect")
"""What of a redirect makes the new URL another one, for a client that speaks HTTPS already."""


@rule(
    severity=Severity.CRITICAL,
    subjects=(Proxy,),
    fix="Keep the URL map that redirects to HTTPS for the target HTTP proxy alone, and give the target HTTPS proxy one "
    "that leads to backend services.",
    controls={"NIST 800-53 r5": ["CM-6"], "ISO 27001:2022": ["A.8.9"]},
)
def https_url_map_no_redirect_loop(proxy: Proxy) -> Findings:
    """URL maps of HTTPS proxies redirect no request to the URL that it asked for."""
    if proxy.kind is not FrontendKind.HTTPS:
        raise NotApplicable("it does not speak HTTPS with its clients")
    if not proxy.url_maps.possible and not proxy.url_maps.open:
        raise NotApplicable("it names no URL map")
    undecided: list[Undecided] = []
    for url_map in sorted(proxy.url_maps.certain, key=lambda one: one.resource.urn):
        loops = _loops(url_map, undecided)
        if loops:
            yield proxy.resource.finding(
                "urlMap",
                expected="a URL map that answers, or redirects to another host or path",
                found=f"{' and '.join(loops)} of the URL map {url_map.resource.name} "
                "sends an HTTPS client to where it is sent on again, and again",
            )
            return
    yield from undecided
    if proxy.url_maps.open or proxy.url_maps.possible != proxy.url_maps.certain:
        yield from _of_others(proxy)


def _of_others(proxy: Proxy) -> Findings:
    """Leave it open if one of the maps that the proxy may use has a loop; maps outside the stack are not seen."""
    for url_map in sorted(proxy.url_maps.possible - proxy.url_maps.certain, key=lambda one: one.resource.urn):
        undecided: list[Undecided] = []
        if _loops(url_map, undecided) or undecided:
            yield proxy.url_maps.why()
            return
    if proxy.url_maps.open:
        yield proxy.url_maps.why()


def _loops(url_map: UrlMap, undecided: list[Undecided]) -> list[str]:
    """List the redirects that lead to themselves, and note what would have to be known of the others."""
    found = []
    for route in url_map.routes:
        try:
            if route.kind is RouteKind.REDIRECT and _leads_back(route):
                found.append(route.path)
        except Undecided as why:
            undecided.append(why)
    if url_map.open is not None:
        undecided.append(url_map.open)
    return found


def _leads_back(route: Route) -> bool:
    redirect = Element(route.resource, route.path)
    if any(redirect.is_set(name) for name in CHANGES):
        return comes_back(route)
    return not _matches_once(route, redirect)


def _matches_once(route: Route, redirect: Element) -> bool:
    """Tell whether a route may match because of what the next request no longer has: a header, or a stripped query."""
    rule_path, found, _ = route.path.rpartition(".urlRedirect")
    if not found or ".routeRules[" not in rule_path:
        return False
    matches = Element(route.resource, rule_path).elements("matchRules")
    if any(match.elements("headerMatches") for match in matches):
        return True
    return redirect.flag("stripQuery") is True and any(match.elements("queryParameterMatches") for match in matches)
