"""Regions that one disaster, or one government, can take together."""

from __future__ import annotations

from typing import Annotated

from policypack.gcp.locations import REGIONS
from policypack.rules.contract import Bounds, Findings, NotApplicable, Param, Severity, Undecided, rule
from policypack.rules.regions._words import LEFT_TO_OTHERS
from policypack.topology.load_balancing import BackendService


@rule(
    severity=Severity.MEDIUM,
    subjects=(BackendService,),
    fix="Add a region in another country or on another continent, as is asked for.",
    controls={"NIST 800-53 r5": ["CP-7", "CP-10"], "ISO 27001:2022": ["A.8.14"]},
    opt_in=True,
    yields_to=("backend-service-two-regions",),
)
def regions_failure_domain_spread(
    service: BackendService,
    *,
    countries: Annotated[int, Param("In how many countries regions must serve.", minimum=1)] = 2,
    continents: Annotated[int, Param("On how many continents regions must serve.", minimum=1)] = 1,
) -> Findings:
    """Global backend services are served from several countries, or continents, as is asked for."""
    if not service.is_global:
        raise NotApplicable("it is regional: it serves from one region by its nature")
    regions = service.regions
    if not regions.possible and not regions.open:
        raise NotApplicable("it reaches no serving region")
    unlisted = sorted(name for name in regions.possible if name not in REGIONS)
    if unlisted:
        raise Undecided(service.resource.urn, "backends", f"where {unlisted[0]} lies is not known here")
    where = ", ".join(sorted(regions.possible))
    for wanted, what, there in (
        (countries, "countries", regions.map(lambda name: REGIONS[name].country)),
        (continents, "continents", regions.map(lambda name: REGIONS[name].continent)),
    ):
        yield from _judge(service, wanted, what, there, where)


def _judge(service: BackendService, wanted: int, what: str, there: Bounds[str], where: str) -> Findings:
    if not there.at_least(wanted):
        if service.left_to_others:
            raise Undecided(service.resource.urn, "backends", LEFT_TO_OTHERS)
        found = ", ".join(sorted(there.possible))
        yield service.resource.finding(
            "backends", expected=f"regions in {wanted} {what}", found=f"regions in {found} alone ({where})"
        )
