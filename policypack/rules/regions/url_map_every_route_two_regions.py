"""Storage buckets of one region that a route of a global load balancer leads to."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, ClassVar, Final

from policypack.gcp.locations import is_region, region_of_zone
from policypack.gcp.types import BACKEND_BUCKET, BUCKET, LOAD_BALANCING
from policypack.model.records import dataclass, field
from policypack.rules.contract import Findings, NotApplicable, Severity, Undecided, rule
from policypack.topology.load_balancing import Route, RouteKind, UrlMap

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from policypack.rules.contract import Bounds, Resource
    from policypack.topology import Deployment

NAME: Final = "bucketName"


@dataclass(eq=False)
class Served:
    """A global backend bucket, and the routes of global front ends that lead to it.

    Attributes:
        resource: The backend bucket.
        routes: Those that certainly do.
        doubts: What would have to be known, where one may.
        buckets: The storage buckets of the stack by name.
        by_urn: The same by URN.
    """

    types: ClassVar[tuple[str, ...]] = (BACKEND_BUCKET,)
    follows: ClassVar[tuple[str, ...]] = (*LOAD_BALANCING, BUCKET)

    resource: Resource
    buckets: Mapping[str, Sequence[Resource]] = field(repr=False)
    by_urn: Mapping[str, Resource] = field(repr=False)
    routes: list[Route] = field(default_factory=list)
    doubts: list[Undecided] = field(default_factory=list)

    @classmethod
    def subjects(cls, deployment: Deployment) -> Sequence[Served]:
        """Give every global backend bucket, sorted by URN."""
        named: dict[str, list[Resource]] = defaultdict(list)
        storage = deployment.graph.of_type(BUCKET)
        for bucket in storage:
            name = None if bucket.blank else bucket.peek("name")
            if isinstance(name, str):
                named[name].append(bucket)
        by_urn = {bucket.urn: bucket for bucket in storage}
        served = {one.urn: cls(one, named, by_urn) for one in deployment.graph.of_type(BACKEND_BUCKET)}
        if served:
            _note_routes(deployment, served)
        return list(served.values())

    def storage(self) -> Resource:
        """Find the storage bucket behind it.

        Raises:
            Undecided: It is not of this stack, or cannot be told.
        """
        name = self.resource.peek(NAME)
        if isinstance(name, str):
            found = self.buckets.get(name, ())
        else:
            made_from = self.resource.property_dependencies.get(NAME, ())
            found = [self.by_urn[urn] for urn in made_from if urn in self.by_urn]
        if len(found) != 1:
            raise Undecided(self.resource.urn, NAME, "the storage bucket behind it is not of this stack")
        return found[0]


def _note_routes(deployment: Deployment, served: Mapping[str, Served]) -> None:
    certain: set[UrlMap] = set()
    possible: set[UrlMap] = set()
    for frontend in deployment.load_balancing.frontends:
        if frontend.is_global:
            certain |= frontend.url_maps.certain
            possible |= frontend.url_maps.possible
    # Of routes that are not known, any may lead to any backend bucket.
    anywhere = [url_map.open for url_map in sorted(possible, key=_urn) if url_map.open is not None]
    for one in served.values():
        one.doubts += anywhere[:1]
    for url_map in sorted(possible, key=_urn):
        for route in url_map.routes:
            if route.kind is RouteKind.SERVICE and route.target is not None:
                _note_route(route, route.target.resources(), served, sure=url_map in certain)


def _urn(url_map: UrlMap) -> str:
    return url_map.resource.urn


def _note_route(route: Route, leads_to: Bounds[Resource], served: Mapping[str, Served], *, sure: bool) -> None:
    for target in leads_to.possible:
        if target.urn not in served:
            continue
        if sure and target in leads_to.certain:
            served[target.urn].routes.append(route)
        else:
            served[target.urn].doubts.append(leads_to.why())


@rule(
    severity=Severity.CRITICAL,
    subjects=(Served,),
    fix="Keep what a global load balancer serves in a multi-region or dual-region bucket (location EU, US or ASIA, or "
    "custom_placement_config with two regions).",
    controls={"NIST 800-53 r5": ["CP-7", "CP-10"], "ISO 27001:2022": ["A.8.14"]},
    aliases=("bucket-covers-serving-regions", "bucket-multi-region"),
)
def url_map_every_route_two_regions(served: Served) -> Findings:
    """Storage buckets on a route of a global load balancer lie in two regions or more."""
    if not served.routes and not served.doubts:
        raise NotApplicable("no route of a global front end of this stack leads to it")
    bucket = served.storage()
    location = bucket.text("location") or ""
    place = location.lower()
    if (is_region(place) or region_of_zone(place) is not None) and not bucket.is_set("customPlacementConfig"):
        if not served.routes:
            raise served.doubts[0]
        route = served.routes[0]
        yield served.resource.finding(
            NAME,
            expected="a bucket in two regions or more",
            found=f"`{bucket.name}` lies in {place} alone, and {route.path} of {route.resource.name} leads there",
        )
