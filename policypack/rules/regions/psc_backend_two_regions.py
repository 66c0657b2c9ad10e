"""Regions behind Private Service Connect backends."""

from __future__ import annotations

from typing import Annotated

from policypack.rules.contract import Findings, NotApplicable, Param, Severity, Undecided, rule
from policypack.rules.regions._words import LEFT_TO_OTHERS, number, too_few
from policypack.topology.load_balancing import BackendKind, BackendService


@rule(
    severity=Severity.HIGH,
    subjects=(BackendService,),
    fix="Publish the service in a second region, with a load balancer and a service attachment there, and add a "
    "Private Service Connect NEG of that region to backends.",
    controls={"NIST 800-53 r5": ["CP-7", "CP-10"], "ISO 27001:2022": ["A.8.14"]},
)
def psc_backend_two_regions(
    service: BackendService,
    *,
    minimum: Annotated[int, Param("How many regions must serve.", minimum=1)] = 2,
) -> Findings:
    """Global backend services reach published services in two regions or more."""
    if not service.is_global:
        raise NotApplicable("it is regional: it serves from one region by its nature")
    kinds = service.kinds
    if BackendKind.PSC_NEG not in kinds.certain:
        if kinds.open or BackendKind.PSC_NEG in kinds.possible:
            raise kinds.why()
        raise NotApplicable("none of its backends is a Private Service Connect NEG")
    if not service.regions.at_least(minimum):
        if service.left_to_others:
            raise Undecided(service.resource.urn, "backends", LEFT_TO_OTHERS)
        yield service.resource.finding(
            "backends",
            expected=f"service attachments in {number(minimum)} regions",
            found=too_few(service.regions, minimum),
        )
