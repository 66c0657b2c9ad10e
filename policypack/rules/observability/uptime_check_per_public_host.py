"""Public names that nobody asks for from outside, to see whether they answer."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Final

from policypack.gcp.types import UPTIME_CHECK
from policypack.rules.contract import NotApplicable, Resource, Severity, any_of, rule
from policypack.topology.load_balancing import Frontend, FrontendKind

if TYPE_CHECKING:
    from policypack.rules.contract import Findings

HOST: Final = "monitoredResource.labels.host"
FEWEST_REGIONS: Final = 3
"""Fewer than this, and one bad route of a checker is an alarm."""


@rule(
    severity=Severity.MEDIUM,
    subjects=(UPTIME_CHECK, Frontend),
    fix="Add an UptimeCheckConfig for each name, with use_ssl and validate_ssl, from three regions or from all.",
    controls={"NIST 800-53 r5": ["SI-4"], "ISO 27001:2022": ["A.8.16"]},
    opt_in=True,
    follows=(UPTIME_CHECK,),
)
def uptime_check_per_public_host(subject: Resource | Frontend) -> Findings:
    """Public names are checked from outside, over TLS, from several regions."""
    if isinstance(subject, Frontend):
        yield from _front_end(subject)
    else:
        yield from _check(subject)


def _check(check: Resource) -> Findings:
    if not check.is_set("httpCheck"):
        raise NotApplicable("it does not ask a web server")
    if check.is_set("checkerType") and check.text("checkerType") == "VPC_CHECKERS":
        raise NotApplicable("it looks at what only a network of one's own sees")
    if check.flag("httpCheck.useSsl") is not True:
        yield check.finding("httpCheck.useSsl", expected="true", found="not set: it sees a redirect at the most")
    elif check.flag("httpCheck.validateSsl") is not True:
        yield check.finding("httpCheck.validateSsl", expected="true", found="not set: any certificate will do")
    regions = check.elements("selectedRegions") if check.is_set("selectedRegions") else []
    if 0 < len(regions) < FEWEST_REGIONS:
        yield check.finding("selectedRegions", expected="three regions, or all", found=f"{len(regions)}")


def _front_end(frontend: Frontend) -> Findings:
    if frontend.kind() is not FrontendKind.HTTPS or not frontend.external():
        raise NotApplicable("it is no HTTPS front end that the internet reaches")
    checks = frontend.plane.graph.of_type(UPTIME_CHECK)
    if not checks:
        yield frontend.resource.finding("", expected="an uptime check of its name", found="none in this stack")
        return
    missing = [host for host in _hosts(frontend) if not any_of(checks, functools.partial(_asks_for, host))]
    if missing:
        names = ", ".join(f"`{host}`" for host in missing)
        yield frontend.resource.finding("", expected="an uptime check of each of its names", found=f"none of {names}")


def _asks_for(host: str, check: Resource) -> bool:
    return (check.text(HOST) or "").lower() == host.partition(":")[0].lower()


def _hosts(frontend: Frontend) -> list[str]:
    """Give the names that the URL maps of a front end tell apart; patterns are left aside."""
    found: dict[str, None] = {}
    for url_map in sorted(frontend.url_maps.certain, key=lambda one: one.resource.urn):
        for rule_ in url_map.resource.elements("hostRules") if url_map.resource.is_set("hostRules") else []:
            found.update(dict.fromkeys(host for host in rule_.texts("hosts") if "*" not in host))
    return list(found)
