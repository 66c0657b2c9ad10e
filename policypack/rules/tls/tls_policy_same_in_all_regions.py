"""SSL policies of the regions that serve one load balancer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from policypack.gcp import types as t
from policypack.model.records import dataclass
from policypack.model.resource import Resource
from policypack.rules.contract import Bounds, Findings, NotApplicable, Severity, Undecided, rule
from policypack.topology.load_balancing import BackendService

if TYPE_CHECKING:
    from policypack.model.graph import Graph, Target

CHAIN: Final = (
    ((t.BACKEND_SERVICE,), "backends[].group"),
    ((t.REGION_NETWORK_ENDPOINT_GROUP,), "pscTargetService"),
    ((t.SERVICE_ATTACHMENT,), "targetService"),
    ((t.FORWARDING_RULE,), "target"),
    ((t.REGION_TARGET_HTTPS_PROXY,), "sslPolicy"),
)
"""The way from a global service to the policies of its regions: types of each step, and the property to the next."""


@rule(
    severity=Severity.MEDIUM,
    subjects=(BackendService,),
    fix="Make the SSL policies of all regions in one place, with the same profile and min_tls_version.",
    controls={"NIST 800-53 r5": ["SC-8"], "ISO 27001:2022": ["A.8.24"], "PCI DSS 4.0": ["4.2.1"]},
    follows=(*t.SSL_POLICIES,),
)
def tls_policy_same_in_all_regions(service: BackendService) -> Findings:
    """Regions that one load balancer sends requests to end TLS with policies that are alike."""
    if not service.is_global:
        raise NotApplicable("it serves one region")
    policies = _Walk(service.plane.graph).from_step(0, service.resource)
    if not policies.open and len(policies.possible) < 2:
        raise NotApplicable("no two regions behind it have policies of their own")
    alike: dict[tuple[str, str], list[str]] = {}
    unknown: list[Undecided] = []
    for policy in sorted(policies.certain, key=lambda one: one.urn):
        try:
            demands = (policy.text("minTlsVersion") or "TLS_1_0", policy.text("profile") or "COMPATIBLE")
            alike.setdefault(demands, []).append(policy.name)
        except Undecided as why:
            unknown.append(why)
    if len(alike) > 1:
        said = "; ".join(f"{' and '.join(names)}: {', '.join(demands)}" for demands, names in alike.items())
        yield service.resource.finding(
            "backends", expected="the same oldest version and profile in every region", found=said
        )
    elif unknown:
        yield unknown[0]
    elif policies.open or policies.possible != policies.certain:
        yield policies.why()


@dataclass(frozen=True)
class _Walk:
    graph: Graph

    def from_step(self, step: int, target: Target) -> Bounds[Resource]:
        """Give the SSL policies at the end of the way; what lies outside the stack has none that is seen."""
        if not isinstance(target, Resource):
            return Bounds()
        if step == len(CHAIN):
            return Bounds.exactly(target) if target.type in t.SSL_POLICIES else Bounds()
        types, path = CHAIN[step]
        if target.type not in types:
            return Bounds()
        return self.graph.references(target, path).bounds(lambda found: self.from_step(step + 1, found))
