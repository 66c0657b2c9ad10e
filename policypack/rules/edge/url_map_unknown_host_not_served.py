"""What is answered to those who ask for a host that is none of ours."""

from __future__ import annotations

from typing import Final

from policypack.gcp import types as t
from policypack.model.logic import Bounds, any_of
from policypack.rules.contract import Findings, NotApplicable, Severity, Undecided, rule
from policypack.topology.exposure import any_in
from policypack.topology.kinds import EXTERNAL_SCHEMES, RouteKind
from policypack.topology.load_balancing import UrlMap

_DEFAULTS: Final = ("defaultService", "defaultRouteAction")


@rule(
    severity=Severity.LOW,
    subjects=(UrlMap,),
    fix="List the hosts in host_rules, and let default_url_redirect send everybody else to the main one, or let "
    "default_service name a backend bucket with an error page.",
    controls={"NIST 800-53 r5": ["SC-7"], "ISO 27001:2022": ["A.8.20"]},
    opt_in=True,
)
def url_map_unknown_host_not_served(url_map: UrlMap) -> Findings:
    """URL maps on the internet serve the hosts that they list, and no others."""
    served, doubts = _served(url_map, (*_DEFAULTS, *_matchers_for_all(url_map)))
    if not served:
        if doubts:
            raise doubts[0]
        return
    if not any_in(
        url_map.proxies,
        lambda proxy: any_in(proxy.frontends, lambda frontend: frontend.scheme() in EXTERNAL_SCHEMES),
    ):
        raise NotApplicable("no front end on the internet leads to it")
    yield url_map.resource.finding(
        served[0],
        expected="hosts that are listed, and a redirect or an error page for all others",
        found="requests for any host reach a backend service",
    )


def _matchers_for_all(url_map: UrlMap) -> list[str]:
    """Give the path matchers of host rules that are for any host: where they stand."""
    rules = url_map.resource.elements("hostRules")
    everywhere = [one for one in rules if any_of(one.elements("hosts"), lambda host: host.text("") == "*")]
    names = {one.text("pathMatcher") for one in everywhere}
    matchers = url_map.resource.elements("pathMatchers") if names else ()
    return [f"{one.prefix}." for one in matchers if one.text("name") in names]


def _served(url_map: UrlMap, places: tuple[str, ...]) -> tuple[list[str], list[Undecided]]:
    """Give the places below some others that name a backend service, and what is not known of others."""
    served: list[str] = []
    doubts = [] if url_map.open is None else [url_map.open]
    for route in url_map.routes:
        if route.kind is not RouteKind.SERVICE or route.target is None or not route.path.startswith(places):
            continue
        buckets = route.target.bounds(lambda target: Bounds.exactly(target.type in t.BACKEND_BUCKETS))
        if False in buckets.certain:
            served.append(route.path)
        elif buckets.open or False in buckets.possible:
            doubts.append(buckets.why())
    return served, doubts
