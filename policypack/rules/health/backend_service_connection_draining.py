"""Requests in progress on machines that leave."""

from __future__ import annotations

from typing import Annotated, Final

from policypack.rules.contract import Findings, FromParameter, NotApplicable, Param, Severity, rule
from policypack.topology.load_balancing import BackendKind, BackendService

PATH: Final = "connectionDrainingTimeoutSec"
UNDRAINED: Final = frozenset(
    {BackendKind.SERVERLESS_NEG, BackendKind.PSC_NEG, BackendKind.INTERNET_NEG, BackendKind.PORT_MAPPING_NEG}
)
"""Kinds of backends that do not leave one machine after the other."""


@rule(
    severity=Severity.MEDIUM,
    subjects=(BackendService,),
    fix="Set connection_draining_timeout_sec to the longest request that should still be answered, or leave it out.",
    remedy={PATH: FromParameter("minimum", 300)},
    controls={"NIST 800-53 r5": ["SC-5"], "ISO 27001:2022": ["A.8.14"]},
)
def backend_service_connection_draining(
    service: BackendService,
    *,
    minimum: Annotated[int, Param("Fewest seconds that requests in progress get.", minimum=1, maximum=3600)] = 1,
) -> Findings:
    """Requests in progress are finished when a machine leaves the load balancer."""
    # Left out, it is 300.
    seconds = service.resource.number(PATH) if service.resource.is_set(PATH) else None
    if seconds is None or seconds >= minimum:
        return
    kinds = service.kinds
    if not kinds.certain - UNDRAINED:
        if not kinds.exact:
            raise kinds.why()
        if kinds.certain:
            raise NotApplicable("its backends do not leave one machine after the other")
    yield service.resource.finding(
        PATH,
        expected=f"{minimum} or more",
        found=f"{seconds:g}: each update and each scaling down breaks requests off",
    )
