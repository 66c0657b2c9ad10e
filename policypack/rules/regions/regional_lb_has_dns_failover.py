"""Regional load balancers that no DNS record joins with one of another region."""

from __future__ import annotations

from typing import Final

from policypack.gcp.types import ADDRESS, DNS_RECORD_SET, SERVICE_ATTACHMENT
from policypack.model.values import Unknown
from policypack.rules.contract import Findings, NotApplicable, Severity, any_of, rule
from policypack.rules.regions._answers import PLAIN, POLICY, front_ends, joins
from policypack.topology.load_balancing import Frontend, FrontendKind

SERVES: Final = frozenset(
    {FrontendKind.HTTPS, FrontendKind.HTTP, FrontendKind.TCP, FrontendKind.SSL, FrontendKind.PASSTHROUGH}
)


@rule(
    severity=Severity.HIGH,
    subjects=(Frontend,),
    fix="Give the addresses of the load balancers of all regions in one RecordSet with a routing policy (geos or "
    "primary_backup) and checked targets; or use a global load balancer.",
    controls={"NIST 800-53 r5": ["CP-7", "CP-10"], "ISO 27001:2022": ["A.8.14"]},
    opt_in=True,
    follows=(DNS_RECORD_SET, ADDRESS, SERVICE_ATTACHMENT),
)
def regional_lb_has_dns_failover(frontend: Frontend) -> Findings:
    """Regional load balancers are joined with those of other regions by a DNS record that leaves a lost one."""
    if frontend.is_global:
        raise NotApplicable("it is global: its address is everywhere")
    if frontend.kind() not in SERVES:
        raise NotApplicable("it is no load balancer of this stack")
    graph = frontend.plane.graph
    resource = frontend.resource
    if any(path == "targetService" for _, path in graph.referrers.get(resource.urn, ())):
        raise NotApplicable("it is published: its clients come through Private Service Connect")
    records = graph.of_type(DNS_RECORD_SET)
    named = [record for record in records if resource in front_ends(graph, record)]
    if any_of(named, joins):
        return
    for record in records:
        if isinstance(record.peek(POLICY), Unknown) and record not in named:
            record.text(POLICY)  # which says why it is not known
    plain = [record.name for record in records if resource in front_ends(graph, record, PLAIN)]
    yield resource.finding(
        "ipAddress",
        expected="a DNS record with a routing policy over regions that points here",
        found=f"`{plain[0]}` gives this address alone"
        if plain
        else "none: its clients are lost with its region",
    )
