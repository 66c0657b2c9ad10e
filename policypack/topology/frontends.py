"""Front ends (forwarding rules) and the target proxies behind them."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, TypeVar

from policypack.gcp import types as t
from policypack.gcp.catalogue import is_google_api
from policypack.model.graph import External, References
from policypack.model.logic import INFERRED, Bounds, NotApplicable, note_inference
from policypack.model.records import cached_property, dataclass
from policypack.topology.kinds import EXTERNAL_SCHEMES, PROXY_KINDS, TARGET_KINDS, FrontendKind, scheme_of
from policypack.topology.part import Part
from policypack.topology.serving import outside

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from policypack.model.graph import Target
    from policypack.topology.deployment import Deployment
    from policypack.topology.services import BackendService
    from policypack.topology.url_maps import UrlMap

T = TypeVar("T")

_CONSUMERS = frozenset({FrontendKind.GOOGLE_APIS, FrontendKind.PSC_ENDPOINT})


@dataclass(eq=False)
class Frontend(Part):
    """A forwarding rule, global or regional: the address and port that clients connect to."""

    types: ClassVar[tuple[str, ...]] = t.FORWARDING_RULES

    @classmethod
    def subjects(cls, deployment: Deployment) -> Sequence[Frontend]:
        """List every front end of a deployment, sorted by URN."""
        return deployment.load_balancing.frontends

    def scheme(self) -> str:
        """Read the load-balancing scheme; where it is left out, the default of its type and provider version.

        A Private Service Connect endpoint, also one for Google's APIs, has none: "".

        Raises:
            Undecided: It is unknown.
        """
        if not self.resource.blank and self.resource.peek("loadBalancingScheme") is None and self._consumer:
            return ""
        return scheme_of(self.resource)

    def external(self) -> bool:
        """Tell whether it can be reached from the internet.

        Raises:
            Undecided: The scheme is unknown.
        """
        return not self._consumer and self.scheme() in EXTERNAL_SCHEMES

    @cached_property
    def kinds(self) -> Bounds[FrontendKind]:
        """The kinds it can be; none if its target is dangling or left out."""
        return self.target.bounds(self._kind_of)

    def kind(self) -> FrontendKind:
        """Tell what answers behind it.

        Raises:
            Undecided: The possible targets differ, or anything may be behind it.
            NotApplicable: Nothing is behind it: its target is left out, or is a text that names nothing.
        """
        kinds = self.kinds
        if kinds.exact and len(kinds.certain) == 1:
            if not kinds.known:
                note_inference(INFERRED)
            return next(iter(kinds.certain))
        if kinds.exact and not kinds.certain:
            texts = [slot.text for slot in self.target.dangling]
            raise NotApplicable(f"{texts[0]!r} names no target" if texts else "it names no target")
        raise kinds.why()

    @cached_property
    def target(self) -> References:
        """What it sends requests to: its `target`, or its `backendService` where that is set."""
        graph = self.plane.graph
        direct = "backendService" in graph.catalogue.references(self.resource.type)
        if direct and not self.resource.blank and self.resource.peek("backendService") is not None:
            return graph.references(self.resource, "backendService")
        return graph.references(self.resource, "target")

    @cached_property
    def addresses(self) -> Bounds[Target]:
        """The address that it names; none if it gets one of its own."""
        return self.plane.graph.references(self.resource, "ipAddress").targets()

    @property
    def targets_google_apis(self) -> bool:
        """True if it is an endpoint for APIs of Google's own."""
        return any(isinstance(target, External) and is_google_api(target.text) for target in self.target.known)

    @cached_property
    def proxies(self) -> Bounds[Proxy]:
        """The target proxies it may send requests to."""
        return self._reach(Bounds.exactly, lambda _: Bounds())

    @cached_property
    def url_maps(self) -> Bounds[UrlMap]:
        """The URL maps behind those proxies."""
        return self._reach(lambda proxy: proxy.url_maps, lambda _: Bounds())

    @cached_property
    def services(self) -> Bounds[BackendService]:
        """The backend services it reaches over any route, or directly; mirrors are not counted."""
        return self._reach(lambda proxy: proxy.services, Bounds.exactly)

    @cached_property
    def regions(self) -> Bounds[str]:
        """The regions that serve its clients."""
        return self._reach(lambda proxy: proxy.regions, lambda service: service.regions)

    def _reach(
        self, of_proxy: Callable[[Proxy], Bounds[T]], of_service: Callable[[BackendService], Bounds[T]]
    ) -> Bounds[T]:
        def of_target(target: Target) -> Bounds[T]:
            if isinstance(target, External):
                return self._outside(target)
            if target.type in t.PROXIES:
                return of_proxy(self.plane.proxy(target))
            return of_service(self.plane.service(target)) if target.type in t.BACKEND_SERVICES else Bounds()

        return self.target.bounds(of_target)

    def _outside(self, target: External) -> Bounds[T]:
        without = target.type is not None and target.type not in (*t.PROXIES, *t.BACKEND_SERVICES)
        if without or is_google_api(target.text):
            return Bounds()
        return Bounds.anything(outside(self.resource, self.target.path, target))

    def _kind_of(self, target: Target) -> Bounds[FrontendKind]:
        if isinstance(target, External) and is_google_api(target.text):
            return Bounds.exactly(FrontendKind.GOOGLE_APIS)
        kind = TARGET_KINDS.get(target.type) if target.type else None
        if kind is not None:
            return Bounds.exactly(kind)
        if isinstance(target, External):
            return Bounds.anything(outside(self.resource, self.target.path, target))
        return Bounds.exactly(FrontendKind.OTHER)

    @cached_property
    def _consumer(self) -> bool:
        """True if it is certainly an endpoint of Private Service Connect."""
        return self.kinds.exact and bool(self.kinds.certain) and self.kinds.certain <= _CONSUMERS

    def __repr__(self) -> str:
        return f"<Frontend {self.resource.name}>"


