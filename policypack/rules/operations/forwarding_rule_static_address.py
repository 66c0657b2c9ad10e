"""Public front ends with an address that is theirs only as long as they exist."""

from __future__ import annotations

from policypack.rules.contract import Findings, NotApplicable, Severity, rule
from policypack.topology.load_balancing import Frontend


@rule(
    severity=Severity.MEDIUM,
    subjects=(Frontend,),
    fix="Reserve a GlobalAddress, or for a regional front end an Address, and set ip_address to its address.",
    controls={"NIST 800-53 r5": ["CP-7", "CP-10"], "ISO 27001:2022": ["A.8.14"]},
)
def forwarding_rule_static_address(frontend: Frontend) -> Findings:
    """Public front ends have an address that is reserved, and outlives them."""
    if not frontend.external():
        raise NotApplicable("clients on the internet do not reach it")
    if not frontend.resource.is_set("ipAddress"):
        frontend.kind()  # which says why, where it leads nowhere
        yield frontend.resource.finding(
            "ipAddress",
            expected="the address of a reserved GlobalAddress or Address",
            found="unset: it has another address after each replacement, and names in DNS lead to nothing",
        )
