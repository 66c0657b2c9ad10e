"""Serverless services that answer beside their load balancer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, ClassVar, Final

from policypack.gcp import types as t
from policypack.model.logic import all_hold, any_of
from policypack.model.records import dataclass
from policypack.model.resource import KNOWN_AFTER_DEPLOYMENT, Resource
from policypack.model.values import Unknown, reveal
from policypack.rules.contract import Findings, NotApplicable, Severity, Undecided, rule
from policypack.topology.exposure import reached
from policypack.topology.given import text_given
from policypack.topology.identity import names

if TYPE_CHECKING:
    from collections.abc import Sequence

    from policypack.model.graph import Graph
    from policypack.topology.deployment import Deployment
    from policypack.topology.load_balancing import BackendService, LoadBalancing

_INGRESS: Final = {
    t.CLOUD_RUN_SERVICE: "ingress",
    t.OLDER_CLOUD_RUN_SERVICE: "metadata.annotations",
    t.FUNCTION: "serviceConfig.ingressSettings",
    t.OLDER_FUNCTION: "ingressSettings",
}
"""Type, to the property that says who may connect."""
_OPEN: Final = frozenset({"INGRESS_TRAFFIC_ALL", "all", "ALLOW_ALL"})
_ANNOTATION: Final = "run.googleapis.com/ingress"
_NO_DEFAULT_URL: Final = "run.googleapis.com/default-url-disabled"
_SLOTS: Final = {
    **dict.fromkeys(t.CLOUD_RUN_SERVICES, ("cloudRun.service",)),
    t.FUNCTION: ("cloudFunction.function", "cloudRun.service"),
    t.OLDER_FUNCTION: ("cloudFunction.function",),
}
"""Type, to the properties of a serverless endpoint group that name it."""


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

    def open(self) -> bool:
        """Tell whether everybody may connect, by a URL of its own.

        Raises:
            Undecided: That is not known yet.
        """
        if self.resource.type == t.OLDER_CLOUD_RUN_SERVICE:
            return all_hold(
                lambda: (self._annotation(_ANNOTATION) or "all") in _OPEN,
                lambda: (self._annotation(_NO_DEFAULT_URL) or "").lower() != "true",
            )
        return all_hold(
            lambda: text_given(self.resource, self.path) in {None, *_OPEN},
            lambda: self.resource.type != t.CLOUD_RUN_SERVICE or self.resource.flag("defaultUriDisabled") is not True,
        )

    def _annotation(self, key: str) -> str | None:
        written = self.resource.peek("metadata.annotations")
        value = reveal(written.get(key)) if isinstance(written, Mapping) else written
        if isinstance(value, Unknown) and self.resource.is_set("metadata.annotations"):
            raise Undecided(self.resource.urn, "metadata.annotations", KNOWN_AFTER_DEPLOYMENT)
        return value if isinstance(value, str) else None

    def behind_load_balancer(self) -> bool:
        """Tell whether a front end leads to it.

        Raises:
            Undecided: One may.
        """
        graph = self.plane.graph
        return any_of(
            graph.of_type(t.REGION_NETWORK_ENDPOINT_GROUP),
            lambda group: all_hold(
                lambda: self._named_by(group),
                lambda: any_of(self.plane.services, lambda service: _serves(service, group, graph)),
            ),
        )

    def _named_by(self, group: Resource) -> bool:
        slots, graph = _SLOTS[self.resource.type], self.plane.graph
        return any_of(slots, lambda slot: names(graph.references(group, slot).targets(), self.resource))


def _serves(service: BackendService, group: Resource, graph: Graph) -> bool:
    return all_hold(
        lambda: names(graph.references(service.resource, "backends[].group").targets(), group),
        lambda: reached(service),
    )


@rule(
    severity=Severity.HIGH,
    subjects=(Serverless,),
    fix="Set ingress to INGRESS_TRAFFIC_INTERNAL_LOAD_BALANCER, of functions ingress_settings to "
    "ALLOW_INTERNAL_AND_GCLB; or, for Cloud Run, default_uri_disabled to True.",
    controls={
        "NIST 800-53 r5": ["SC-7"],
        "ISO 27001:2022": ["A.8.20"],
        "PCI DSS 4.0": ["1.4.2"],
    },
    aliases=("serverless-default-url-disabled",),
)
def serverless_ingress_restricted(subject: Serverless) -> Findings:
    """Serverless services behind a load balancer take requests from the load balancer only."""
    if not subject.open():
        return
    if not subject.behind_load_balancer():
        raise NotApplicable("no load balancer of this stack leads to it")
    yield subject.resource.finding(
        subject.path,
        expected="requests from the load balancer only",
        found="everybody may connect to the service's own URL, past Cloud Armor, Identity-Aware Proxy and the logs",
    )