@dataclass(eq=False)
class Proxy(Part):
    """A target proxy, global or regional."""

    types: ClassVar[tuple[str, ...]] = t.PROXIES

    @classmethod
    def subjects(cls, deployment: Deployment) -> Sequence[Proxy]:
        """List every target proxy of a deployment, sorted by URN."""
        return deployment.load_balancing.proxies

    @property
    def kind(self) -> FrontendKind:
        """The kind of front end it makes."""
        return PROXY_KINDS[self.resource.type]

    @cached_property
    def url_map(self) -> References:
        """The URL map it names; nothing for proxies without one."""
        return self._references("urlMap")

    @cached_property
    def backend_service(self) -> References:
        """The backend service it names; nothing for proxies with a URL map."""
        return self._references("backendService")

    def _references(self, path: str) -> References:
        graph = self.plane.graph
        references = graph.references(self.resource, path)
        if path in graph.catalogue.references(self.resource.type):
            return references
        return References(self.resource, path)

    @cached_property
    def url_maps(self) -> Bounds[UrlMap]:
        """The URL maps it may use."""
        return self._over_maps(Bounds.exactly)

    @cached_property
    def services(self) -> Bounds[BackendService]:
        """The backend services it reaches."""
        return self._reach(lambda url_map: url_map.services, Bounds.exactly)

    @cached_property
    def regions(self) -> Bounds[str]:
        """The regions that serve what comes through it."""
        return self._reach(lambda url_map: url_map.regions, lambda service: service.regions)

    @property
    def frontends(self) -> Bounds[Frontend]:
        """The forwarding rules that send requests to it."""
        return self.plane.frontends_to(self)

    def _over_maps(self, of_map: Callable[[UrlMap], Bounds[T]]) -> Bounds[T]:
        def of_target(target: Target) -> Bounds[T]:
            if isinstance(target, External):
                return Bounds.anything(outside(self.resource, "urlMap", target))
            return of_map(self.plane.url_map(target)) if target.type in t.URL_MAPS else Bounds()

        return self.url_map.bounds(of_target)

    def _reach(
        self, of_map: Callable[[UrlMap], Bounds[T]], of_service: Callable[[BackendService], Bounds[T]]
    ) -> Bounds[T]:
        def of_target(target: Target) -> Bounds[T]:
            if isinstance(target, External):
                return Bounds.anything(outside(self.resource, "backendService", target))
            return of_service(self.plane.service(target)) if target.type in t.BACKEND_SERVICES else Bounds()

        return self._over_maps(of_map).union(self.backend_service.bounds(of_target))

    def __repr__(self) -> str:
        return f"<Proxy {self.resource.name}>"
