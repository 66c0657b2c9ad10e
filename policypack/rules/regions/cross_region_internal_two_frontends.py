"""Cross-region internal load balancers whose addresses all lie in one region."""

from __future__ import annotations

from typing import TYPE_CHECKING

from policypack.gcp.types import SUBNETWORK
from policypack.model.graph import External
from policypack.model.logic import unite
from policypack.rules.contract import Bounds, Findings, NotApplicable, Severity, Undecided, rule
from policypack.rules.regions._words import number
from policypack.topology.load_balancing import Frontend
from policypack.topology.serving import outside, own_region

if TYPE_CHECKING:
    from policypack.model.graph import Target


@rule(
    severity=Severity.HIGH,
    subjects=(Frontend,),
    fix="Add a GlobalForwardingRule with a subnetwork in a second region, and let DNS answer with both addresses.",
    controls={"NIST 800-53 r5": ["CP-7", "CP-10"], "ISO 27001:2022": ["A.8.14"]},
    follows=(SUBNETWORK,),
)
def cross_region_internal_two_frontends(frontend: Frontend) -> Findings:
    """Cross-region internal load balancers have front ends in two regions or more."""
    if not frontend.is_global or frontend.scheme() != "INTERNAL_MANAGED":
        raise NotApplicable("it is no front end of a cross-region internal load balancer")
    services = frontend.services
    if not services.certain:
        raise services.why() if services.open or services.possible else NotApplicable("it reaches no backend service")
    together = unite(service.frontends for service in services.certain)
    alike = {one for one in together.certain if one.is_global and one.scheme() == "INTERNAL_MANAGED"}
    ordered = sorted(alike | {frontend}, key=lambda one: one.resource.urn)
    if ordered[0] is not frontend:
        raise NotApplicable(f"it is judged together with {ordered[0].resource.name}")
    regions = unite(map(_regions, ordered))
    if len(regions.certain) >= 2:
        return
    if together.open or together.possible - together.certain:
        raise together.why()
    if not regions.at_least(2):
        where = f", {next(iter(regions.possible))}" if len(regions.possible) == 1 else ""
        yield frontend.resource.finding(
            "subnetwork",
            expected="front ends in two regions",
            found=f"{number(len(ordered))} in one region{where}: no client gets through when it is down",
        )


def _regions(frontend: Frontend) -> Bounds[str]:
    """Give the region of a front end's address: that of its subnetwork."""
    rule_itself = frontend.resource
    subnetworks = frontend.plane.graph.references(rule_itself, "subnetwork")
    if subnetworks.empty:
        return Bounds.anything(Undecided(rule_itself.urn, "subnetwork", "it is left out"))

    def region(target: Target) -> Bounds[str]:
        if not isinstance(target, External):
            return own_region(target)
        location = target.address.location if target.address is not None else None
        return Bounds.exactly(location) if location else Bounds.anything(outside(rule_itself, "subnetwork", target))

    return subnetworks.bounds(region)
