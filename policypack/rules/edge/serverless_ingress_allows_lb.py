"""Serverless services that refuse what their load balancer sends them."""

from __future__ import annotations

from policypack.rules.contract import Findings, NotApplicable, Severity, rule
from policypack.rules.edge._serverless import INTERNAL, Serverless
from policypack.topology.exposure import exposed


@rule(
    severity=Severity.CRITICAL,
    subjects=(Serverless,),
    fix="Set ingress to INGRESS_TRAFFIC_INTERNAL_LOAD_BALANCER, of functions ingress_settings to "
    "ALLOW_INTERNAL_AND_GCLB, of the older Cloud Run resource the annotation to internal-and-cloud-load-balancing.",
    controls={"NIST 800-53 r5": ["CM-6"], "ISO 27001:2022": ["A.8.9"]},
)
def serverless_ingress_allows_lb(subject: Serverless) -> Findings:
    """Serverless services behind an external load balancer take the requests that it sends them."""
    if subject.ingress() not in INTERNAL:
        return
    if not subject.behind(exposed):
        raise NotApplicable("no external load balancer of this stack leads to it")
    yield subject.resource.finding(
        subject.path,
        expected="internal requests, and those of load balancers",
        found="internal requests only: everything that comes through the external load balancer is refused",
    )
