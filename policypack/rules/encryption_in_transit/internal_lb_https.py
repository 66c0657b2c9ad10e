"""Internal front ends that talk plain HTTP with their clients."""

from __future__ import annotations

from policypack.rules.contract import Findings, NotApplicable, Severity, rule
from policypack.rules.encryption_in_transit.lb_no_plain_http_frontend import plain_http_faults
from policypack.topology.load_balancing import Frontend, FrontendKind


@rule(
    severity=Severity.MEDIUM,
    subjects=(Frontend,),
    fix="Serve on a target HTTPS proxy with a certificate of Certificate Manager, which also issues those of internal "
    "names; keep port 80 for a redirect, or leave it out.",
    controls={
        "NIST 800-53 r5": ["SC-8"],
        "ISO 27001:2022": ["A.5.14", "A.8.24"],
        "PCI DSS 4.0": ["4.2.1"],
    },
    yields_to=("lb-no-plain-http-frontend",),
)
def internal_lb_https(frontend: Frontend) -> Findings:
    """Internal application load balancers serve nothing over plain HTTP."""
    if frontend.target.dangling:
        raise NotApplicable("its target names nothing")
    kind = frontend.kind()
    if kind is FrontendKind.HTTPS:
        return
    if kind is not FrontendKind.HTTP:
        raise NotApplicable("it does not speak HTTP with its clients")
    if frontend.scheme() != "INTERNAL_MANAGED":
        raise NotApplicable("it belongs to no internal application load balancer")
    yield from plain_http_faults(frontend)
