"""Regions that could not carry the load of one that is lost."""

from __future__ import annotations

from typing import Annotated

from policypack.gcp.types import AUTOSCALERS, SERVICE_ATTACHMENT
from policypack.rules.contract import Findings, Level, NotApplicable, Param, Severity, Undecided, rule
from policypack.rules.regions._words import LEFT_TO_OTHERS
from policypack.topology.capacity import capacity_by_region
from policypack.topology.load_balancing import BackendService


@rule(
    severity=Severity.HIGH,
    # Advisory: a small second region that is grown by hand in an emergency is a choice that some make knowingly.
    level=Level.ADVISORY,
    subjects=(BackendService,),
    fix="Give the groups of all regions about the same max_replicas (or target_size) and rate per instance, so that "
    "those that remain can carry the load of any one.",
    controls={"NIST 800-53 r5": ["CP-2(2)", "SC-5"], "ISO 27001:2022": ["A.8.6", "A.8.14"]},
    aliases=("region-capacity-balanced", "autoscaler-headroom"),
    yields_to=("backend-service-two-regions", "backend-takes-traffic"),
    follows=(*AUTOSCALERS, SERVICE_ATTACHMENT),
)
def capacity_survives_region_loss(
    service: BackendService,
    *,
    share: Annotated[
        float, Param("The share of the whole capacity that must remain, from 0 to 1.", minimum=0, maximum=1)
    ] = 0.4,
    peak: Annotated[
        float, Param("The peak load of each service, in its own unit (requests/s); 0 if not declared.", minimum=0)
    ] = 0.0,
    utilisation: Annotated[
        float, Param("How far an instance may be used, from 0 to 1; for the peak.", minimum=0, maximum=1)
    ] = 0.8,
) -> Findings:
    """When any one region is lost, those that remain can carry the load."""
    if not service.is_global:
        raise NotApplicable("it is regional: it serves from one region by its nature")
    if service.left_to_others:
        raise Undecided(service.resource.urn, "backends", LEFT_TO_OTHERS)
    capacity, unit = capacity_by_region(service)
    if len(capacity) < 2:
        raise NotApplicable("it serves from fewer than two regions")
    lost = max(sorted(capacity), key=lambda region: capacity[region])
    left = sum(capacity.values()) - capacity[lost]
    said = ", ".join(f"{amount:g} in {region}" for region, amount in sorted(capacity.items()))
    if left < share * sum(capacity.values()):
        yield service.resource.finding(
            "backends",
            expected=f"{share:.0%} of the capacity left when any one region is lost",
            found=f"{left:g} of {sum(capacity.values()):g} {unit} without {lost} ({said})",
        )
    elif peak and left * utilisation < peak:
        yield service.resource.finding(
            "backends",
            expected=f"capacity for the peak of {peak:g} when any one region is lost",
            found=f"{left * utilisation:g} {unit} without {lost}, at {utilisation:.0%} utilisation ({said})",
        )
