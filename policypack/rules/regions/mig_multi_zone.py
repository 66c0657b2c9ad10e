"""Zones behind managed instance groups and the services that they stand behind."""

from __future__ import annotations

from typing import TYPE_CHECKING

from policypack.gcp.locations import last_part, region_of_zone, zone_of
from policypack.gcp.types import (
    INSTANCE_GROUP,
    INSTANCE_GROUP_MANAGER,
    INSTANCE_GROUP_MANAGERS,
    NETWORK_ENDPOINT_GROUP,
    REGION_INSTANCE_GROUP_MANAGER,
)
from policypack.model.graph import External
from policypack.model.resource import KNOWN_AFTER_DEPLOYMENT, Resource
from policypack.rules.contract import Bounds, Findings, NotApplicable, Severity, Undecided, rule
from policypack.rules.regions._words import LEFT_TO_OTHERS
from policypack.topology.load_balancing import BackendService
from policypack.topology.serving import outside

if TYPE_CHECKING:
    from policypack.model.graph import Target

ZONES = "distributionPolicyZones"
SHAPE = "distributionPolicyTargetShape"
ZONAL = frozenset({INSTANCE_GROUP, INSTANCE_GROUP_MANAGER, NETWORK_ENDPOINT_GROUP})
"""Groups that are bound to one zone."""


@rule(
    severity=Severity.HIGH,
    subjects=(REGION_INSTANCE_GROUP_MANAGER, BackendService),
    fix="Use a RegionInstanceGroupManager and leave distribution_policy_zones to Google, or name two zones or more; or "
    "put zonal groups of different zones behind the service.",
    controls={"NIST 800-53 r5": ["CP-10"], "ISO 27001:2022": ["A.8.14"]},
    yields_to=("backend-service-two-regions",),
)
def mig_multi_zone(subject: Resource | BackendService) -> Findings:
    """Managed instance groups behind a load balancer spread over two zones or more."""
    if isinstance(subject, BackendService):
        yield from _service(subject)
    else:
        yield from _regional_group(subject)


def _regional_group(group: Resource) -> Findings:
    if group.is_set(ZONES) and not _two_zones(group):
        yield group.finding(
            ZONES, expected="two zones or more", found="a single zone: the whole group is down when the zone is"
        )
    elif group.is_set(SHAPE) and group.text(SHAPE) == "ANY_SINGLE_ZONE":
        yield group.finding(
            SHAPE,
            expected="EVEN, BALANCED or ANY",
            found="ANY_SINGLE_ZONE: all instances are put into one zone, and are down when it is",
        )


def _two_zones(group: Resource) -> bool:
    """Tell whether a list of zones names two that differ; a single one does not, whichever it is."""
    zones = group.elements(ZONES)
    known = {last_part(zone) for zone in (element.peek() for element in zones) if isinstance(zone, str)}
    return len(known) > 1 or (len(zones) > 1 and len({last_part(zone.text("") or "") for zone in zones}) > 1)


def _service(service: BackendService) -> Findings:
    groups = service.groups
    if not any(isinstance(one, Resource) and one.type in INSTANCE_GROUP_MANAGERS for one in _named(service)):
        if groups.targets().open:
            raise groups.targets().why()
        raise NotApplicable("no managed instance group of this stack stands behind it")
    zones = groups.bounds(lambda target: _zones(target, service))
    if not zones.at_least(2):
        if service.left_to_others:
            raise Undecided(service.resource.urn, "backends", LEFT_TO_OTHERS)
        where = f", {next(iter(zones.possible))}" if len(zones.possible) == 1 else ""
        yield service.resource.finding(
            "backends",
            expected="groups in two zones, or a regional group",
            found=f"zonal groups in one zone{where}: the service is down when the zone is",
        )


def _named(service: BackendService) -> tuple[Target, ...]:
    return (*service.groups.known, *service.groups.candidates)


def _zones(target: Target, service: BackendService) -> Bounds[str]:
    """Give the zones of a group; what is not bound to one zone counts as two, whatever they are called."""
    if isinstance(target, External):
        location = target.address.location if target.address is not None else None
        if location is None:
            return Bounds.anything(outside(service.resource, "backends", target))
        return Bounds.exactly(location) if region_of_zone(location) else _several(location)
    if target.type not in ZONAL:
        return _several(target.urn)
    zone = zone_of(target)
    if not isinstance(zone, str):
        return Bounds.anything(Undecided(target.urn, "zone", KNOWN_AFTER_DEPLOYMENT))
    return Bounds.exactly(zone)


def _several(name: str) -> Bounds[str]:
    return Bounds.exactly(f"{name} (1)", f"{name} (2)")
