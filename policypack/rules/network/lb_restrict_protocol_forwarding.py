"""Front ends that send everything to one machine."""

from __future__ import annotations

from typing import Annotated, Final

from policypack.gcp.types import TARGET_INSTANCE
from policypack.rules.contract import Findings, NotApplicable, Param, Severity, rule
from policypack.topology.load_balancing import Frontend

_ALLOWED: Final = ["INTERNAL"]


@rule(
    severity=Severity.MEDIUM,
    subjects=(Frontend,),
    fix="Put a backend service with a health check and a group in two zones or more behind the front end.",
    controls={"NIST 800-53 r5": ["CP-10", "SC-7"], "ISO 27001:2022": ["A.8.14"]},
    opt_in=True,
)
def lb_restrict_protocol_forwarding(
    frontend: Frontend,
    *,
    allowed: Annotated[
        list[str],
        Param("Schemes with which a front end may lead to a single machine.", choices=("INTERNAL", "EXTERNAL")),
    ] = _ALLOWED,
) -> Findings:
    """Front ends lead to a load balancer, and to a single machine only with schemes of a list."""
    target = frontend.target
    if target.empty or target.dangling:
        raise NotApplicable("it names no target")
    if not target.agree(lambda one: one.type == TARGET_INSTANCE):
        raise NotApplicable("it does not lead to a single machine")
    scheme = frontend.scheme()
    if scheme not in allowed:
        yield frontend.resource.finding(
            target.path,
            expected="a target proxy or a backend service",
            found=f"one target instance, with scheme {scheme}: what comes in goes to one machine, healthy or not",
        )
