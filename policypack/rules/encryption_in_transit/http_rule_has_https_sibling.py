"""Redirects to HTTPS at addresses where nothing speaks HTTPS."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Final

from policypack.model.resource import Resource
from policypack.rules.contract import Element, Findings, NotApplicable, Severity, Undecided, any_of, rule
from policypack.topology.load_balancing import Frontend, FrontendKind

if TYPE_CHECKING:
    from policypack.model.graph import Target
    from policypack.rules.contract import Bounds
    from policypack.topology.load_balancing import Route, UrlMap

PATH: Final = "ipAddress"


@rule(
    severity=Severity.HIGH,
    subjects=(Frontend,),
    fix="Reserve an address, and give it to both front ends: ip_address=address.address in the one for port 80 and in "
    "the one for port 443.",
    controls={"NIST 800-53 r5": ["SC-8"], "ISO 27001:2022": ["A.8.24"], "PCI DSS 4.0": ["4.2.1"]},
)
def http_rule_has_https_sibling(frontend: Frontend) -> Findings:
    """Front ends that redirect to HTTPS share their address with one that answers there."""
    if frontend.target.dangling:
        raise NotApplicable("its target names nothing")
    if frontend.kind() is not FrontendKind.HTTP:
        raise NotApplicable("it does not speak plain HTTP with its clients")
    _must_redirect_here(frontend)
    if any_of(frontend.plane.given_address_of(frontend), _speaks_more_than_http):
        return
    if not frontend.resource.is_set(PATH):
        yield frontend.resource.finding(
            PATH, expected="an address that an HTTPS front end has, too", found="unset: an address of its own"
        )
        return
    mine = frontend.addresses
    if any_of(frontend.plane.beside(frontend), functools.partial(_answers_beside, mine)):
        return
    if mine.open or any(not isinstance(target, Resource) for target in mine.possible):
        raise Undecided(frontend.resource.urn, PATH, "another stack may answer over HTTPS at this address")
    yield frontend.resource.finding(
        PATH,
        expected="an address that an HTTPS front end has, too",
        found="an address with no other front end: the redirect leads to a closed port",
    )


def _must_redirect_here(frontend: Frontend) -> None:
    """Leave out what redirects nobody, or to other host names, which may have other addresses."""
    maps = frontend.url_maps
    if any_of(maps.certain, _redirects_to_own_host):
        return
    if maps.open or any_of(maps.possible, _redirects_to_own_host):
        raise maps.why()
    raise NotApplicable("it does not redirect to HTTPS at its own host name")


def _redirects_to_own_host(url_map: UrlMap) -> bool:
    if any_of(url_map.routes, _leads_to_own_host):
        return True
    if url_map.open is not None:
        raise url_map.open
    return False


def _leads_to_own_host(route: Route) -> bool:
    return route.https_redirect() and not Element(route.resource, route.path).is_set("hostRedirect")


def _speaks_more_than_http(other: Frontend) -> bool:
    """Tell whether a front end is not one for plain HTTP.

    Raises:
        Undecided: It may be one.
    """
    kinds = other.kinds
    if other.target.dangling or (not kinds.open and kinds.possible <= {FrontendKind.HTTP}):
        return False
    if FrontendKind.HTTP in kinds.possible or kinds.open:
        raise kinds.why()
    return True


def _answers_beside(mine: Bounds[Target], other: Frontend) -> bool:
    """Tell whether another front end, not one for plain HTTP, listens on the same address."""
    if other.target.dangling or not other.resource.is_set(PATH):
        return False
    kinds = other.kinds
    if not kinds.open and kinds.possible <= {FrontendKind.HTTP}:
        return False
    theirs = other.addresses
    if mine.certain & theirs.certain:
        return _speaks_more_than_http(other)
    if mine.open or theirs.open or mine.possible & theirs.possible:
        raise theirs.why() if theirs.unresolved else mine.why()
    return False
