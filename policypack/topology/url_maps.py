"""URL maps, and every route a request can take through one."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, TypeVar

from policypack.gcp import types as t
from policypack.gcp.references import REDIRECTS, TEST_SERVICE
from policypack.model.graph import External, References
from policypack.model.logic import Bounds, Undecided, all_of, unite
from policypack.model.records import cached_property, dataclass
from policypack.model.resource import KNOWN_AFTER_DEPLOYMENT, PROPERTIES_MISSING, Element, Resource
from policypack.model.values import WrongType, expand
from policypack.topology.kinds import RouteKind
from policypack.topology.part import Part
from policypack.topology.serving import outside

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from policypack.model.graph import Slot, Target
    from policypack.topology.deployment import Deployment
    from policypack.topology.frontends import Proxy
    from policypack.topology.services import BackendService

T = TypeVar("T")


@dataclass(eq=False)
class Route:
    """One thing a URL map can do with a request.

    Attributes:
        url_map: The URL map.
        path: The property that says so: `pathMatchers[0].pathRules[1].service`.
        kind: What is done.
        target: What it names; None for a redirect.
    """

    url_map: UrlMap
    path: str
    kind: RouteKind
    target: References | None = None

    @property
    def resource(self) -> Resource:
        """The URL map's resource, for findings."""
        return self.url_map.resource

    def https_redirect(self) -> bool:
        """Tell whether it sends the client to HTTPS; False for what is no redirect.

        Raises:
            Undecided: That cannot be known.
        """
        return self.kind is RouteKind.REDIRECT and Element(self.resource, self.path).flag("httpsRedirect") is True

    def __repr__(self) -> str:
        return f"<{self.path} of {self.url_map.resource.name}>"


@dataclass(eq=False)
class UrlMap(Part):
    """A URL map, global or regional."""

    types: ClassVar[tuple[str, ...]] = t.URL_MAPS

    @classmethod
    def subjects(cls, deployment: Deployment) -> Sequence[UrlMap]:
        """List every URL map of a deployment, sorted by URN."""
        return deployment.load_balancing.url_maps

    @cached_property
    def routes(self) -> tuple[Route, ...]:
        """Every route that is known to be there, sorted by kind and place; its target may still be unknown."""
        found = [
            Route(self, slot.path, kind, references.of(slot))
            for references in self._references
            for slot, kind in self._kinds_of(references)
        ]
        found += [Route(self, path, RouteKind.REDIRECT) for path in self._redirects[0]]
        return tuple(sorted(found, key=lambda route: (list(RouteKind).index(route.kind), route.path)))

    @cached_property
    def open(self) -> Undecided | None:
        """Why there may be more routes than `routes`; None if they are all."""
        for references in self._references:
            if references.whole:
                return references.unresolved[0]
        return self._redirects[1]

    @cached_property
    def services(self) -> Bounds[BackendService]:
        """The backend services that answer requests; what only gets copies, or serves error pages, is not counted."""
        return self.reach(Bounds.exactly)

    @cached_property
    def regions(self) -> Bounds[str]:
        """The regions that serve what comes through it."""
        return self.reach(lambda service: service.regions)

    @cached_property
    def buckets(self) -> Bounds[Resource]:
        """The backend buckets that answer requests."""
        return self._answers(self._bucket)

    @property
    def proxies(self) -> Bounds[Proxy]:
        """The target proxies that use it."""
        return self.plane.proxies_of(self)

    def reach(self, fact: Callable[[BackendService], Bounds[T]]) -> Bounds[T]:
        """Give the set of what is true of any backend service that answers: each service's own set, united."""

        def of_target(target: Target) -> Bounds[T]:
            if isinstance(target, External):
                bucket = target.type in t.BACKEND_BUCKETS
                return Bounds() if bucket else Bounds.anything(self._outside(target))
            return fact(self.plane.service(target)) if target.type in t.BACKEND_SERVICES else Bounds()

        return self._answers(of_target)

    def redirects_only(self) -> bool:
        """Tell whether every branch, the default included, redirects to HTTPS.

        Raises:
            Undecided: No branch that is known does anything else, and some are not known.
        """
        if any(route.kind is RouteKind.SERVICE for route in self.routes):
            return False
        redirects = [route for route in self.routes if route.kind is RouteKind.REDIRECT]
        if not self.open and not any(route.path == "defaultUrlRedirect" for route in redirects):
            return False
        if not all_of(redirects, Route.https_redirect):
            return False
        if self.open:
            raise self.open
        return True

    def _outside(self, target: External) -> Undecided:
        places = (slot.path for references in self._references for slot in references.slots if slot.target == target)
        return outside(self.resource, next(places, ""), target)

    def _bucket(self, target: Target) -> Bounds[Resource]:
        if isinstance(target, External):
            return Bounds.anything(self._outside(target))
        return Bounds.exactly(target) if target.type in t.BACKEND_BUCKETS else Bounds()

    def _answers(self, fact: Callable[[Target], Bounds[T]]) -> Bounds[T]:
        return unite(self._answer(references, fact) for references in self._references)

    def _answer(self, references: References, fact: Callable[[Target], Bounds[T]]) -> Bounds[T]:
        """Give what is true of the answering places among those below one property."""
        kinds = self._kinds_of(references)
        answering = tuple(slot for slot, kind in kinds if kind is RouteKind.SERVICE)
        if len(answering) == len(kinds):
            return references.bounds(fact)
        # Which of the unknown places is the mirror is not known: then each speaks for itself alone.
        others_unknown = any(slot.unknown for slot, kind in kinds if kind is not RouteKind.SERVICE)
        if others_unknown:
            parts = [references.of(slot) for slot in answering]
            if references.whole:
                parts.append(References(self.resource, references.path, whole=True))
            return unite(part.bounds(fact) for part in parts)
        return References(
            self.resource,
            references.path,
            answering,
            references.candidates,
            references.externals,
            references.repeatable,
            references.whole,
            references.problem,
        ).bounds(fact)

    def _kinds_of(self, references: References) -> list[tuple[Slot, RouteKind]]:
        return [(slot, _kind_at(slot.path)) for slot in references.slots]

    @cached_property
    def _references(self) -> tuple[References, ...]:
        """What each top-level property refers to, tests apart: those name what should answer, and send nothing."""
        return tuple(each for each in self.plane.graph.references_of(self.resource) if each.path != TEST_SERVICE)

    @cached_property
    def _redirects(self) -> tuple[tuple[str, ...], Undecided | None]:
        if self.resource.blank:
            return (), Undecided(self.resource.urn, "", PROPERTIES_MISSING)
        return tuple(self._redirect_paths()), self._redirect_problem()

    def _redirect_paths(self) -> Iterator[str]:
        for pattern in REDIRECTS:
            try:
                places, _ = expand(self.resource.properties, pattern)
            except WrongType:
                continue
            yield from (path for path, _ in places)

    def _redirect_problem(self) -> Undecided | None:
        for pattern in REDIRECTS:
            where = pattern.split("[")[0]
            try:
                _, complete = expand(self.resource.properties, pattern)
            except WrongType as wrong:
                return Undecided(self.resource.urn, where, f"there is {wrong}")
            if not complete:
                return Undecided(self.resource.urn, where, KNOWN_AFTER_DEPLOYMENT)
        return None

    def __repr__(self) -> str:
        return f"<UrlMap {self.resource.name}>"


def _kind_at(path: str) -> RouteKind:
    if ".requestMirrorPolicy." in path:
        return RouteKind.MIRROR
    return RouteKind.ERROR if path.endswith(".errorService") else RouteKind.SERVICE
