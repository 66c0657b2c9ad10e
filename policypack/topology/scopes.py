"""Whether two things that belong together lie in the same place: global, or one region."""

from __future__ import annotations

from typing import TYPE_CHECKING

from policypack.gcp.locations import GLOBAL, is_global, is_region, location_of, region_of, region_of_zone
from policypack.gcp.schemes import SCHEMES, Scope
from policypack.model.graph import External
from policypack.model.logic import Undecided
from policypack.model.resource import KNOWN_AFTER_DEPLOYMENT, Resource
from policypack.topology.serving import outside

if TYPE_CHECKING:
    from policypack.model.graph import References, Target

_PLACE_UNKNOWN = "its region is not given here, nor by its provider"


def scope_of(resource: Resource) -> str:
    """Give the place of a resource: `global`, or its region (for what is zonal, the region of its zone).

    Raises:
        Undecided: The region is unknown.
    """
    if is_global(resource.type):
        return GLOBAL
    if _may_be_either(resource.type):
        location = location_of(resource)
        if location is None:
            raise Undecided(resource.urn, "location", KNOWN_AFTER_DEPLOYMENT)
        return location
    region = region_of(resource)
    if not isinstance(region, str):
        raise Undecided(resource.urn, "region", _PLACE_UNKNOWN)
    return region


def same_scope(owner: Resource, target: Target, path: str) -> bool:
    """Tell whether what a property refers to lies where its owner does.

    Two regional resources that both leave their region to the same provider lie together, wherever that is.

    Args:
        owner: The resource that refers.
        target: What it refers to.
        path: The property.

    Raises:
        Undecided: One of the places is unknown.
    """
    owner_is_global = scope_of(owner) == GLOBAL if _may_be_either(owner.type) else is_global(owner.type)
    if isinstance(target, External):
        return _external_scope(owner, target, path, owner_is_global)
    if _may_be_either(target.type):
        place = scope_of(target)
        if place == GLOBAL or owner_is_global:
            return place == GLOBAL and owner_is_global
        return scope_of(owner) == place
    if owner_is_global or is_global(target.type):
        return owner_is_global and is_global(target.type)
    if _left_to_provider(owner) and _left_to_provider(target) and owner.provider.urn == target.provider.urn:
        return True
    return scope_of(owner) == scope_of(target)


def place_in_words(references: References) -> str:
    """Name what a property refers to, or may refer to, and where that lies: "`proxy` is of region europe-west1"."""
    targets = references.known or references.candidates
    return " or ".join(_one_place(target) for target in targets) or "it"


def own_place_in_words(resource: Resource) -> str:
    """Say where a resource lies: "global" or "of region europe-west1"."""
    try:
        place = scope_of(resource)
    except Undecided:
        return "regional"
    return "global" if place == GLOBAL else f"of region {place}"


def _one_place(target: Target) -> str:
    if isinstance(target, Resource):
        return f"`{target.name}` is {own_place_in_words(target)}"
    location = target.address.location if target.address is not None else None
    if location is None:
        return f"`{target.text}` is {'global' if target.type and is_global(target.type) else 'regional'}"
    return f"`{target.text}` is {'global' if location == GLOBAL else f'of region {_region(location) or location}'}"


def _may_be_either(type_token: str | None) -> bool:
    """Tell whether things of a type lie in a location that the program gives: `global`, or a region."""
    scheme = SCHEMES.get(type_token or "")
    return scheme is not None and scheme.scope is Scope.LOCATION


def _left_to_provider(resource: Resource) -> bool:
    if resource.blank:
        return False
    return resource.properties.get("region") is None and resource.properties.get("zone") is None


def _external_scope(owner: Resource, target: External, path: str, owner_is_global: bool) -> bool:
    location = target.address.location if target.address is not None else None
    if location is None:
        if _may_be_either(target.type):
            raise outside(owner, path, target)
        if target.type is not None and owner_is_global != is_global(target.type):
            return False
        if target.type is not None and owner_is_global:
            return True
        raise outside(owner, path, target)
    if location == GLOBAL or owner_is_global:
        return location == GLOBAL and owner_is_global
    region = _region(location)
    if region is None:
        raise outside(owner, path, target)
    return region == scope_of(owner)


def _region(location: str) -> str | None:
    return region_of_zone(location) or (location if is_region(location) else None)
