"""Serverless services, and the load balancers before them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, ClassVar, Final

from policypack.gcp import types as t
from policypack.model.logic import all_hold, any_of
from policypack.model.records import dataclass
from policypack.model.resource import KNOWN_AFTER_DEPLOYMENT, Resource
from policypack.model.values import Unknown, reveal
from policypack.rules.contract import Undecided
from policypack.topology.given import text_given
from policypack.topology.identity import names

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from policypack.topology.deployment import Deployment
    from policypack.topology.load_balancing import BackendService, LoadBalancing

_INGRESS: Final = {
    t.CLOUD_RUN_SERVICE: "ingress",
    t.OLDER_CLOUD_RUN_SERVICE: "metadata.annotations",
    t.FUNCTION: "serviceConfig.ingressSettings",
    t.OLDER_FUNCTION: "ingressSettings",
}
"""Type, to the property that says who may connect."""
_ANNOTATION: Final = "run.googleapis.com/ingress"
_NO_DEFAULT_URL: Final = "run.googleapis.com/default-url-disabled"
_SLOTS: Final = {
    **dict.fromkeys(t.CLOUD_RUN_SERVICES, ("cloudRun.service",)),
    t.FUNCTION: ("cloudFunction.function", "cloudRun.service"),
    t.OLDER_FUNCTION: ("cloudFunction.function",),
}
"""Type, to the properties of a serverless endpoint group that name it."""

OPEN: Final = frozenset({"INGRESS_TRAFFIC_ALL", "ALL", "ALLOW_ALL"})
"""Everybody may connect, in capitals; so it is where nothing is said."""
INTERNAL: Final = frozenset({"INGRESS_TRAFFIC_INTERNAL_ONLY", "INTERNAL", "ALLOW_INTERNAL_ONLY"})
"""Only networks and internal load balancers may, in capitals."""


@dataclass(frozen=True, eq=False)
class Serverless:
    """A Cloud Run service or a function, together with the load balancers of its stack.

    Attributes:
        resource: The resource.
        plane: The load balancers.
    """

    types: ClassVar[tuple[str, ...]] = tuple(_INGRESS)
    follows: ClassVar[tuple[str, ...]] = t.LOAD_BALANCING

    resource: Resource
    plane: LoadBalancing

    @classmethod
    def subjects(cls, deployment: Deployment) -> Sequence[Serverless]:
        """List every one of a deployment, sorted by URN."""
        return [cls(one, deployment.load_balancing) for one in deployment.graph.of_type(*_INGRESS)]

    @property
    def path(self) -> str:
        """The property that says who may connect."""
        return _INGRESS[self.resource.type]

    def ingress(self) -> str | None:
        """Read who may connect, in capitals; None where it is left out.

        Raises:
            Undecided: It is not known yet.
        """
        older = self.resource.type == t.OLDER_CLOUD_RUN_SERVICE
        written = self._annotation(_ANNOTATION) if older else text_given(self.resource, self.path)
        return written.upper() if written else None

    def has_url(self) -> bool:
        """Tell whether it has a URL of its own.

        Raises:
            Undecided: That is not known yet.
        """
        if self.resource.type == t.OLDER_CLOUD_RUN_SERVICE:
            return (self._annotation(_NO_DEFAULT_URL) or "").lower() != "true"
        return self.resource.type != t.CLOUD_RUN_SERVICE or self.resource.flag("defaultUriDisabled") is not True

    def _annotation(self, key: str) -> str | None:
        written = self.resource.peek("metadata.annotations")
        value = reveal(written.get(key)) if isinstance(written, Mapping) else written
        if isinstance(value, Unknown) and self.resource.is_set("metadata.annotations"):
            raise Undecided(self.resource.urn, "metadata.annotations", KNOWN_AFTER_DEPLOYMENT)
        return value if isinstance(value, str) else None

    def behind(self, question: Callable[[BackendService], bool]) -> bool:
        """Tell whether it stands behind a backend service of which something holds.

        Raises:
            Undecided: It may.
        """
        graph = self.plane.graph
        return any_of(
            graph.of_type(t.REGION_NETWORK_ENDPOINT_GROUP),
            lambda group: all_hold(
                lambda: self._named_by(group),
                lambda: any_of(
                    self.plane.services,
                    lambda service: all_hold(lambda: _has(service, group), lambda: question(service)),
                ),
            ),
        )

    def _named_by(self, group: Resource) -> bool:
        slots, graph = _SLOTS[self.resource.type], self.plane.graph
        return any_of(slots, lambda slot: names(graph.references(group, slot).targets(), self.resource))


def _has(service: BackendService, group: Resource) -> bool:
    return names(service.groups.targets(), group)
