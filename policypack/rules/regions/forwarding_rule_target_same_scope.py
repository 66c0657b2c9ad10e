"""Forwarding rules and targets in different places."""

from __future__ import annotations

from policypack.gcp.locations import is_global
from policypack.gcp.types import GLOBAL_PROXIES, SERVICE_ATTACHMENT
from policypack.model.graph import External, Target
from policypack.rules.contract import Findings, NotApplicable, Severity, Undecided, rule
from policypack.topology.load_balancing import Frontend
from policypack.topology.scopes import own_place_in_words, place_in_words, same_scope


@rule(
    severity=Severity.CRITICAL,
    subjects=(Frontend,),
    fix="Let a GlobalForwardingRule target a global proxy, and a ForwardingRule a proxy, backend service or service "
    "attachment of its own region.",
    controls={"NIST 800-53 r5": ["CM-6"], "ISO 27001:2022": ["A.8.9"]},
)
def forwarding_rule_target_same_scope(frontend: Frontend) -> Findings:
    """Global forwarding rules lead to global targets, regional ones to targets of their region."""
    target = frontend.target
    if target.empty or target.dangling:
        raise NotApplicable("it names no target")
    if frontend.targets_google_apis:
        raise NotApplicable("it leads to Google's own APIs")
    if not target.agree(lambda one: _fits(frontend, one)):
        yield frontend.resource.finding(
            target.path,
            expected=f"a target that is {own_place_in_words(frontend.resource)}, as the forwarding rule is",
            found=f"{place_in_words(target)}: the API refuses it here",
        )


def _fits(frontend: Frontend, target: Target) -> bool:
    if same_scope(frontend.resource, target, frontend.target.path):
        return True
    if frontend.is_global:
        if target.type == SERVICE_ATTACHMENT:
            raise Undecided(
                frontend.resource.urn,
                frontend.target.path,
                "whether a global endpoint may lead to a service attachment is not known",
            )
        return False
    return _standard_tier(frontend, target)


def _standard_tier(frontend: Frontend, target: Target) -> bool:
    """Tell whether this is a classic load balancer of the Standard tier: a regional rule before a global proxy."""
    to_proxy = target.type in GLOBAL_PROXIES or (
        isinstance(target, External) and target.type is not None and is_global(target.type)
    )
    if not to_proxy or frontend.scheme() != "EXTERNAL":
        return False
    tier = frontend.resource.text("networkTier")
    if tier is None:
        raise Undecided(frontend.resource.urn, "networkTier", "it is left to the project, which is not seen here")
    return tier == "STANDARD"
