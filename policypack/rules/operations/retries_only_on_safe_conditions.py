"""Requests that are sent twice although the first was perhaps carried out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from policypack.rules.contract import Element, Severity, Undecided, any_of, rule
from policypack.rules.operations._route_actions import blocks_of_actions
from policypack.topology.load_balancing import UrlMap
from policypack.topology.reach import must_be_reached

if TYPE_CHECKING:
    from policypack.rules.contract import Findings

UNSAFE: Final = frozenset({"5xx", "gateway-error", "reset", "retriable-4xx", "deadline-exceeded", "internal"})
"""Conditions under which a backend may have done the work already."""
IDEMPOTENT: Final = frozenset({"GET", "HEAD", "OPTIONS", "PUT", "DELETE", "TRACE"})
METHOD: Final = ":method"


@rule(
    severity=Severity.MEDIUM,
    subjects=(UrlMap,),
    fix="Retry on connect-failure, refused-stream and unavailable; give requests that may be repeated a route rule of "
    "their own, which matches the header :method.",
    controls={"NIST 800-53 r5": ["CM-6"], "ISO 27001:2022": ["A.8.9"]},
    opt_in=True,
)
def retries_only_on_safe_conditions(url_map: UrlMap) -> Findings:
    """Requests that may have been carried out are not sent again, unless that does no harm."""
    must_be_reached(url_map)
    for policy in blocks_of_actions(url_map.resource, "retryPolicy"):
        try:
            if isinstance(policy, Undecided):
                raise policy
            yield from _judged(policy)
        except Undecided as unknown:
            yield unknown


def _judged(policy: Element) -> Findings:
    conditions = policy.elements("retryConditions") if policy.is_set("retryConditions") else []
    if not any_of(conditions, lambda condition: condition.text("") in UNSAFE) or _repeatable(policy):
        return
    named = [text for condition in conditions if isinstance(text := condition.peek(), str) and text in UNSAFE]
    yield policy.finding(
        "retryConditions",
        expected="connect-failure, refused-stream or unavailable, or a route for repeatable requests only",
        found=f"{', '.join(named)}: an order may be placed twice",
    )


def _repeatable(policy: Element) -> bool:
    """Tell whether every request that the route takes can be repeated: each of its matches asks for such a method."""
    rule_, dot, _ = policy.prefix.partition(".routeAction.")
    if not dot or ".routeRules[" not in rule_:
        return False
    matches = Element(policy.resource, rule_).elements("matchRules")
    return bool(matches) and not any_of(matches, lambda match: not _asks_for_method(match))


def _asks_for_method(match: Element) -> bool:
    headers = match.elements("headerMatches") if match.is_set("headerMatches") else []
    return any_of(headers, _is_method)


def _is_method(header: Element) -> bool:
    if header.text("headerName") != METHOD or (header.text("exactMatch") or "") not in IDEMPOTENT:
        return False
    return not (header.is_set("invertMatch") and header.flag("invertMatch"))
