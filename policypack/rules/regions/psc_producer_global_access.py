"""Producers that a global load balancer reaches through Private Service Connect."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from policypack.gcp.types import (
    FORWARDING_RULE,
    LOAD_BALANCING,
    REGION_NETWORK_ENDPOINT_GROUP,
    SERVICE_ATTACHMENT,
)
from policypack.model.logic import Bounds, unite
from policypack.model.records import dataclass
from policypack.rules.contract import Findings, Resource, Severity, rule

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from policypack.model.graph import Graph
    from policypack.rules.contract import Undecided
    from policypack.topology import Deployment


@dataclass(eq=False)
class Producer:
    """A forwarding rule that a service attachment publishes, and that a global backend service may reach.

    Attributes:
        resource: The forwarding rule.
        consumers: Global backend services that reach it for sure.
        unknown: What would have to be known to say so, where none is sure.
    """

    types: ClassVar[tuple[str, ...]] = (FORWARDING_RULE,)
    follows: ClassVar[tuple[str, ...]] = LOAD_BALANCING

    resource: Resource
    consumers: list[Resource]
    unknown: Undecided | None = None

    @classmethod
    def subjects(cls, deployment: Deployment) -> Sequence[Producer]:
        """List every such forwarding rule of a deployment, sorted by URN."""
        found: dict[str, Producer] = {}
        for service in deployment.load_balancing.services:
            if not service.is_global:
                continue
            groups = service.groups.resources()
            attachments = _next(deployment.graph, groups, REGION_NETWORK_ENDPOINT_GROUP, "pscTargetService")
            published = _next(deployment.graph, attachments, SERVICE_ATTACHMENT, "targetService")
            for front in published.possible:
                if front.type != FORWARDING_RULE:
                    continue
                producer = found.setdefault(front.urn, cls(front, []))
                if front in published.certain:
                    producer.consumers.append(service.resource)
                else:
                    producer.unknown = producer.unknown or published.why()
        return tuple(found[urn] for urn in sorted(found))


def _next(graph: Graph, owners: Bounds[Resource], token: str, path: str) -> Bounds[Resource]:
    """Follow a property of what is, or may be, of a type."""
    certain = unite(_of(graph, owners.certain, token, path))
    possible = unite(_of(graph, owners.possible - owners.certain, token, path))
    return Bounds(
        certain=certain.certain,
        possible=certain.possible | possible.possible,
        open=owners.open or certain.open or possible.open,
        at_most=None,
        known=certain.known,
        unresolved=(*certain.unresolved, *possible.unresolved, *owners.unresolved),
    )


def _of(graph: Graph, owners: Iterable[Resource], token: str, path: str) -> list[Bounds[Resource]]:
    return [graph.references(owner, path).resources() for owner in owners if owner.type == token]


@rule(
    severity=Severity.CRITICAL,
    subjects=(Producer,),
    fix="Set allow_global_access=True on the forwarding rule, before its service attachment is made: on a rule that is "
    "there it cannot be changed.",
    remedy={"allowGlobalAccess": True},
    controls={"NIST 800-53 r5": ["CP-7", "CP-10"], "ISO 27001:2022": ["A.8.14"]},
)
def psc_producer_global_access(producer: Producer) -> Findings:
    """Regional load balancers that a global one reaches through Private Service Connect have global access."""
    if producer.resource.flag("allowGlobalAccess") is True:
        return
    if not producer.consumers and producer.unknown is not None:
        raise producer.unknown
    names = ", ".join(f"`{consumer.name}`" for consumer in producer.consumers)
    yield producer.resource.finding(
        "allowGlobalAccess",
        expected="true",
        found=f"{'false' if producer.resource.is_set('allowGlobalAccess') else 'unset'}: {names}, which is global, "
        "cannot reach it from other regions",
    )
