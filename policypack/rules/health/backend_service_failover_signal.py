"""What takes a failing region out of service where Google Cloud probes nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from policypack.gcp.types import REGION_COMPOSITE_HEALTH_CHECK, REGION_NETWORK_ENDPOINT_GROUP, SERVICE_ATTACHMENT
from policypack.model.resource import Resource
from policypack.rules.contract import Findings, NotApplicable, Severity, all_of, rule
from policypack.topology.load_balancing import BackendKind, BackendService
from policypack.topology.serving import own_region, serving_regions

if TYPE_CHECKING:
    from policypack.model.graph import Graph, Target
    from policypack.model.logic import Bounds

UNPROBED: Final = frozenset({BackendKind.SERVERLESS_NEG, BackendKind.PSC_NEG})


@rule(
    severity=Severity.HIGH,
    subjects=(BackendService,),
    fix="Set outlier_detection on the global backend service, with enforcing_consecutive_errors=100; or, for Private "
    "Service Connect, give every producer a RegionCompositeHealthCheck.",
    controls={"NIST 800-53 r5": ["CP-7", "CP-10"], "ISO 27001:2022": ["A.8.14"]},
    aliases=("serverless-backend-outlier-detection", "health-aggregation-for-regional-failover"),
    follows=(REGION_COMPOSITE_HEALTH_CHECK,),
)
def backend_service_failover_signal(service: BackendService) -> Findings:
    """Global backend services notice that a region fails, also where its backends cannot be probed."""
    if not service.is_global:
        raise NotApplicable("it is regional: there is no other region to go to")
    kinds = service.kinds
    unprobed = UNPROBED & kinds.certain
    if not unprobed:
        if kinds.open or UNPROBED & kinds.possible:
            raise kinds.why()
        raise NotApplicable("its backends are probed, or are no regions")
    if service.scheme() != "EXTERNAL_MANAGED":
        raise NotApplicable("with this scheme it is no global external load balancer")
    if not service.groups.bounds(lambda target: _region(service, target)).at_least(2):
        raise NotApplicable("it serves from one region, so there is no other to go to")
    if service.resource.is_set("outlierDetection"):
        return
    if BackendKind.SERVERLESS_NEG not in unprobed and _producers_tell(service):
        return
    yield service.resource.finding(
        "outlierDetection",
        expected="outlier detection, which takes a failing region out",
        found="unset: a region that fails goes on getting its share of the requests",
    )


def _region(service: BackendService, target: Target) -> Bounds[str]:
    """Give the region of a group: its own, for a producer may be of another stack."""
    if isinstance(target, Resource):
        return own_region(target)
    return serving_regions(target, service.resource, service.plane)


def _producers_tell(service: BackendService) -> bool:
    """Tell whether every producer has composite health, as far as producers are of this stack.

    Raises:
        NotApplicable: A producer is of another stack: what it tells is not seen from here.
    """
    graph = service.plane.graph
    told = {
        front.urn
        for check in graph.of_type(REGION_COMPOSITE_HEALTH_CHECK)
        for front in graph.references(check, "healthDestination").resources().possible
    }
    groups = service.groups.resources()
    connected = [group for group in groups.certain if group.type == REGION_NETWORK_ENDPOINT_GROUP]
    return all_of(sorted(connected, key=lambda one: one.urn), lambda group: _told(graph, group, told))


def _told(graph: Graph, group: Resource, told: set[str]) -> bool:
    attachments = graph.references(group, "pscTargetService").resources()
    fronts = {
        front
        for attachment in attachments.certain
        if attachment.type == SERVICE_ATTACHMENT
        for front in graph.references(attachment, "targetService").resources().certain
    }
    if not fronts:
        raise NotApplicable("a producer is not of this stack: whether it tells its health is not seen from here")
    return any(front.urn in told for front in fronts)
