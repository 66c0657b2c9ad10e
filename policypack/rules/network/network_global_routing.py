"""Networks whose routes to other places do not leave the region where they arrive."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from policypack.gcp import types as t
from policypack.gcp.locations import region_of
from policypack.model.records import dataclass
from policypack.rules.contract import Findings, NotApplicable, Resource, Severity, Undecided, rule
from policypack.topology.identity import names
from policypack.topology.kinds import BackendKind, backend_kind_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from policypack.model.graph import Graph
    from policypack.topology import Deployment

_LINKS = (t.VPN_TUNNEL, t.INTERCONNECT_ATTACHMENT)


@dataclass(eq=False)
class LinkedNetwork:
    """A network, and what links it to other places.

    Attributes:
        resource: The network.
        graph: The stack.
    """

    types: ClassVar[tuple[str, ...]] = (t.NETWORK,)
    follows: ClassVar[tuple[str, ...]] = (t.ROUTER, *_LINKS, t.NETWORK_ENDPOINT_GROUP, *t.BACKEND_SERVICES)

    resource: Resource
    graph: Graph

    @classmethod
    def subjects(cls, deployment: Deployment) -> Sequence[LinkedNetwork]:
        """List every network of a stack, sorted by URN."""
        return tuple(cls(network, deployment.graph) for network in deployment.graph.of_type(t.NETWORK))

    def links(self) -> set[str]:
        """Give the regions where VPN tunnels and attachments of an interconnect end.

        Raises:
            Undecided: One of them is unknown.
        """
        found: set[str] = set()
        for link in self.graph.of_type(*_LINKS):
            routers = self.graph.references(link, "router").resources()
            if not routers.exact:
                raise routers.why()
            found |= {_region(router) for router in routers.certain if self._holds(router)}
        return found

    def hybrid(self) -> tuple[frozenset[str], Undecided | None]:
        """Give the regions of its hybrid endpoint groups that are backends, and why there may be others."""
        found: set[str] = set()
        doubt: Undecided | None = None
        for group in self.graph.of_type(t.NETWORK_ENDPOINT_GROUP):
            if not any(owner.type in t.BACKEND_SERVICES for owner, _ in self.graph.referrers(group)):
                continue
            try:
                if backend_kind_of(group) is BackendKind.HYBRID_NEG and self._holds(group):
                    found.add(_region(group))
            except Undecided as unknown:
                doubt = doubt or unknown
        return frozenset(found), doubt

    def routes_everywhere(self) -> bool:
        """Tell whether routes are known in all regions. Left out, the mode is what the provider computes: regional."""
        return self.resource.is_set("routingMode") and self.resource.text("routingMode") == "GLOBAL"

    def _holds(self, resource: Resource) -> bool:
        return names(self.graph.references(resource, "network").targets(), self.resource)


@rule(
    severity=Severity.HIGH,
    subjects=(LinkedNetwork,),
    fix='Set routing_mode="GLOBAL" on the network, or end a tunnel or an attachment in every region with hybrid '
    "endpoints.",
    remedy={"routingMode": "GLOBAL"},
    controls={"NIST 800-53 r5": ["CP-7", "CP-10"], "ISO 27001:2022": ["A.8.14"]},
)
def network_global_routing(network: LinkedNetwork) -> Findings:
    """Hybrid backends in regions without a link of their own have routes from the regions that have one."""
    regions, doubt = network.hybrid()
    try:
        links = network.links() if regions or doubt else set()
    except Undecided:
        if network.routes_everywhere():
            return
        raise
    if not links:
        raise NotApplicable("it has no hybrid backends, or no links to other places in this stack")
    far = sorted(regions - links)
    if (not far and doubt is None) or network.routes_everywhere():
        return
    if far:
        mode = network.resource.text("routingMode") if network.resource.is_set("routingMode") else "REGIONAL"
        yield network.resource.finding(
            "routingMode",
            expected="GLOBAL",
            found=f"{mode}: hybrid backends in {', '.join(far)} have no route, which is in {', '.join(sorted(links))}",
        )
    if doubt is not None:
        yield doubt


def _region(resource: Resource) -> str:
    region = region_of(resource)
    if not isinstance(region, str):
        raise Undecided(resource.urn, "region", "its region is not given here, nor by its provider")
    return region
