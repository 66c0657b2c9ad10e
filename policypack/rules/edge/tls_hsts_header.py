"""Browsers that are told to come by HTTPS, and by nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from policypack.gcp import types as t
from policypack.model.logic import all_hold, any_of
from policypack.rules.contract import Findings, NotApplicable, Severity, rule
from policypack.topology.exposure import any_in
from policypack.topology.kinds import EXTERNAL_SCHEMES, FrontendKind, RouteKind
from policypack.topology.load_balancing import UrlMap

if TYPE_CHECKING:
    from policypack.model.resource import Element, Reader, Resource
    from policypack.topology.load_balancing import Proxy

_HEADER: Final = "strict-transport-security"
_ADDED: Final = "headerAction.responseHeadersToAdds"
_OWN: Final = "customResponseHeaders"
_WITH_HEADERS: Final = (t.BACKEND_SERVICE, t.BACKEND_BUCKET)


@rule(
    severity=Severity.LOW,
    subjects=(UrlMap,),
    fix="Add the header Strict-Transport-Security: max-age=31536000 in the header_action of the URL map, or in the "
    "custom_response_headers of every backend service and bucket behind it.",
    controls={"NIST 800-53 r5": ["SC-8"], "ISO 27001:2022": ["A.8.24"], "PCI DSS 4.0": ["4.2.1"]},
    opt_in=True,
)
def tls_hsts_header(url_map: UrlMap) -> Findings:
    """Answers over HTTPS tell browsers to come back by HTTPS only."""
    if _adds(url_map.resource):
        return
    matchers = url_map.resource.elements("pathMatchers")
    if any_of(matchers, _adds_somewhere) or _all_backends_add(url_map):
        return
    if url_map.open is None and not any(route.kind is RouteKind.SERVICE for route in url_map.routes):
        raise NotApplicable("it redirects whatever comes")
    if not any_in(url_map.proxies, _external_https):
        raise NotApplicable("no HTTPS front end on the internet leads to it")
    yield url_map.resource.finding(
        _ADDED,
        expected="the header Strict-Transport-Security",
        found="it is added neither here nor in every backend service and bucket behind it",
    )


def _adds(place: Reader) -> bool:
    return any_of(place.elements(_ADDED), lambda one: (one.text("headerName") or "").lower() == _HEADER)


def _adds_somewhere(matcher: Element) -> bool:
    return _adds(matcher) or any_of(matcher.elements("routeRules"), _adds)


def _all_backends_add(url_map: UrlMap) -> bool:
    services = url_map.services.map(lambda service: service.resource)
    backends = services.union(url_map.buckets)
    if backends.open:
        raise backends.why()
    return bool(backends.possible) and not any_in(backends, lambda one: not _names_header(one))


def _names_header(backend: Resource) -> bool:
    if backend.type not in _WITH_HEADERS:
        return False
    return any_of(backend.elements(_OWN), lambda one: _name_of(one.text("") or "") == _HEADER)


def _name_of(header: str) -> str:
    return header.partition(":")[0].strip().lower()


def _external_https(proxy: Proxy) -> bool:
    return all_hold(
        lambda: proxy.kind is FrontendKind.HTTPS,
        lambda: any_in(proxy.frontends, lambda frontend: frontend.scheme() in EXTERNAL_SCHEMES),
    )
