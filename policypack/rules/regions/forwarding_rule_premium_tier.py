"""Front ends of the Standard tier, where only the Premium tier works."""

from __future__ import annotations

from typing import TYPE_CHECKING

from policypack.gcp.types import ADDRESS, GLOBAL_ADDRESS
from policypack.model.resource import Resource
from policypack.rules.contract import Findings, NotApplicable, Severity, rule
from policypack.topology.load_balancing import Frontend

if TYPE_CHECKING:
    from policypack.model.graph import Target


@rule(
    severity=Severity.HIGH,
    subjects=(Frontend,),
    fix="Leave network_tier out of global front ends, or set it to PREMIUM; give a regional front end the tier of its "
    "address.",
    controls={"NIST 800-53 r5": ["CP-7", "CP-10"], "ISO 27001:2022": ["A.8.14"]},
    follows=(ADDRESS, GLOBAL_ADDRESS),
)
def forwarding_rule_premium_tier(frontend: Frontend) -> Findings:
    """Global front ends are of the Premium tier, regional ones of the tier of their address."""
    if frontend.is_global:
        # Left out, the provider computes it: unknown until it is deployed, but PREMIUM for sure.
        if frontend.resource.is_set("networkTier") and frontend.resource.text("networkTier") == "STANDARD":
            yield frontend.resource.finding(
                "networkTier", expected="PREMIUM, or left out", found="STANDARD: the address of one region"
            )
    else:
        yield from _regional(frontend)


def _regional(frontend: Frontend) -> Findings:
    """Judge a regional front end that names an address of this stack, where both say their tier."""
    own = frontend.resource
    if not own.is_set("networkTier"):
        raise NotApplicable("its tier is left to the project")
    if not own.is_set("ipAddress"):
        raise NotApplicable("it gets an address of its own tier")
    addresses = frontend.plane.graph.references(own, "ipAddress")
    tier = own.text("networkTier") or ""
    if not addresses.agree(lambda address: _same_tier(address, tier)):
        yield own.finding("networkTier", expected="the tier of its address", found=f"{tier}, and its address differs")


def _same_tier(address: Target, tier: str) -> bool:
    """Tell whether an address is of a tier; one that is outside the stack, or leaves it to the project, is let be."""
    if not isinstance(address, Resource) or address.type != ADDRESS or not address.is_set("networkTier"):
        return True
    return address.text("networkTier") == tier
