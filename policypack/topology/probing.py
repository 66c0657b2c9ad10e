"""Which port of a machine a health check probes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypeAlias

from policypack.gcp import types as t
from policypack.gcp.addresses import is_ip_address
from policypack.gcp.ports import DEFAULT_PROBE_PORTS, PROBE_BLOCKS
from policypack.model.graph import External
from policypack.model.logic import Undecided
from policypack.topology.endpoints import endpoints_of, ports_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from policypack.model.graph import Target
    from policypack.model.resource import Resource
    from policypack.topology.frontends import Frontend
    from policypack.topology.services import BackendService

Port: TypeAlias = "int | Undecided"
"""A port, or why it is not known which."""

_LEGACY_PORTS: Final[Mapping[str, int]] = {t.HTTP_HEALTH_CHECK: 80, t.HTTPS_HEALTH_CHECK: 443}

_USUAL_PORT_NAME: Final = "http"


def probed_ports(
    check: Target, group: Resource, owner: Resource, service: BackendService | None = None
) -> tuple[Port, ...]:
    """Tell which ports of the members of a group a health check probes: usually one.

    Args:
        check: The health check.
        group: An instance group, managed or not, or a zonal network endpoint group.
        owner: The resource that names the health check.
        service: The backend service that names it; None for autohealing.
    """
    if isinstance(check, External):
        return (Undecided(owner.urn, "healthChecks", f"the health check is outside this stack ({check.text})"),)
    try:
        return _ports(check, group, service)
    except Undecided as unknown:
        return (unknown,)


def serving_ports(group: Resource, service: BackendService) -> tuple[Port, ...]:
    """Tell which ports of the members of a group a backend service sends requests to: usually one.

    Args:
        group: An instance group, managed or not, or a zonal network endpoint group.
        service: A backend service with a proxy before it.
    """
    try:
        return _serving_ports(group, service)
    except Undecided as unknown:
        return (unknown,)


def probed_over_ipv6(service: BackendService) -> tuple[bool, ...]:
    """Tell over which protocols machines must answer probes, lest they count as down: IPv6 or not, or both.

    A load balancer with a proxy says so itself. One without is probed as its front ends are reached; of an unknown
    front end nothing is asked. A proxy that prefers IPv6 makes do with IPv4.

    Raises:
        Undecided: It is unknown.
    """
    if not service.passthrough():
        return (service.resource.text("ipAddressSelectionPolicy") == "IPV6_ONLY",)
    frontends = sorted(service.frontends.certain, key=lambda one: one.resource.urn)
    return tuple(dict.fromkeys(_over_ipv6(one) for one in frontends)) or (False,)


def _over_ipv6(frontend: Frontend) -> bool:
    rule = frontend.resource
    if rule.is_set("ipVersion"):
        return rule.text("ipVersion") == "IPV6"
    literal = rule.peek("ipAddress")
    if isinstance(literal, str) and is_ip_address(literal):
        return ":" in literal
    return rule.is_set("ipAddress") and frontend.plane.graph.references(rule, "ipAddress").agree(_is_ipv6)


def _is_ipv6(address: Target) -> bool:
    # An address that is not of the stack is taken for what nearly all are.
    return not isinstance(address, External) and address.text("ipVersion") == "IPV6"


def _ports(check: Resource, group: Resource, service: BackendService | None) -> tuple[Port, ...]:
    if check.type in _LEGACY_PORTS:
        return (_number(check.number("port"), _LEGACY_PORTS[check.type]),)
    block = next((block for block in PROBE_BLOCKS if check.peek(block) is not None), None)
    if block is None:
        raise Undecided(check.urn, "", "it does not say how to probe")
    rule = check.text(f"{block}.portSpecification")
    number, name = check.number(f"{block}.port"), check.text(f"{block}.portName")
    if rule == "USE_SERVING_PORT":
        if service is None and group.type != t.NETWORK_ENDPOINT_GROUP:
            raise Undecided(check.urn, f"{block}.portSpecification", "autohealing knows no serving port")
        return _serving_ports(group, service)
    if rule == "USE_NAMED_PORT" or (rule is None and number is None and name is not None):
        return _named_ports(group, (name,) if name else ())
    if number is None and block not in DEFAULT_PROBE_PORTS:
        raise Undecided(check.urn, f"{block}.port", "it is missing")
    return (_number(number, DEFAULT_PROBE_PORTS.get(block, 0)),)


def _serving_ports(group: Resource, service: BackendService | None) -> tuple[Port, ...]:
    if group.type == t.NETWORK_ENDPOINT_GROUP:
        return _endpoint_ports(group, service)
    if service is None:
        raise Undecided(group.urn, "", "without a backend service there is no serving port")
    if service.resource.is_set("portName"):
        return _named_ports(group, (service.resource.text("portName") or "",))
    return _named_ports(group, (_USUAL_PORT_NAME, service.protocol().lower()))


def _endpoint_ports(group: Resource, service: BackendService | None) -> tuple[Port, ...]:
    number = group.number("defaultPort")
    default = None if number is None else int(number)
    endpoints = endpoints_of(service.plane.graph, group).places if service is not None else ()
    if endpoints:
        return ports_of(endpoints, default, group)
    if default is None:
        raise Undecided(group.urn, "defaultPort", "it is missing, and the endpoints are not of this stack")
    return (default,)


def _named_ports(group: Resource, names: Iterable[str]) -> tuple[Port, ...]:
    """Give the ports that a group gives one of the names."""
    wanted = tuple(dict.fromkeys(names))
    if group.type == t.NETWORK_ENDPOINT_GROUP:
        raise Undecided(group.urn, "", "it knows no named ports")
    entries = group.elements("namedPorts")
    found = {int(number) for entry in entries if entry.text("name") in wanted and (number := entry.number("port"))}
    if not found:
        raise Undecided(group.urn, "namedPorts", f"it gives no port the name {' or '.join(wanted) or 'that is probed'}")
    return tuple(sorted(found))


def _number(number: float | None, default: int) -> int:
    return default if number is None else int(number)
