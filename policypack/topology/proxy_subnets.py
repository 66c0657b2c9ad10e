"""Proxy-only subnets: where the proxies of Envoy-based load balancers connect to machines from.

Source, by title: "Proxy-only subnets for Envoy-based load balancers" of Google Cloud's load balancing documentation.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from policypack.gcp import types as t
from policypack.gcp.locations import region_of
from policypack.gcp.netranges import NOWHERE, RangeSet, parse_range
from policypack.model.logic import Undecided, all_of
from policypack.model.records import dataclass
from policypack.model.resource import KNOWN_AFTER_DEPLOYMENT
from policypack.model.values import Unknown
from policypack.topology.identity import names

if TYPE_CHECKING:
    from policypack.model.graph import Graph, Target
    from policypack.model.resource import Resource

CROSS_REGION: Final = frozenset({"GLOBAL_MANAGED_PROXY"})
"""Purpose of the subnets of cross-region internal load balancers."""

REGIONAL: Final = frozenset({"REGIONAL_MANAGED_PROXY", "INTERNAL_HTTPS_LOAD_BALANCER"})
"""Purposes of the subnets of regional load balancers; the second is the name it had at first."""


@dataclass(frozen=True)
class ProxyOnly:
    """The proxy-only subnets of one kind in one network.

    Attributes:
        ranges: Addresses of proxies, as far as they are known.
        subnets: The subnets that have them, be their ranges known or not.
        unknown: What would have to be known of the others; empty if there are none.
    """

    ranges: RangeSet = NOWHERE
    subnets: tuple[Resource, ...] = ()
    unknown: tuple[Undecided, ...] = ()


def proxy_only(
    graph: Graph,
    network: Target,
    region: str | None | Unknown,
    owner: Resource,
    purposes: frozenset[str] | None = None,
) -> ProxyOnly:
    """Find the subnets whose addresses the proxies of a load balancer have.

    Args:
        graph: The stack.
        network: The network of the load balancer.
        region: Its region; None for a cross-region one, whose proxies may be in any region.
        owner: The load balancer's backend service, or its front end.
        purposes: Purposes of the subnets, where the region does not tell: a cross-region load balancer in one region.
    """
    found, subnets, unknown = NOWHERE, [], []
    for subnet in graph.of_type(t.SUBNETWORK):
        try:
            if _serves(graph, subnet, network, region, owner, purposes):
                subnets.append(subnet)
                found |= _range(subnet)
        except Undecided as why:
            unknown.append(why)
    return ProxyOnly(found, tuple(subnets), tuple(unknown))


def _serves(
    graph: Graph,
    subnet: Resource,
    network: Target,
    region: str | None | Unknown,
    owner: Resource,
    purposes: frozenset[str] | None,
) -> bool:
    purposes = purposes or (CROSS_REGION if region is None else REGIONAL)
    questions: tuple[Callable[[], bool], ...] = (
        lambda: _purpose(subnet) in purposes,
        lambda: _role(subnet) != "BACKUP",
        functools.partial(_in_region, subnet, region, owner),
        lambda: names(graph.references(subnet, "network").targets(), network),
    )
    return all_of(questions, lambda question: question())


def _purpose(subnet: Resource) -> str | None:
    # What the program leaves out, the provider computes: a subnet for machines.
    return subnet.text("purpose") if subnet.is_set("purpose") else None


def _role(subnet: Resource) -> str | None:
    return subnet.text("role") if subnet.is_set("role") else None


def _in_region(subnet: Resource, region: str | None | Unknown, owner: Resource) -> bool:
    if region is None:
        return True
    own = region_of(subnet)
    for place, one in ((owner, region), (subnet, own)):
        if isinstance(one, Unknown):
            raise Undecided(place.urn, "region", KNOWN_AFTER_DEPLOYMENT)
    return own == region


def _range(subnet: Resource) -> RangeSet:
    text = subnet.text("ipCidrRange")
    network = parse_range(text) if text is not None else None
    if network is None:
        raise Undecided(subnet.urn, "ipCidrRange", "it is missing" if text is None else f"{text!r} is no range")
    return RangeSet.of(network)
