"""Envoy-based load balancers without a subnet for their proxies."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Final

from policypack.gcp import types as t
from policypack.model.graph import External
from policypack.model.records import dataclass
from policypack.rules.contract import Findings, Severity, Undecided, rule
from policypack.topology.compute import network_at
from policypack.topology.firewall_scope import only
from policypack.topology.proxy_subnets import CROSS_REGION, REGIONAL, proxy_only
from policypack.topology.serving import outside, own_region

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from policypack.model.graph import Target
    from policypack.rules.contract import Bounds, Resource
    from policypack.topology import Deployment
    from policypack.topology.load_balancing import Frontend

_PURPOSE: Final[Mapping[bool, str]] = {True: "GLOBAL_MANAGED_PROXY", False: "REGIONAL_MANAGED_PROXY"}
"""Whether a front end is global, to the purpose of the subnet that it needs."""


@dataclass(eq=False)
class ProxyPlace:
    """Front ends whose proxies need a subnet of one kind, in one region of one network.

    Attributes:
        frontend: The first of them, where the finding is.
    """

    types: ClassVar[tuple[str, ...]] = t.FORWARDING_RULES
    follows: ClassVar[tuple[str, ...]] = (t.NETWORK, t.SUBNETWORK)

    frontend: Frontend

    @property
    def resource(self) -> Resource:
        """The first front end."""
        return self.frontend.resource

    def where(self) -> tuple[Target, str]:
        """Give network and region.

        Raises:
            Undecided: They are not known.
        """
        network = network_at(self.frontend.plane.graph, self.resource)
        found = only(network)
        if found is None:
            raise network.why()
        return found, _region(self.frontend)

    @classmethod
    def subjects(cls, deployment: Deployment) -> Sequence[ProxyPlace]:
        """List every such place, sorted by URN. A front end of which not all is known is a place of its own."""
        places: dict[object, ProxyPlace] = {}
        for frontend in deployment.load_balancing.frontends:
            place = cls(frontend)
            try:
                if _needs_subnet(frontend):
                    places.setdefault((*place.where(), frontend.is_global), place)
            except Undecided:
                places[frontend] = place
        return tuple(places.values())


def _needs_subnet(frontend: Frontend) -> bool:
    scheme = frontend.scheme()
    return scheme == "INTERNAL_MANAGED" or (scheme == "EXTERNAL_MANAGED" and not frontend.is_global)


def _region(frontend: Frontend) -> str:
    """Give the region of a front end's address: that of its subnetwork, where it has none itself."""
    regions = _regions(frontend)
    if regions.exact and len(regions.certain) == 1:
        return next(iter(regions.certain))
    raise regions.why()


def _regions(frontend: Frontend) -> Bounds[str]:
    resource = frontend.resource
    if not frontend.is_global:
        return own_region(resource)
    subnetworks = frontend.plane.graph.references(resource, "subnetwork")
    if subnetworks.empty:
        raise Undecided(resource.urn, "subnetwork", "it is left out, so the region of its address is not known")

    def region(target: Target) -> Bounds[str]:
        if isinstance(target, External):
            raise outside(resource, "subnetwork", target)
        return own_region(target)

    return subnetworks.bounds(region)


@rule(
    severity=Severity.CRITICAL,
    subjects=(ProxyPlace,),
    fix="Add a Subnetwork with purpose REGIONAL_MANAGED_PROXY (GLOBAL_MANAGED_PROXY for a cross-region load balancer) "
    "and role ACTIVE to the network, in the region of the front end, and let the front end depend on it.",
    controls={"NIST 800-53 r5": ["CP-10"], "ISO 27001:2022": ["A.8.14"]},
)
def proxy_only_subnet_present(place: ProxyPlace) -> Findings:
    """Envoy-based load balancers have an active proxy-only subnet in the network and region of their front ends."""
    frontend = place.frontend
    _needs_subnet(frontend)  # or it is not known
    network, region = place.where()
    purposes = CROSS_REGION if frontend.is_global else REGIONAL
    found = proxy_only(frontend.plane.graph, network, region, frontend.resource, purposes)
    if found.subnets:
        return
    if found.unknown:
        raise found.unknown[0]
    if isinstance(network, External):
        raise Undecided(place.resource.urn, "network", f"the subnets of {network.text} are not managed by this stack")
    yield place.resource.finding(
        "network",
        expected=f"a subnet of it with purpose {_PURPOSE[frontend.is_global]} and role ACTIVE in {region}",
        found=f"network {network.name} has no such subnet there: the API refuses the front end",
    )
