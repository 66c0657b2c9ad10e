"""Backends that are mostly ill, and go on getting their share."""

from __future__ import annotations

from typing import Final

from policypack.gcp.types import SERVICE_LB_POLICY
from policypack.model.graph import External
from policypack.rules.contract import Findings, NotApplicable, Resource, Severity, rule
from policypack.topology.load_balancing import BackendKind, BackendService
from policypack.topology.serving import outside

PATH: Final = "serviceLbPolicy"
DRAIN: Final = "autoCapacityDrain.enable"
DRAINED: Final = frozenset({BackendKind.INSTANCE_GROUP, BackendKind.ZONAL_NEG})
"""Kinds of backends that can be drained so."""


@rule(
    severity=Severity.MEDIUM,
    subjects=(BackendService,),
    fix="Name a ServiceLbPolicies with auto_capacity_drain enabled in service_lb_policy of the backend service.",
    controls={"NIST 800-53 r5": ["CP-7", "CP-10"], "ISO 27001:2022": ["A.8.14"]},
    opt_in=True,
    yields_to=("service-lb-policy-scope",),
    follows=(SERVICE_LB_POLICY,),
)
def service_lb_policy_auto_drain(service: BackendService) -> Findings:
    """Global backend services leave backends that are mostly ill, by a policy that drains them."""
    if not service.is_global or service.scheme() not in {"EXTERNAL_MANAGED", "INTERNAL_MANAGED"}:
        raise NotApplicable("its load balancer knows no other region to go to, or no such policy")
    kinds = service.kinds
    if not DRAINED & kinds.certain:
        if kinds.open or DRAINED & kinds.possible:
            raise kinds.why()
        raise NotApplicable("backends of its kinds are not drained so")
    if not service.regions.at_least(2):
        raise NotApplicable("it serves from one region")
    policy = service.plane.graph.references(service.resource, PATH)
    if policy.empty:
        yield service.resource.finding(
            PATH, expected="a policy that drains", found="unset: a group of which most is ill keeps its share"
        )
    elif not policy.dangling and not policy.agree(lambda target: _drains(service, target)):
        yield service.resource.finding(PATH, expected="a policy that drains", found=f"one without {DRAIN}")


def _drains(service: BackendService, target: Resource | External) -> bool:
    if isinstance(target, External):
        raise outside(service.resource, PATH, target)
    return target.flag(DRAIN) is True
