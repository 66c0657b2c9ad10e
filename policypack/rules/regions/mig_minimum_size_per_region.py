"""Regions that hang on a single machine."""

from __future__ import annotations

from typing import Annotated

from policypack.gcp.types import AUTOSCALERS
from policypack.rules.contract import Findings, NotApplicable, Param, Severity, Undecided, rule
from policypack.rules.regions._words import LEFT_TO_OTHERS
from policypack.topology.capacity import smallest_sizes
from policypack.topology.load_balancing import BackendService


@rule(
    severity=Severity.MEDIUM,
    subjects=(BackendService,),
    fix="Set min_replicas of the autoscaler (or target_size) so that every region runs two machines or more.",
    controls={"NIST 800-53 r5": ["CP-7", "CP-10"], "ISO 27001:2022": ["A.8.14"]},
    yields_to=("backend-service-two-regions",),
    follows=AUTOSCALERS,
)
def mig_minimum_size_per_region(
    service: BackendService,
    *,
    minimum: Annotated[int, Param("How many machines every serving region must run at the least.", minimum=1)] = 2,
) -> Findings:
    """Every region behind a global backend service runs two machines or more."""
    if not service.is_global:
        raise NotApplicable("it is regional: it serves from one region by its nature")
    if service.left_to_others:
        raise Undecided(service.resource.urn, "backends", LEFT_TO_OTHERS)
    sizes = smallest_sizes(service)
    if len(sizes) < 2:
        raise NotApplicable("it serves from fewer than two regions")
    small = {region: size for region, size in sorted(sizes.items()) if size < minimum}
    if small:
        yield service.resource.finding(
            "backends",
            expected=f"{minimum} machines or more in every region",
            found=", ".join(f"{size:g} in {region}" for region, size in small.items()),
        )
