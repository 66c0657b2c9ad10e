"""Times that cut each other off: draining and timeouts, tries and the whole."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Final

from policypack.rules.contract import Element, NotApplicable, Param, Severity, Undecided, rule
from policypack.rules.operations._route_actions import blocks_of_actions
from policypack.rules.operations._seconds import seconds_of
from policypack.topology.load_balancing import BackendKind, BackendService, UrlMap
from policypack.topology.reach import must_be_reached

if TYPE_CHECKING:
    from policypack.rules.contract import Findings

DRAIN: Final = "connectionDrainingTimeoutSec"
TIMEOUT: Final = "timeoutSec"
CONNECTIONS: Final = ("TCP", "SSL")
"""Protocols of proxies that know nothing of requests."""
DRAINED: Final = frozenset({BackendKind.INSTANCE_GROUP, BackendKind.ZONAL_NEG, BackendKind.HYBRID_NEG})
"""Kinds of backends that are taken away one by one, and drained first."""


@rule(
    severity=Severity.MEDIUM,
    subjects=(BackendService, UrlMap),
    fix="Let connection_draining_timeout_sec be as long as timeout_sec, and the timeout of a route as long as all its "
    "tries together.",
    controls={"NIST 800-53 r5": ["CP-10"], "ISO 27001:2022": ["A.8.14"]},
    opt_in=True,
)
def drain_and_timeout_consistent(
    subject: BackendService | UrlMap,
    *,
    longest: Annotated[
        int, Param("Timeouts above this, in seconds, are for streams, which no draining waits for.")
    ] = 300,
) -> Findings:
    """Requests and their retries have the time that the settings promise them."""
    must_be_reached(subject)
    if isinstance(subject, BackendService):
        yield from _service(subject, longest)
    else:
        yield from _url_map(subject)


def _service(service: BackendService, longest: int) -> Findings:
    if service.passthrough():
        raise NotApplicable("a passthrough load balancer has no timeout for requests")
    if service.protocol() in CONNECTIONS:
        raise NotApplicable("its timeout is that of silent connections, not of requests")
    kinds = service.kinds
    if not kinds.open and not kinds.possible & DRAINED:
        raise NotApplicable("its backends are not drained")
    resource = service.resource
    drain = resource.number(DRAIN) if resource.is_set(DRAIN) else 300
    if drain is None or not 0 < drain < longest:
        return  # whatever the timeout is
    timeout = resource.number(TIMEOUT) if resource.is_set(TIMEOUT) else 30
    if timeout is not None and drain < timeout <= longest:
        if not kinds.certain & DRAINED:
            raise kinds.why()
        yield resource.finding(
            DRAIN,
            expected=f"{timeout:g} or more, as long as a request may take",
            found=f"{drain:g}: longer requests are cut off whenever a machine is taken away",
        )


def _url_map(url_map: UrlMap) -> Findings:
    for policy in blocks_of_actions(url_map.resource, "retryPolicy"):
        try:
            if isinstance(policy, Undecided):
                raise policy
            yield from _tries(policy)
        except Undecided as unknown:
            yield unknown


def _tries(policy: Element) -> Findings:
    each = seconds_of(policy, "perTryTimeout")
    action = Element(policy.resource, policy.prefix.removesuffix(".retryPolicy"))
    whole = seconds_of(action, "timeout")
    if not each or not whole:
        return
    tries = 1 + (policy.number("numRetries") or 1)
    if tries * each > whole:
        yield policy.finding(
            "perTryTimeout",
            expected=f"{whole / tries:.3g} s or less, for {tries:g} tries within the {whole:g} s of the route",
            found=f"{each:g} s: the last try never gets its time",
        )
