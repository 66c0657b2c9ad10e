"""Front ends on the internet that take every port."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Final

from policypack.gcp.ports import EVERY_PORT, parse_ports
from policypack.rules.contract import Findings, NotApplicable, Param, Severity, Undecided, rule
from policypack.topology.load_balancing import Frontend, FrontendKind

if TYPE_CHECKING:
    from policypack.gcp.ports import PortRange
    from policypack.rules.contract import Reader

_WITH_PORTS: Final = ("TCP", "UDP")


@rule(
    severity=Severity.MEDIUM,
    subjects=(Frontend,),
    fix="List the ports that are served in ports (or port_range, before a target pool), and leave all_ports out.",
    controls={"NIST 800-53 r5": ["CM-7", "SC-7"], "ISO 27001:2022": ["A.8.20"]},
)
def lb_external_rule_not_all_ports(
    frontend: Frontend,
    *,
    widest: Annotated[int, Param("How many ports in a row are taken as meant.", minimum=1, maximum=65535)] = 10,
) -> Findings:
    """External front ends without a proxy take the ports that are served, not all of them."""
    if not frontend.external():
        raise NotApplicable("it is not on the internet")
    if frontend.kind() not in {FrontendKind.PASSTHROUGH, FrontendKind.OTHER}:
        raise NotApplicable("it stands before a proxy, which takes one port")
    resource = frontend.resource
    protocol = resource.text("ipProtocol") if resource.is_set("ipProtocol") else "TCP"
    if protocol not in _WITH_PORTS:
        raise NotApplicable("its protocol has no ports, or takes all of them by its nature")
    if resource.is_set("allPorts") and resource.flag("allPorts") is True:
        yield resource.finding("allPorts", expected="the ports that are served", found="true: every port")
        return
    places = [*resource.elements("ports")] if resource.is_set("ports") else []
    if resource.is_set("portRange"):
        yield from _judged(resource, "portRange", widest)
    for place in places:
        try:
            yield from _judged(place, "", widest)
        except Undecided as unknown:
            yield unknown
    if not places and not resource.is_set("portRange"):
        yield resource.finding("portRange", expected="the ports that are served", found="unset: every port")


def _judged(place: Reader, path: str, widest: int) -> Findings:
    text = place.text(path)
    ports = parse_ports(text) if text is not None else None
    if ports is not None and _width(ports) > widest:
        wide = "every port" if not _misses(ports) else f"{_width(ports)} ports in a row"
        yield place.finding(path, expected=f"at most {widest} ports in a row", found=f"{text}: {wide}")


def _width(ports: PortRange) -> int:
    return ports.high - ports.low + 1


def _misses(ports: PortRange) -> bool:
    return ports.low > EVERY_PORT.low or ports.high < EVERY_PORT.high
