"""The load balancers of a deployment: front ends, proxies, URL maps and backend services, and who reaches whom."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Final, Generic, Protocol, TypeVar

from policypack.gcp import types as t
from policypack.model.logic import Bounds, Undecided, unite
from policypack.model.records import cached_property, dataclass, field
from policypack.model.values import Unknown
from policypack.topology.frontends import Frontend, Proxy
from policypack.topology.kinds import BackendKind, FrontendKind, RouteKind
from policypack.topology.services import Backend, BackendService
from policypack.topology.url_maps import Route, UrlMap

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from policypack.model.graph import Graph, Target
    from policypack.model.resource import Resource

__all__ = [
    "Backend",
    "BackendKind",
    "BackendService",
    "Frontend",
    "FrontendKind",
    "LoadBalancing",
    "Proxy",
    "Route",
    "RouteKind",
    "UrlMap",
]


class _HasResource(Protocol):
    @property
    def resource(self) -> Resource:
        """The resource behind a view."""


_ADDRESS: Final = "ipAddress"

A = TypeVar("A", bound=_HasResource)
B = TypeVar("B", bound=_HasResource)


@dataclass(eq=False)
class LoadBalancing:
    """Every load balancer of one graph. There is one view for each resource, so views can be compared.

    Attributes:
        graph: All resources of the stack.
    """

    graph: Graph
    _views: dict[str, Frontend | Proxy | UrlMap | BackendService] = field(default_factory=dict, repr=False)

    @cached_property
    def frontends(self) -> tuple[Frontend, ...]:
        """Every forwarding rule, sorted by URN."""
        return tuple(map(self.frontend, self.graph.of_type(*t.FORWARDING_RULES)))

    @cached_property
    def proxies(self) -> tuple[Proxy, ...]:
        """Every target proxy, sorted by URN."""
        return tuple(map(self.proxy, self.graph.of_type(*t.PROXIES)))

    @cached_property
    def url_maps(self) -> tuple[UrlMap, ...]:
        """Every URL map, sorted by URN."""
        return tuple(map(self.url_map, self.graph.of_type(*t.URL_MAPS)))

    @cached_property
    def services(self) -> tuple[BackendService, ...]:
        """Every backend service, sorted by URN."""
        return tuple(map(self.service, self.graph.of_type(*t.BACKEND_SERVICES)))

    def frontend(self, resource: Resource) -> Frontend:
        """Give the view of a forwarding rule."""
        view = self._views.get(resource.urn)
        if not isinstance(view, Frontend):
            view = self._views[resource.urn] = Frontend(resource, self)
        return view

    def proxy(self, resource: Resource) -> Proxy:
        """Give the view of a target proxy."""
        view = self._views.get(resource.urn)
        if not isinstance(view, Proxy):
            view = self._views[resource.urn] = Proxy(resource, self)
        return view

    def url_map(self, resource: Resource) -> UrlMap:
        """Give the view of a URL map."""
        view = self._views.get(resource.urn)
        if not isinstance(view, UrlMap):
            view = self._views[resource.urn] = UrlMap(resource, self)
        return view

    def service(self, resource: Resource) -> BackendService:
        """Give the view of a backend service."""
        view = self._views.get(resource.urn)
        if not isinstance(view, BackendService):
            view = self._views[resource.urn] = BackendService(resource, self)
        return view

    def frontends_of(self, service: BackendService) -> Bounds[Frontend]:
        """Give the front ends that reach a backend service."""
        return self._service_index.of(service)

    def frontends_to(self, proxy: Proxy) -> Bounds[Frontend]:
        """Give the front ends that send requests to a target proxy."""
        return self._proxy_index.of(proxy)

    def proxies_of(self, url_map: UrlMap) -> Bounds[Proxy]:
        """Give the target proxies that use a URL map."""
        return self._map_index.of(url_map)

    def services_by(self, check: Resource) -> Bounds[BackendService]:
        """Give the backend services that go by a health check."""
        return self._check_index.of(check)

    @cached_property
    def serving(self) -> Bounds[str]:
        """The regions in which the front ends of the deployment, all together, serve."""
        return unite(frontend.regions for frontend in self.frontends)

    def services_over(self, group: Resource) -> Bounds[BackendService]:
        """Give the backend services that a group of backends stands behind."""
        return self._group_index.of(group)

    def beside(self, frontend: Frontend) -> Sequence[Frontend]:
        """Give the other front ends that may have the same address, sorted by URN: few of many, mostly."""
        addresses = frontend.addresses
        if addresses.open:
            return [other for other in self.frontends if other is not frontend]
        places = {place for address in addresses.possible for place in self._at_address[address]}
        places.update(self._anywhere)
        return [self.frontends[place] for place in sorted(places) if self.frontends[place] is not frontend]

    def given_address_of(self, frontend: Frontend) -> Sequence[Frontend]:
        """Give the other front ends with the address that one of the two got, and the other was given."""
        mine = frontend.resource.peek(_ADDRESS)
        found = list(self._by_address_text[mine] if isinstance(mine, str) else self._address_made_from[_urn(frontend)])
        if isinstance(mine, Unknown):
            urns = frontend.resource.property_dependencies.get(_ADDRESS, ())
            found += [self.frontend(one) for urn in urns if (one := self._forwarding_rules.get(urn))]
        return sorted({one for one in found if one is not frontend}, key=_urn)

    @cached_property
    def _forwarding_rules(self) -> Mapping[str, Resource]:
        return {_urn(frontend): frontend.resource for frontend in self.frontends}

    @cached_property
    def _by_address_text(self) -> Mapping[str, list[Frontend]]:
        """Front ends whose address is known, by its text."""
        index: dict[str, list[Frontend]] = defaultdict(list)
        for frontend in self.frontends:
            text = frontend.resource.peek(_ADDRESS)
            if isinstance(text, str):
                index[text].append(frontend)
        return index

    @cached_property
    def _address_made_from(self) -> Mapping[str, list[Frontend]]:
        """Front ends whose address is not known yet, by the URN of what it is made from."""
        index: dict[str, list[Frontend]] = defaultdict(list)
        for frontend in self.frontends:
            if isinstance(frontend.resource.peek(_ADDRESS), Unknown):
                for urn in frontend.resource.property_dependencies.get(_ADDRESS, ()):
                    index[urn].append(frontend)
        return index

    @cached_property
    def _at_address(self) -> Mapping[Target, list[int]]:
        """For each address, the places in `frontends` of those that may have it."""
        index: dict[Target, list[int]] = defaultdict(list)
        for place, frontend in enumerate(self.frontends):
            for address in frontend.addresses.possible:
                index[address].append(place)
        return index

    @cached_property
    def _anywhere(self) -> Sequence[int]:
        """The places in `frontends` of those that may have any address."""
        return [place for place, frontend in enumerate(self.frontends) if frontend.addresses.open]

    @cached_property
    def _service_index(self) -> _Index[BackendService, Frontend]:
        return _Index(self.frontends, lambda frontend: frontend.services)

    @cached_property
    def _proxy_index(self) -> _Index[Proxy, Frontend]:
        return _Index(self.frontends, lambda frontend: frontend.proxies)

    @cached_property
    def _group_index(self) -> _Index[Resource, BackendService]:
        return _Index(self.services, lambda service: service.groups.resources())

    @cached_property
    def _check_index(self) -> _Index[Resource, BackendService]:
        return _Index(self.services, lambda service: service.health_checks.resources())

    @cached_property
    def _map_index(self) -> _Index[UrlMap, Proxy]:
        return _Index(self.proxies, lambda proxy: proxy.url_maps)


def _urn(view: _HasResource) -> str:
    return view.resource.urn


class _Index(Generic[A, B]):
    """Turns the question "what does it reach?" round: "who reaches it?"."""

    def __init__(self, sources: Iterable[B], reached: Callable[[B], Bounds[A]]) -> None:
        self._certain: Mapping[str, set[B]] = defaultdict(set)
        self._possible: Mapping[str, set[B]] = defaultdict(set)
        self._known: Mapping[str, set[B]] = defaultdict(set)
        self._why: Mapping[str, list[Undecided]] = defaultdict(list)
        self._anywhere: set[B] = set()
        self._open: list[Undecided] = []
        self._answers: dict[str, Bounds[B]] = {}
        for source in sources:
            self._add(source, reached(source))

    def _add(self, source: B, there: Bounds[A]) -> None:
        for found, index in (
            (there.certain, self._certain),
            (there.possible, self._possible),
            (there.known, self._known),
        ):
            for view in found:
                index[view.resource.urn].add(source)
        for view in there.possible - there.certain:
            self._why[view.resource.urn] += there.unresolved[:1]
        if there.open:
            self._anywhere.add(source)
            self._open += there.unresolved[:1]

    def of(self, view: A) -> Bounds[B]:
        """Give who reaches a view. What is open on the way there may reach it."""
        urn = view.resource.urn
        if urn not in self._answers:
            certain = frozenset(self._certain.get(urn, ()))
            possible = frozenset(self._possible.get(urn, ())) | certain | self._anywhere
            reasons = (*self._why.get(urn, ()), *self._open) if certain != possible else ()
            self._answers[urn] = Bounds(
                certain=certain,
                possible=possible,
                at_most=len(possible),
                known=frozenset(self._known.get(urn, ())),
                unresolved=reasons,
            )
        return self._answers[urn]
