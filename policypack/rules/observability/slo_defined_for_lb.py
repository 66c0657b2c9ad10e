"""Load balancers of which nobody has said how well they are to serve."""

from __future__ import annotations

from typing import TYPE_CHECKING

from policypack.gcp.types import SLO
from policypack.rules.contract import Severity, rule
from policypack.rules.observability._watched import Watched

if TYPE_CHECKING:
    from policypack.rules.contract import Findings


@rule(
    severity=Severity.LOW,
    subjects=(Watched,),
    fix="Add a gcp.monitoring.Slo for the service, with a goal that its users agree to.",
    controls={"NIST 800-53 r5": ["SI-4"], "ISO 27001:2022": ["A.8.16"]},
    opt_in=True,
)
def slo_defined_for_lb(watched: Watched) -> Findings:
    """A stack with a load balancer says how well it is to serve."""
    if not watched.deployment.graph.of_type(SLO):
        yield watched.resource.finding("", expected="a service level objective", found="none in this stack")
