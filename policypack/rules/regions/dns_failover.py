"""DNS records that join the load balancers of several regions: what makes them leave a region that is lost."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Final

from policypack.gcp.types import DNS_RECORD_SET
from policypack.rules.contract import NotApplicable, Param, Severity, Undecided, any_of, rule

if TYPE_CHECKING:
    from policypack.rules.contract import Element, Findings, Resource

_CONTROLS: Final = {"NIST 800-53 r5": ["CP-7", "CP-10"], "ISO 27001:2022": ["A.8.14"]}
_POLICY: Final = "routingPolicy"
_GEOS: Final = "routingPolicy.geos"
_WEIGHTED: Final = "routingPolicy.wrrs"
_BACKUPS: Final = "routingPolicy.primaryBackup.backupGeos"
_CHECKED: Final = "healthCheckedTargets"
_CHECK: Final = "routingPolicy.healthCheck"
_ADDRESSES: Final = ("A", "AAAA")


def dns_routing_policy_two_regions(record: Resource) -> Findings:
    """Routing policies of DNS records have answers in two places or more."""
    _must_be_routed(record)
    if record.is_set(_GEOS) and len(places := _locations(record)) < 2:
        yield record.finding(_GEOS, expected="two locations or more", found=f"one location, {places.pop()}")
    if record.is_set(_WEIGHTED) and len(record.elements(_WEIGHTED)) == 1:
        yield record.finding(_WEIGHTED, expected="two answers or more", found="a single one, whatever its weight")
    if record.is_set("routingPolicy.primaryBackup") and not record.elements(_BACKUPS):
        yield record.finding(_BACKUPS, expected="a backup in another region", found="a primary without a backup")


def _locations(record: Resource) -> set[str]:
    """Give the locations of a geographic policy: all of them, or two that differ."""
    answers = record.elements(_GEOS)
    known = {place for place in (answer.peek("location") for answer in answers) if isinstance(place, str)}
    if len(known) > 1 or len(answers) < 2:
        return known or {"none"}
    return {answer.text("location") or "none" for answer in answers}


def dns_routing_health_checked(record: Resource) -> Findings:
    """Routing policies of DNS records answer with addresses whose health is checked."""
    _must_be_routed(record)
    kind = record.text("type")
    if kind not in _ADDRESSES:
        raise NotApplicable(f"Cloud DNS checks the health of addresses, not of {kind} records")
    for listed in (_GEOS, _WEIGHTED):
        answers = record.elements(listed) if record.is_set(listed) else []
        for answer in answers:
            yield from _unchecked(answer)
        if not record.is_set(_CHECK) and any_of(answers, lambda one: one.is_set(f"{_CHECKED}.externalEndpoints")):
            yield record.finding(
                _CHECK, expected="a health check for the external endpoints", found="unset: nothing checks them"
            )


def _unchecked(answer: Element) -> Findings:
    try:
        if not answer.is_set(_CHECKED):
            yield answer.finding(
                _CHECKED,
                expected="addresses of load balancers whose health is checked",
                found="unset: clients are sent there even if the region is down",
            )
    except Undecided as unknown:
        yield unknown


def dns_ttl_allows_failover(
    record: Resource,
    *,
    seconds: Annotated[int, Param("How long resolvers may keep an answer, in seconds.", minimum=0)] = 60,
) -> Findings:
    """DNS records with a routing policy are kept by resolvers for a minute at the most."""
    _must_be_routed(record)
    ttl = record.number("ttl")
    if ttl is not None and ttl > seconds:
        yield record.finding(
            "ttl",
            expected=f"{seconds} seconds or less",
            found=f"{ttl}: so long clients go on to a region after DNS has left it",
        )


def _must_be_routed(record: Resource) -> None:
    """Leave out records that always give the same answer.

    Raises:
        NotApplicable: It has no routing policy.
    """
    if not record.is_set(_POLICY):
        raise NotApplicable("it has no routing policy")


RULES: Final = (
    rule(
        severity=Severity.HIGH,
        subjects=(DNS_RECORD_SET,),
        fix="Give the routing policy an answer for each region that serves: two locations in geos, two in wrrs, or a "
        "backup beside the primary.",
        controls=_CONTROLS,
    )(dns_routing_policy_two_regions),
    rule(
        severity=Severity.HIGH,
        subjects=(DNS_RECORD_SET,),
        fix="Give the addresses of load balancers in health_checked_targets: internal ones in internal_load_balancers, "
        "others in external_endpoints with a health_check of the policy.",
        controls=_CONTROLS,
    )(dns_routing_health_checked),
    rule(
        severity=Severity.MEDIUM,
        subjects=(DNS_RECORD_SET,),
        fix="Set ttl to 60 seconds or less.",
        controls=_CONTROLS,
    )(dns_ttl_allows_failover),
)
