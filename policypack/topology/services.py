"""Backend services, and the backends they send requests to."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from policypack.gcp import types as t
from policypack.model.graph import External, References, Slot
from policypack.model.logic import INFERRED, Bounds, Undecided, note_inference
from policypack.model.records import cached_property, dataclass, field
from policypack.model.resource import Element, Resource
from policypack.model.values import Unknown
from policypack.topology.kinds import ENDPOINT_KINDS_OF, HTTP_PROTOCOLS, BackendKind, backend_kind_of, scheme_of
from policypack.topology.part import Part
from policypack.topology.serving import outside, serving_regions

if TYPE_CHECKING:
    from collections.abc import Sequence

    from policypack.model.graph import Target
    from policypack.topology.deployment import Deployment
    from policypack.topology.frontends import Frontend

GROUPS = "backends[].group"
_LOOP = "its backends lead back to itself"


@dataclass(eq=False)
class Backend:
    """One backend of a backend service: a group that gets a share of the requests.

    Attributes:
        service: The backend service.
        path: Where it stands there: `backends[0]`.
        element: Its properties: `balancingMode`, `capacityScaler`, …
        target: The group it names.
    """

    types: ClassVar[tuple[str, ...]] = t.BACKEND_SERVICES
    follows: ClassVar[tuple[str, ...]] = t.LOAD_BALANCING

    service: BackendService
    path: str
    element: Element
    target: References

    @property
    def resource(self) -> Resource:
        """The backend service's resource, for findings."""
        return self.service.resource

    @classmethod
    def subjects(cls, deployment: Deployment) -> Sequence[Backend]:
        """List every backend of every backend service, sorted by URN and place."""
        return tuple(backend for service in deployment.load_balancing.services for backend in service.backends)

    def kind(self) -> BackendKind:
        """Tell what the backend is made of.

        Raises:
            Undecided: The group is not known, or lies outside the stack and its URL does not tell.
        """
        kinds = self.kinds
        if len(kinds.certain) == 1 and kinds.exact:
            if not kinds.known:
                note_inference(INFERRED)
            return next(iter(kinds.certain))
        raise kinds.why() if kinds.unresolved else Undecided(self.resource.urn, f"{self.path}.group", "it is no group")

    @cached_property
    def kinds(self) -> Bounds[BackendKind]:
        """The kinds it can be."""
        return self.target.shared("kinds", lambda target: _kinds(target, self.resource))

    @cached_property
    def groups(self) -> Bounds[Resource]:
        """The groups of this stack that it can name."""
        return self.target.resources()

    @cached_property
    def regions(self) -> Bounds[str]:
        """The regions that serve what is sent to it."""
        return self.service.guarded(self.target)

    def __repr__(self) -> str:
        return f"<{self.path} of {self.service.resource.name}>"


