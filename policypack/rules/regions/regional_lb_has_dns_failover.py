"""Regional load balancers that no DNS record joins with one of another region."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Final

from policypack.gcp.types import ADDRESS, DNS_RECORD_SET, FORWARDING_RULE, LOAD_BALANCING
from policypack.model.records import dataclass
from policypack.rules.contract import Findings, NotApplicable, Severity, any_of, rule
from policypack.rules.regions._answers import PLAIN, front_ends_in_doubt, joins, records_by_front_end
from policypack.topology.load_balancing import FrontendKind

if TYPE_CHECKING:
    from collections.abc import Sequence

    from policypack.rules.contract import Resource, Undecided
    from policypack.topology import Deployment
    from policypack.topology.load_balancing import Frontend

SERVES: Final = frozenset(
    {FrontendKind.HTTPS, FrontendKind.HTTP, FrontendKind.TCP, FrontendKind.SSL, FrontendKind.PASSTHROUGH}
)


@dataclass(eq=False)
class RegionalFrontend:
    """A forwarding rule of a region, and the DNS records that point at its address.

    Attributes:
        frontend: The front end.
        joined: Records with a routing policy.
        plain: Records that always give the same answer.
        doubt: Why one with a routing policy may point here unseen.
    """

    types: ClassVar[tuple[str, ...]] = (FORWARDING_RULE,)
    follows: ClassVar[tuple[str, ...]] = (DNS_RECORD_SET, ADDRESS, *LOAD_BALANCING)

    frontend: Frontend
    joined: Sequence[Resource]
    plain: Sequence[Resource]
    doubt: Undecided | None

    @property
    def resource(self) -> Resource:
        """The forwarding rule."""
        return self.frontend.resource

    @classmethod
    def subjects(cls, deployment: Deployment) -> Sequence[RegionalFrontend]:
        """List every regional front end, sorted by URN."""
        graph = deployment.graph
        joined, plain = records_by_front_end(graph), records_by_front_end(graph, PLAIN)
        doubts = front_ends_in_doubt(graph)
        return [
            cls(frontend, joined.get(urn := frontend.resource.urn, ()), plain.get(urn, ()), doubts.get(urn))
            for frontend in deployment.load_balancing.frontends
            if frontend.resource.type == FORWARDING_RULE
        ]


@rule(
    severity=Severity.HIGH,
    subjects=(RegionalFrontend,),
    fix="Give the addresses of the load balancers of all regions in one RecordSet with a routing policy (geos or "
    "primary_backup) and checked targets; or use a global load balancer.",
    controls={"NIST 800-53 r5": ["CP-7", "CP-10"], "ISO 27001:2022": ["A.8.14"]},
    opt_in=True,
)
def regional_lb_has_dns_failover(regional: RegionalFrontend) -> Findings:
    """Regional load balancers are joined with those of other regions by a DNS record that leaves a lost one."""
    frontend, resource = regional.frontend, regional.resource
    if frontend.kind() not in SERVES:
        raise NotApplicable("it is no load balancer of this stack")
    if any(path == "targetService" for _, path in frontend.plane.graph.referrers(resource)):
        raise NotApplicable("it is published: its clients come through Private Service Connect")
    if any_of(regional.joined, joins):
        return
    if regional.doubt is not None:
        raise regional.doubt
    yield resource.finding(
        "ipAddress",
        expected="a DNS record with a routing policy over regions that points here",
        found=f"`{regional.plain[0].name}` gives this address alone"
        if regional.plain
        else "none: its clients are lost with its region",
    )
