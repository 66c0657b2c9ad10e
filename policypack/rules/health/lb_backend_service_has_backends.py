"""Backend services with something behind them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from policypack.gcp.types import BACKEND_SERVICES
from policypack.rules.contract import NotApplicable, Severity, rule
from policypack.topology.forwarding import WHY, forwards_dynamically

if TYPE_CHECKING:
    from policypack.rules.contract import Findings, Resource


@rule(
    severity=Severity.HIGH,
    subjects=BACKEND_SERVICES,
    fix="Give backends the instance groups or network endpoint groups that serve the requests.",
    controls={"NIST 800-53 r5": ["CP-10"], "ISO 27001:2022": ["A.8.14"]},
)
def lb_backend_service_has_backends(service: Resource) -> Findings:
    """Backend services have backends."""
    if service.elements("backends"):
        return
    if any(path.split("[")[0] == "backends" for path in service.options.ignore_changes):
        raise NotApplicable("its backends are left to something outside the stack (ignore_changes)")
    if forwards_dynamically(service):
        raise NotApplicable(WHY)
    yield service.finding("backends", expected="one backend or more", found="no backends")
