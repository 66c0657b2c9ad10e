"""Front ends that talk plain HTTP with their clients."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from policypack.rules.contract import Findings, NotApplicable, Param, Severity, all_of, rule
from policypack.topology.load_balancing import Frontend, FrontendKind, RouteKind

if TYPE_CHECKING:
    from policypack.topology.load_balancing import Route, UrlMap

TLS_KINDS = (FrontendKind.HTTPS, FrontendKind.SSL)


@rule(
    severity=Severity.CRITICAL,
    subjects=(Frontend,),
    fix="Serve on a target HTTPS proxy. For port 80 keep a URL map of its own, whose default_url_redirect has "
    "https_redirect=True and which has no services.",
    controls={
        "NIST 800-53 r5": ["SC-8"],
        "ISO 27001:2022": ["A.5.14", "A.8.24"],
        "PCI DSS 4.0": ["4.2.1"],
    },
    aliases=("http-url-map-redirect-only", "lb-http-redirects-to-https"),
)
def lb_no_plain_http_frontend(
    frontend: Frontend,
    *,
    include_internal: Annotated[bool, Param("Judge internal front ends too.")] = False,
) -> Findings:
    """Front ends serve nothing over plain HTTP; those on port 80 only redirect to HTTPS."""
    if frontend.target.dangling:
        raise NotApplicable("its target names nothing")
    kind = frontend.kind()
    if kind in TLS_KINDS:
        return
    if kind is not FrontendKind.HTTP:
        raise NotApplicable("it does not speak HTTP with its clients")
    if not include_internal and not frontend.external():
        raise NotApplicable("only clients inside the network reach it")
    yield from plain_http_faults(frontend)


def plain_http_faults(frontend: Frontend) -> Findings:
    """Give a finding for each URL map of an HTTP front end with which it does anything but redirect to HTTPS."""
    url_maps = frontend.url_maps
    if not url_maps.possible and not url_maps.open:
        raise NotApplicable("its proxy names no URL map")
    for url_map in sorted(url_maps.certain, key=lambda found: found.resource.urn):
        yield from _faults(frontend, url_map)
    if url_maps.open or not all_of(url_maps.possible - url_maps.certain, lambda url_map: url_map.redirects_only()):
        yield url_maps.why()


def _faults(frontend: Frontend, url_map: UrlMap) -> Findings:
    if not url_map.redirects_only():
        name = url_map.resource.name
        route = next((route for route in url_map.routes if not _leads_to_https(route)), None)
        where = f"{route.path} of the URL map {name}" if route else f"the URL map {name}"
        yield frontend.resource.finding(
            "target",
            expected="a URL map that does nothing but redirect to HTTPS",
            found=f"it answers over plain HTTP: {where} does not redirect to HTTPS",
        )


def _leads_to_https(route: Route) -> bool:
    if route.kind is RouteKind.REDIRECT:
        return route.https_redirect()
    return route.kind is not RouteKind.SERVICE
