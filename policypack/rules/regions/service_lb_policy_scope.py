"""Service load balancing policies in places where their backend service cannot use them."""

from __future__ import annotations

from typing import Final

from policypack.gcp.types import SERVICE_LB_POLICY
from policypack.rules.contract import Findings, NotApplicable, Severity, rule
from policypack.topology.load_balancing import BackendService
from policypack.topology.scopes import own_place_in_words, place_in_words, same_scope

PATH: Final = "serviceLbPolicy"


@rule(
    severity=Severity.HIGH,
    subjects=(BackendService,),
    fix='Make the policy with location="global" for a global backend service, with the region for a regional one.',
    controls={"NIST 800-53 r5": ["CM-6"], "ISO 27001:2022": ["A.8.9"]},
    follows=(SERVICE_LB_POLICY,),
)
def service_lb_policy_scope(service: BackendService) -> Findings:
    """Backend services name a service load balancing policy of their own scope: global, or their region."""
    policy = service.plane.graph.references(service.resource, PATH)
    if policy.empty:
        raise NotApplicable("it names no service load balancing policy")
    if policy.dangling:
        raise NotApplicable("its policy is named by a text that is no reference")
    if not policy.agree(lambda target: same_scope(service.resource, target, PATH)):
        yield service.resource.finding(
            PATH,
            expected=f"a policy that is {own_place_in_words(service.resource)}, as the service is",
            found=f"{place_in_words(policy)}: the API refuses it here",
        )
