"""Regions behind every backend service that global front ends reach."""

from __future__ import annotations

from typing import Annotated, Final

from policypack.rules.contract import Bounds, Findings, NotApplicable, Param, Severity, Undecided, rule
from policypack.rules.regions._words import LEFT_TO_OTHERS, number, too_few
from policypack.topology.forwarding import WHY, forwards_dynamically
from policypack.topology.load_balancing import (
    BackendKind,
    BackendService,
    Frontend,
    FrontendKind,
    Route,
    RouteKind,
    UrlMap,
)

UNSERVED: Final = {
    FrontendKind.GOOGLE_APIS: "it leads to Google's own APIs",
    FrontendKind.PSC_ENDPOINT: "it leads to a service that somebody publishes",
}
"""Kinds of front ends that serve from no region of this stack."""


@rule(
    severity=Severity.CRITICAL,
    subjects=(BackendService, Frontend),
    fix="Give each backend service backends in two regions or more, and let every route of the URL map lead to one.",
    controls={"NIST 800-53 r5": ["CP-7", "CP-10"], "ISO 27001:2022": ["A.8.14"]},
    aliases=(
        "lb-cross-region-backends",
        "backend-service-multiple-backends",
        "serverless-backend-two-regions",
        "weighted-routes-keep-two-regions",
        "backend-preference-allows-failover",
    ),
    yields_to=("psc-backend-two-regions", "lb-backend-service-has-backends"),
)
def backend_service_two_regions(
    subject: BackendService | Frontend,
    *,
    minimum: Annotated[int, Param("How many regions must serve.", minimum=1)] = 2,
) -> Findings:
    """Global load balancers are served from two regions or more, on every route."""
    if isinstance(subject, Frontend):
        yield from _front_end_that_reaches_nothing(subject, minimum)
    else:
        yield from _service(subject, minimum)


def _service(service: BackendService, minimum: int) -> Findings:
    doubt = _doubt_that_it_is_reached(service)
    if service.kinds.exact and service.kinds.certain == {BackendKind.INTERNET_NEG}:
        raise NotApplicable("its backends lie outside Google Cloud, in no region")
    if not service.regions.at_least(minimum):
        if forwards_dynamically(service.resource):
            raise NotApplicable(WHY)
        if doubt is not None:
            raise doubt
        if service.left_to_others:
            raise Undecided(service.resource.urn, "backends", LEFT_TO_OTHERS)
        yield service.resource.finding(
            "backends",
            expected=f"backends in {number(minimum)} regions",
            found=too_few(service.regions, minimum),
        )


def _doubt_that_it_is_reached(service: BackendService) -> Undecided | None:
    """Say why it is not known whether a global front end reaches it; None if one does, for sure."""
    if not service.is_global:
        raise NotApplicable("it is regional: it serves from one region by its nature")
    frontends = service.frontends
    if any(frontend.is_global for frontend in frontends.certain):
        return None
    if frontends.open or any(frontend.is_global for frontend in frontends.possible):
        return frontends.why()
    raise NotApplicable("no global front end of this stack reaches it")


def _front_end_that_reaches_nothing(frontend: Frontend, minimum: int) -> Findings:
    """Judge a front end only where there is no backend service to judge."""
    if not frontend.is_global:
        raise NotApplicable("it is regional: it serves one region by its nature")
    if frontend.services.certain:
        raise NotApplicable("each backend service behind it is judged")
    if not frontend.target.dangling and (reason := UNSERVED.get(frontend.kind())):
        raise NotApplicable(reason)
    _must_serve(frontend)
    if frontend.services.possible or frontend.services.open:
        raise frontend.services.why()
    yield frontend.resource.finding(
        "target", expected=f"backends in {number(minimum)} regions", found=too_few(Bounds.exactly(), minimum)
    )


def _must_serve(frontend: Frontend) -> None:
    """Leave out front ends that are not meant to reach a backend service."""
    url_maps = frontend.url_maps
    if not url_maps.certain or not url_maps.exact:
        return
    if all(_only_redirects(url_map) for url_map in url_maps.certain):
        raise NotApplicable("it does nothing but redirect")
    if any(url_map.buckets.certain for url_map in url_maps.certain):
        raise NotApplicable("it serves from a storage bucket")
    if all(any(map(_leads_into_the_stack, url_map.routes)) for url_map in url_maps.certain):
        raise NotApplicable("each backend service behind it is judged")


def _leads_into_the_stack(route: Route) -> bool:
    """Tell whether a route ends at a backend service or bucket of the stack, whichever it is."""
    if route.kind is not RouteKind.SERVICE or route.target is None:
        return False
    ends = route.target.resources()
    return bool(ends.possible) and not ends.open


def _only_redirects(url_map: UrlMap) -> bool:
    return (
        bool(url_map.routes)
        and url_map.open is None
        and all(route.kind is RouteKind.REDIRECT for route in url_map.routes)
    )
