"""Services that only people with a login may reach."""

from __future__ import annotations

from typing import Annotated

from policypack.rules.contract import Findings, NotApplicable, Param, Severity, rule
from policypack.rules.edge._cached import ALL, must_be_listed
from policypack.topology.exposure import exposed
from policypack.topology.given import flag_given
from policypack.topology.load_balancing import BackendService


@rule(
    severity=Severity.MEDIUM,
    subjects=(BackendService,),
    fix='Set iap={"enabled": True}, and grant roles/iap.httpsResourceAccessor to those who may come in.',
    controls={"NIST 800-53 r5": ["AC-3", "AC-17"], "ISO 27001:2022": ["A.8.3"]},
    opt_in=True,
)
def iap_enabled_on_backend(
    service: BackendService,
    *,
    internal: Annotated[list[str], Param("Services for people of your own, by their names; * is any.")] = ALL,
) -> Findings:
    """Services for people of one's own that the internet reaches stand behind Identity-Aware Proxy."""
    must_be_listed(service.resource, internal)
    if flag_given(service.resource, "iap.enabled") is True:
        return
    if not exposed(service):
        raise NotApplicable("the internet does not reach it")
    if not service.application():
        raise NotApplicable("Identity-Aware Proxy knows HTTP only")
    yield service.resource.finding("iap.enabled", expected="true", found="off: everybody on the internet gets through")
