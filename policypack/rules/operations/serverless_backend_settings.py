"""Settings of backend services that Google Cloud refuses before serverless endpoint groups."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from policypack.rules.contract import Findings, NotApplicable, Severity, Undecided, rule
from policypack.topology.load_balancing import BackendKind, BackendService

if TYPE_CHECKING:
    from policypack.rules.contract import Resource

_TIMEOUT: Final = "timeoutSec"
_USUAL_TIMEOUT: Final = 30
"""What a timeout is where nobody gives it."""
_PORT: Final = "portName"


@rule(
    severity=Severity.HIGH,
    subjects=(BackendService,),
    fix="Leave timeout_sec and port_name out. How long a request may take is set at the Cloud Run service or the "
    "function.",
    controls={"NIST 800-53 r5": ["CM-6"], "ISO 27001:2022": ["A.8.9"]},
)
def serverless_backend_settings(service: BackendService) -> Findings:
    """Backend services of serverless endpoint groups have neither a timeout nor a port name of their own."""
    resource, kinds = service.resource, service.kinds
    if not kinds.open and BackendKind.SERVERLESS_NEG not in kinds.possible:
        raise NotApplicable("it has no serverless backends")
    found = list(_refused(resource))
    if found and BackendKind.SERVERLESS_NEG not in kinds.certain:
        raise kinds.why()
    yield from found


def _refused(resource: Resource) -> Findings:
    if resource.is_set(_PORT) and resource.peek(_PORT) != "":
        yield resource.finding(_PORT, expected="no port name", found="set: serverless backends have no ports")
    try:
        if _has_timeout(resource):
            found = f"{resource.number(_TIMEOUT)}: the API refuses it, and the timeout of the backends counts"
            yield resource.finding(_TIMEOUT, expected="no timeout", found=found)
    except Undecided as unknown:
        yield unknown


def _has_timeout(resource: Resource) -> bool:
    """Tell whether it asks for a timeout that is not the usual one.

    Raises:
        Undecided: It is not known yet which one.
    """
    if not resource.is_set(_TIMEOUT):
        return False
    return resource.number(_TIMEOUT) not in {None, _USUAL_TIMEOUT}
