"""Which regions serve what is sent to a backend."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from policypack.gcp import types as t
from policypack.gcp.locations import GLOBAL, is_region, region_of, region_of_zone
from policypack.model.graph import External, urn_name
from policypack.model.logic import Bounds, Undecided
from policypack.model.resource import KNOWN_AFTER_DEPLOYMENT, PROPERTIES_MISSING, Resource
from policypack.model.values import Unknown, reveal
from policypack.topology.kinds import BackendKind, backend_kind_of

if TYPE_CHECKING:
    from policypack.model.graph import Target
    from policypack.topology.load_balancing import LoadBalancing

_NO_REGION: Final = frozenset({BackendKind.INTERNET_NEG})


def serving_regions(target: Target, owner: Resource, plane: LoadBalancing) -> Bounds[str]:
    """Give the regions that serve what is sent to a group.

    The group's own location counts, never its name. An internet endpoint group serves no region. A Private Service
    Connect group is followed through its service attachment into the producer's load balancer; where the producer is
    not of this stack, the group's own region counts, since attachment and group lie in one region.

    Args:
        target: What a backend names.
        owner: The backend service, for the reason where nothing can be known.
        plane: The load balancers of the deployment.
    """
    if isinstance(target, External):
        return _external_regions(target, owner)
    try:
        kind = backend_kind_of(target)
    except Undecided as why:
        return Bounds.anything(why)
    if kind in _NO_REGION:
        return Bounds.exactly()
    if kind is BackendKind.PSC_NEG:
        return _producer_regions(target, plane)
    return own_region(target)


def own_region(resource: Resource) -> Bounds[str]:
    """Give the region a resource lies in, as a set of one member; nothing for what is global."""
    region = region_of(resource)
    if region is None:
        return Bounds.exactly()
    if isinstance(region, str):
        return Bounds.exactly(region)
    reason = PROPERTIES_MISSING if resource.blank else "its region is not given here, nor by its provider"
    if any(isinstance(reveal(resource.provider.inputs.get(name)), Unknown) for name in ("zone", "region")):
        reason = "its region is that of its provider, which is known only after deployment"
    for name in () if resource.blank else ("zone", "region"):
        if resource.properties.get(name) is not None:
            return Bounds.anything(Undecided(resource.urn, name, KNOWN_AFTER_DEPLOYMENT))
    return Bounds.anything(Undecided(resource.urn, "region", reason))


def outside(owner: Resource, path: str, target: External) -> Undecided:
    """Say that what a property refers to is not of this stack."""
    name = urn_name(target.text) if target.text.startswith("urn:") else target.text
    return Undecided(owner.urn, path, f"it refers to something outside this stack ({name})")


def _external_regions(target: External, owner: Resource) -> Bounds[str]:
    why = outside(owner, "backends", target)
    location = target.address.location if target.address else None
    if location is None:
        return Bounds.anything(why)
    if location == GLOBAL:
        return Bounds.exactly()
    region = region_of_zone(location) or (location if is_region(location) else None)
    if region is None:
        return Bounds.anything(why)
    if target.type == t.REGION_NETWORK_ENDPOINT_GROUP:
        # It may be an internet endpoint group, which serves no region.
        return Bounds(possible=frozenset({region}), at_most=1, unresolved=(why,))
    return Bounds.exactly(region)


def _producer_regions(group: Resource, plane: LoadBalancing) -> Bounds[str]:
    attachments = plane.graph.references(group, "pscTargetService")
    if attachments.empty or attachments.dangling:
        return Bounds.exactly()
    if not any(isinstance(target, Resource) for target in (*attachments.known, *attachments.candidates)):
        return own_region(group)
    return attachments.bounds(
        lambda target: own_region(group) if isinstance(target, External) else _attachment_regions(target, plane)
    )


def _attachment_regions(attachment: Resource, plane: LoadBalancing) -> Bounds[str]:
    producers = plane.graph.references(attachment, "targetService")
    if producers.whole or producers.empty or producers.dangling:
        return Bounds.anything(producers.unresolved[0]) if producers.whole else Bounds.exactly()
    if not any(isinstance(target, Resource) for target in (*producers.known, *producers.candidates)):
        return own_region(attachment)
    return producers.bounds(
        lambda target: (
            own_region(attachment)
            if isinstance(target, External) or target.type not in t.FORWARDING_RULES
            else plane.frontend(target).regions
        )
    )
