"""Load balancers that keep no record of what they answered."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from policypack.rules.contract import Severity, rule
from policypack.rules.observability._services import must_log
from policypack.topology.load_balancing import BackendService

if TYPE_CHECKING:
    from policypack.rules.contract import Findings

PATH: Final = "logConfig.enable"


@rule(
    severity=Severity.MEDIUM,
    subjects=(BackendService,),
    fix="Set log_config to enable=True, and to a sample_rate that you can pay for.",
    remedy={PATH: True},
    controls={
        "CIS GCP 4.0": ["2.16"],
        "CIS GCP 5.0": ["2.17"],
        "NIST 800-53 r5": ["AU-2", "AU-12"],
        "ISO 27001:2022": ["A.8.15", "A.8.16"],
        "PCI DSS 4.0": ["10.2.1"],
    },
    aliases=("armor-backend-logging-enabled", "cdn-logging-enabled"),
)
def lb_logging_enabled(service: BackendService) -> Findings:
    """Backend services of proxy load balancers log the requests that they answer."""
    must_log(service)
    resource = service.resource
    # The provider computes what is left out, and computes that nothing is logged.
    if resource.is_set("logConfig") and resource.flag(PATH) is True:
        return
    found = "false" if resource.is_set("logConfig") and resource.is_set(PATH) else "unset: nothing is logged"
    yield resource.finding(PATH, expected="true", found=found + _besides(service))


def _besides(service: BackendService) -> str:
    resource = service.resource
    if resource.peek("securityPolicy") is not None:
        return ", also not what Cloud Armor denies"
    if service.is_global and resource.peek("enableCdn") is True:
        return ", also not what the cache answers"
    return ""
