"""Floods of packets for machines that meet the internet themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from policypack.gcp import types as t
from policypack.model.logic import all_hold, any_of
from policypack.rules.contract import Findings, NotApplicable, Severity, Undecided, rule
from policypack.topology.load_balancing import Frontend
from policypack.topology.scopes import scope_of

if TYPE_CHECKING:
    from policypack.model.resource import Resource

_PROTECTION: Final = "ddosProtectionConfig.ddosProtection"
_PASSED_TO: Final = frozenset({*t.BACKEND_SERVICES, t.TARGET_POOL, t.TARGET_INSTANCE})
"""What external passthrough load balancers hand packets to."""


@rule(
    severity=Severity.MEDIUM,
    subjects=(Frontend,),
    fix="Make a RegionSecurityPolicy of type CLOUD_ARMOR_NETWORK with ddos_protection ADVANCED, and a "
    "NetworkEdgeSecurityService that names it, in each region with such a front end.",
    controls={"NIST 800-53 r5": ["SC-5"], "ISO 27001:2022": ["A.8.6"]},
    opt_in=True,
    follows=(t.NETWORK_EDGE_SECURITY_SERVICE, t.REGION_SECURITY_POLICY),
)
def network_edge_ddos_protection(frontend: Frontend) -> Findings:
    """Regions with external passthrough load balancers have advanced protection against floods of packets."""
    if frontend.is_global or not all_hold(lambda: frontend.scheme() == "EXTERNAL", lambda: _passes_packets(frontend)):
        raise NotApplicable("it is no external passthrough load balancer")
    services = frontend.plane.graph.of_type(t.NETWORK_EDGE_SECURITY_SERVICE)
    if not any_of(services, lambda service: _protects(service, frontend)):
        yield frontend.resource.finding(
            "loadBalancingScheme",
            expected="a network edge security service with advanced protection in this region",
            found="none: floods of packets are met with the protection that everybody has",
        )


def _passes_packets(frontend: Frontend) -> bool:
    target = frontend.target
    if target.empty or target.dangling:
        return False
    return target.agree(lambda one: one.type in _PASSED_TO)


def _protects(service: Resource, frontend: Frontend) -> bool:
    policies = frontend.plane.graph.references(service, "securityPolicy")
    return all_hold(
        lambda: scope_of(service) == scope_of(frontend.resource),
        lambda: _advanced(policies.resources().certain) or _doubt(policies.resources().exact, policies.unresolved),
    )


def _advanced(policies: frozenset[Resource]) -> bool:
    return any_of(policies, lambda policy: policy.text(_PROTECTION) == "ADVANCED")


def _doubt(exact: bool, unresolved: tuple[Undecided, ...]) -> bool:
    if not exact and unresolved:
        raise unresolved[0]
    return False
