"""Serverless services that answer beside their load balancer."""

from __future__ import annotations

from policypack.model.logic import all_hold
from policypack.rules.contract import Findings, NotApplicable, Severity, rule
from policypack.rules.edge._serverless import OPEN, Serverless
from policypack.topology.exposure import reached


@rule(
    severity=Severity.HIGH,
    subjects=(Serverless,),
    fix="Set ingress to INGRESS_TRAFFIC_INTERNAL_LOAD_BALANCER, of functions ingress_settings to "
    "ALLOW_INTERNAL_AND_GCLB; or, for Cloud Run, default_uri_disabled to True.",
    controls={
        "NIST 800-53 r5": ["SC-7"],
        "ISO 27001:2022": ["A.8.20"],
        "PCI DSS 4.0": ["1.4.2"],
    },
    aliases=("serverless-default-url-disabled",),
)
def serverless_ingress_restricted(subject: Serverless) -> Findings:
    """Serverless services behind a load balancer take requests from the load balancer only."""
    if not all_hold(lambda: subject.ingress() in {None, *OPEN}, subject.has_url):
        return
    if not subject.behind(reached):
        raise NotApplicable("no load balancer of this stack leads to it")
    yield subject.resource.finding(
        subject.path,
        expected="requests from the load balancer only",
        found="everybody may connect to the service's own URL, past Cloud Armor, Identity-Aware Proxy and the logs",
    )
