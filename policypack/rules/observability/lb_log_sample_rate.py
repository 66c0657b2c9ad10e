"""Logs of load balancers that hold too little of what happened."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Final

from policypack.rules.contract import FromParameter, NotApplicable, Param, Severity, rule
from policypack.rules.observability._services import must_log
from policypack.topology.load_balancing import BackendService

if TYPE_CHECKING:
    from policypack.rules.contract import Findings

PATH: Final = "logConfig.sampleRate"


@rule(
    severity=Severity.MEDIUM,
    subjects=(BackendService,),
    fix="Set sample_rate above 0, to 1.0 if every request is to be found in the log.",
    remedy={PATH: FromParameter("minimum", 1.0)},
    controls={"NIST 800-53 r5": ["AU-12"], "ISO 27001:2022": ["A.8.15"]},
)
def lb_log_sample_rate(
    service: BackendService,
    *,
    minimum: Annotated[float, Param("Smallest share of the requests that is logged.", minimum=0, maximum=1)] = 0.001,
) -> Findings:
    """Backend services that log do so with a share of the requests that is of use."""
    must_log(service)
    resource = service.resource
    if not resource.is_set("logConfig") or resource.flag("logConfig.enable") is not True:
        raise NotApplicable("it logs nothing")
    if not resource.is_set(PATH):
        return
    rate = resource.number(PATH)
    if rate is not None and rate < minimum:
        found = "0: either nothing is logged, or all, as the provider does not send a 0" if rate == 0 else f"{rate:g}"
        yield resource.finding(PATH, expected=f"{minimum:g} or more", found=found)