@dataclass(eq=False)
class BackendService(Part):
    """A backend service, global or regional."""

    types: ClassVar[tuple[str, ...]] = t.BACKEND_SERVICES

    _visiting: bool = field(default=False, repr=False)

    @classmethod
    def subjects(cls, deployment: Deployment) -> Sequence[BackendService]:
        """List every backend service of a deployment, sorted by URN."""
        return deployment.load_balancing.services

    def scheme(self) -> str:
        """Read the load-balancing scheme; where it is left out, the default of its type and provider version.

        Raises:
            Undecided: It is unknown.
        """
        return scheme_of(self.resource)

    def passthrough(self) -> bool:
        """Tell whether packets reach the backends as the clients sent them, without a proxy between.

        Raises:
            Undecided: The scheme is unknown.
        """
        return not self.is_global and self.scheme() in {"INTERNAL", "EXTERNAL"}

    def protocol(self) -> str:
        """Read the protocol to the backends; where it is left out, HTTP, or TCP for a passthrough load balancer.

        Raises:
            Undecided: It is unknown, or it is left out and the scheme is unknown.
        """
        # The provider computes what the program leaves out: then it is unknown until it is deployed.
        left_out = isinstance(self.resource.peek("protocol"), Unknown) and not self.resource.is_set("protocol")
        protocol = None if left_out else self.resource.text("protocol")
        return protocol or ("TCP" if self.passthrough() else "HTTP")

    def application(self) -> bool:
        """Tell whether it is part of an application load balancer: a proxy that speaks HTTP to the backends.

        That is a scheme with a proxy (EXTERNAL_MANAGED, INTERNAL_MANAGED, or the classic global EXTERNAL) and a
        protocol of the HTTP family. A service mesh (INTERNAL_SELF_MANAGED) is none: its proxies are the user's own.

        Raises:
            Undecided: Scheme or protocol is unknown and would decide.
        """
        if self.passthrough() or self.scheme() == "INTERNAL_SELF_MANAGED":
            return False
        return self.protocol() in HTTP_PROTOCOLS

    @cached_property
    def groups(self) -> References:
        """What all backends together name."""
        return self.plane.graph.references(self.resource, GROUPS)

    @cached_property
    def backends(self) -> tuple[Backend, ...]:
        """Its backends, in the order of the program; none where the whole list is unknown."""
        try:
            elements = self.resource.elements("backends")
        except Undecided:
            return ()
        slots = {slot.path: slot for slot in self.groups.slots}
        backends = []
        for element in elements:
            slot = slots.get(element.full("group"))
            target = self.groups.of(slot) if slot else References(self.resource, element.full("group"))
            backends.append(Backend(self, element.prefix, element, target))
        return tuple(backends)

    @cached_property
    def backends_unknown(self) -> Undecided | None:
        """Why not even the number of backends is known; None if it is."""
        try:
            self.resource.elements("backends")
        except Undecided as why:
            return why
        return None

    @property
    def left_to_others(self) -> bool:
        """True if something outside the stack attaches the backends: changes of the list are ignored."""
        return any(path.split("[")[0] == "backends" for path in self.resource.options.ignore_changes)

    @cached_property
    def kinds(self) -> Bounds[BackendKind]:
        """The kinds of backends it has."""
        return self.groups.bounds(lambda target: _kinds(target, self.resource))

    @cached_property
    def regions(self) -> Bounds[str]:
        """The regions that serve what is sent to it."""
        return self.guarded(self.groups)

    def guarded(self, groups: References) -> Bounds[str]:
        """Give the serving regions of some of its groups; a chain that leads back here leaves the set open."""
        if self._visiting:
            return Bounds.anything(Undecided(self.resource.urn, "backends", _LOOP))
        self._visiting = True
        try:
            return groups.shared("regions", lambda target: serving_regions(target, self.resource, self.plane))
        finally:
            self._visiting = False

    def facts_of(self, group: Resource) -> tuple[Bounds[BackendKind], Bounds[str]]:
        """Give the kind of backend that one of its groups makes, and the regions that serve what is sent there."""
        own = References(self.resource, GROUPS, (Slot(GROUPS, target=group),))
        return _kinds(group, self.resource), self.guarded(own)

    @property
    def frontends(self) -> Bounds[Frontend]:
        """Who reaches it, by any route of a URL map, through a proxy or directly."""
        return self.plane.frontends_of(self)

    @property
    def health_checks(self) -> References:
        """The health checks it names."""
        return self.plane.graph.references(self.resource, "healthChecks")

    def __repr__(self) -> str:
        return f"<BackendService {self.resource.name}>"


def _kinds(target: Target, owner: Resource) -> Bounds[BackendKind]:
    if isinstance(target, External):
        if target.type in t.INSTANCE_GROUPS:
            return Bounds.exactly(BackendKind.INSTANCE_GROUP)
        why = outside(owner, "backends", target)
        kinds = ENDPOINT_KINDS_OF.get(target.type or "", frozenset())
        if len(kinds) == 1:
            return Bounds.exactly(*kinds)
        return Bounds(possible=kinds, at_most=1, unresolved=(why,)) if kinds else Bounds.anything(why)
    try:
        return Bounds.exactly(backend_kind_of(target))
    except Undecided as why:
        return Bounds.anything(why)
