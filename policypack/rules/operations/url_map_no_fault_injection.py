"""URL maps that answer some requests with a fault made on purpose."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from policypack.rules.contract import Severity, Undecided, rule
from policypack.rules.operations._route_actions import blocks_of_actions
from policypack.topology.load_balancing import UrlMap
from policypack.topology.reach import must_be_reached

if TYPE_CHECKING:
    from policypack.rules.contract import Element, Findings

WAYS: Final[Mapping[str, str]] = {"abort": "get an error", "delay": "are held back"}


@rule(
    severity=Severity.HIGH,
    subjects=(UrlMap,),
    fix="Take fault_injection_policy out of the route: try faults in a stack that serves nobody.",
    controls={"NIST 800-53 r5": ["CM-6"], "ISO 27001:2022": ["A.8.9"]},
)
def url_map_no_fault_injection(url_map: UrlMap) -> Findings:
    """URL maps put no faults into requests."""
    must_be_reached(url_map)
    for policy in blocks_of_actions(url_map.resource, "faultInjectionPolicy"):
        if isinstance(policy, Undecided):
            yield policy
        else:
            for way in WAYS:
                yield from _judged(policy, way)


def _judged(policy: Element, way: str) -> Findings:
    try:
        share = policy.number(f"{way}.percentage") or 0
    except Undecided as unknown:
        yield unknown
        return
    if share > 0:
        yield policy.finding(way, expected="none", found=f"{share:g} % of all requests {WAYS[way]} on purpose")
