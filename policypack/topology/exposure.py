"""Which backend services and buckets clients reach, and which of them the internet reaches through a proxy."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, TypeVar

from policypack.gcp import types as t
from policypack.model.logic import INFERRED, Bounds, Undecided, all_hold, any_of, note_inference
from policypack.topology.kinds import EXTERNAL_SCHEMES

if TYPE_CHECKING:
    from collections.abc import Callable

    from policypack.model.resource import Resource
    from policypack.topology.load_balancing import Frontend, LoadBalancing
    from policypack.topology.services import BackendService
    from policypack.topology.url_maps import UrlMap


class _HasResource(Protocol):
    @property
    def resource(self) -> Resource:
        """The resource behind a view, or the resource itself."""


T = TypeVar("T", bound=_HasResource)


def any_in(members: Bounds[T], question: Callable[[T], bool]) -> bool:
    """Tell whether something holds of a member of a set that is known in part.

    Raises:
        Undecided: It holds of no certain member, and may hold of one that is only possible.
    """
    if any_of(_sorted(members.certain), question):
        if members.certain - members.known:
            note_inference(INFERRED)
        return True
    if members.open or any(_maybe(question, one) for one in members.possible - members.certain):
        raise members.why()
    return False


def reached(service: BackendService) -> bool:
    """Tell whether a front end leads to a backend service.

    Raises:
        Undecided: One may.
    """
    return service.frontends.at_least(1)


def exposed(service: BackendService) -> bool:
    """Tell whether the internet reaches a service through a proxy that Cloud Armor and Identity-Aware Proxy stand at.

    That are all external application load balancers, and the global external proxy network load balancers. Passthrough
    load balancers have no proxy, and regional proxy network load balancers know no Cloud Armor.

    Raises:
        Undecided: Its scheme, its protocol or its front ends are not known, and would decide.
    """
    return all_hold(
        lambda: service.scheme() in EXTERNAL_SCHEMES,
        lambda: service.is_global or service.application(),
        lambda: any_in(service.frontends, lambda frontend: frontend.external()),
    )


def leads_to_vpn(frontend: Frontend) -> bool:
    """Tell whether a forwarding rule is part of a VPN gateway, which needs it as it is, and no front end at all.

    Raises:
        Undecided: It may be.
    """
    target = frontend.target
    return not target.empty and not target.dangling and target.agree(lambda one: one.type == t.VPN_GATEWAY)


def map_reached(url_map: UrlMap) -> bool:
    """Tell whether a front end leads to a URL map.

    Raises:
        Undecided: One may.
    """
    return any_in(url_map.proxies, lambda proxy: proxy.frontends.at_least(1))


def bucket_reached(bucket: Resource, plane: LoadBalancing) -> bool:
    """Tell whether a front end leads to a backend bucket, by a route of a URL map.

    Raises:
        Undecided: One may.
    """
    return any_of(plane.url_maps, lambda url_map: _leads(url_map, bucket))


def _leads(url_map: UrlMap, bucket: Resource) -> bool:
    return all_hold(lambda: _holds(url_map.buckets, bucket), lambda: map_reached(url_map))


def _holds(found: Bounds[Resource], one: Resource) -> bool:
    if one in found.certain:
        return True
    if found.open or one in found.possible:
        raise found.why()
    return False


def _maybe(question: Callable[[T], bool], one: T) -> bool:
    try:
        return question(one)
    except Undecided:
        return True


def _sorted(members: frozenset[T]) -> list[T]:
    return sorted(members, key=lambda one: one.resource.urn)
