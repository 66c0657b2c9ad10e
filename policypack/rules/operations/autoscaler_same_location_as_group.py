"""Autoscalers that look for their group where it is not."""

from __future__ import annotations

from typing import TYPE_CHECKING

from policypack.gcp.locations import region_of, region_of_zone, zone_of
from policypack.gcp.types import AUTOSCALER, INSTANCE_GROUP_MANAGER
from policypack.model.resource import Resource
from policypack.rules.contract import Findings, NotApplicable, Severity, Undecided, rule
from policypack.rules.operations._scaling import Scaler

if TYPE_CHECKING:
    from policypack.model.graph import External


@rule(
    severity=Severity.HIGH,
    subjects=(Scaler,),
    fix="Use an Autoscaler in the zone of an InstanceGroupManager, and a RegionAutoscaler in the region of a "
    "RegionInstanceGroupManager.",
    controls={"NIST 800-53 r5": ["CM-6"], "ISO 27001:2022": ["A.8.9"]},
)
def autoscaler_same_location_as_group(scaler: Scaler) -> Findings:
    """Autoscalers are in the zone or region of the group that they scale."""
    targets = scaler.targets
    if len(targets.certain) != 1:
        if targets.possible or targets.open:
            raise targets.why()
        raise NotApplicable("it names no group")
    group, own = next(iter(targets.certain)), scaler.resource
    name = group.name if isinstance(group, Resource) else "the group"
    there, zonal = _place(group) if isinstance(group, Resource) else _written(group, own)
    here, of_zone = _place(own)
    if zonal is not of_zone:
        expected = f"{'an Autoscaler' if zonal else 'a RegionAutoscaler'} for {name}"
        found = f"a {_word(of_zone)} autoscaler, and {name} is a {_word(zonal)} group"
        yield own.finding("target", expected=expected, found=found)
    elif _left_to_one_provider(own, group, "zone" if zonal else "region"):
        return
    elif here is None or there is None:
        raise next(_unknown(one) for one, place in ((own, here), (group, there)) if place is None)
    elif here != there:
        yield own.finding("zone" if zonal else "region", expected=f"{there}, where {name} is", found=here)


def _left_to_one_provider(scaler: Resource, group: Resource | External, name: str) -> bool:
    """Tell whether both are where their provider says, wherever that is."""
    if not isinstance(group, Resource) or scaler.is_set(name) or group.is_set(name):
        return False
    return scaler.provider.urn == group.provider.urn


def _word(zonal: bool) -> str:
    return "zonal" if zonal else "regional"


def _place(resource: Resource) -> tuple[str | None, bool]:
    """Give the zone or region of an autoscaler or group, None if it is unknown; and whether it is a zone."""
    zonal = resource.type in (AUTOSCALER, INSTANCE_GROUP_MANAGER)
    place = zone_of(resource) if zonal else region_of(resource)
    return place if isinstance(place, str) else None, zonal


def _written(group: External, scaler: Resource) -> tuple[str, bool]:
    """Read where a group of another stack is, off its URL.

    Raises:
        Undecided: The URL does not tell.
    """
    location = group.address.location if group.address is not None else None
    if location is None:
        raise Undecided(scaler.urn, "target", f"it refers to something outside this stack ({group.text})")
    return location, region_of_zone(location) is not None


def _unknown(resource: Resource | External) -> Undecided:
    urn = resource.urn if isinstance(resource, Resource) else ""
    zonal = isinstance(resource, Resource) and _place(resource)[1]
    name = "zone" if zonal else "region"
    return Undecided(urn, name, f"its {name} is not given here, nor by its provider")
