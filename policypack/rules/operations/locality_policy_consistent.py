"""Session affinity and hashing that have no effect, since a setting beside them says otherwise."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from policypack.gcp.types import BACKEND_SERVICE
from policypack.rules.contract import NotApplicable, Severity, rule
from policypack.topology.load_balancing import BackendService
from policypack.topology.reach import must_be_reached

if TYPE_CHECKING:
    from policypack.rules.contract import Findings, Resource

POLICY: Final = "localityLbPolicy"
AFFINITY: Final = "sessionAffinity"
HASHING: Final = ("RING_HASH", "MAGLEV")
"""Policies by which the same request comes to the same backend."""
PINNED: Final[Mapping[str, str]] = {
    "HTTP_COOKIE": "consistentHash.httpCookie",
    "HEADER_FIELD": "consistentHash.httpHeaderName",
    "STRONG_COOKIE_AFFINITY": "strongSessionAffinityCookie",
}
"""Kinds of affinity, to the setting that says what they go by."""
BY_HASH: Final = ("HTTP_COOKIE", "HEADER_FIELD")
"""Kinds of affinity that a hash brings about."""


@rule(
    severity=Severity.LOW,
    subjects=(BackendService,),
    fix="Set locality_lb_policy to RING_HASH or MAGLEV where requests are to stay together, and say by what; else "
    "leave consistent_hash out.",
    controls={"NIST 800-53 r5": ["CM-6"], "ISO 27001:2022": ["A.8.9"]},
)
def locality_policy_consistent(service: BackendService) -> Findings:
    """Session affinity and the policy that spreads requests go together."""
    must_be_reached(service)
    if service.passthrough():
        raise NotApplicable("a passthrough load balancer has no such policy")
    resource = service.resource
    policy = resource.text(POLICY) if resource.is_set(POLICY) else None
    affinity = resource.text(AFFINITY) if resource.is_set(AFFINITY) else None
    # With an affinity, what is left out is MAGLEV.
    by_affinity = policy is None and affinity not in (None, "NONE")
    hashing = policy in HASHING or by_affinity or _has_list(resource)
    if resource.is_set("consistentHash") and not hashing:
        found = f"{policy or 'unset'}: consistentHash has no effect"
        yield resource.finding(POLICY, expected="RING_HASH or MAGLEV, with consistentHash", found=found)
        return
    if affinity in BY_HASH and policy is not None and policy not in HASHING:
        found = f"{policy}: the affinity {affinity} has no effect"
        yield resource.finding(POLICY, expected="RING_HASH or MAGLEV, with such an affinity", found=found)
        return
    if affinity is not None and (needed := PINNED.get(affinity)) and not resource.is_set(needed):
        yield resource.finding(needed, expected=f"what {affinity} goes by", found="unset")
        return
    if policy in HASHING and affinity in (None, "NONE") and not _hashes(resource):
        found = f"{policy}, with no affinity and nothing to hash: requests are spread as by chance"
        yield resource.finding(POLICY, expected="an affinity or consistentHash beside it", found=found)


def _hashes(resource: Resource) -> bool:
    return resource.is_set("consistentHash") or _has_list(resource)


def _has_list(resource: Resource) -> bool:
    """Tell whether several policies are listed: the first that a client knows counts, and may hash."""
    return resource.type == BACKEND_SERVICE and resource.is_set("localityLbPolicies[0]")
