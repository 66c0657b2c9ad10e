"""Ports that front ends listen on."""

from __future__ import annotations

from typing import Annotated, Final

from policypack.rules.contract import Findings, NotApplicable, Param, Severity, rule
from policypack.topology.load_balancing import Frontend, FrontendKind

TLS_PORTS: Final[list[str]] = ["443", "465", "636", "853", "989", "990", "992", "993", "995", "5061", "5671", "8883"]
"""Ports of protocols that start with TLS: HTTPS, mail, directories, DNS, FTP, SIP, AMQP, MQTT, …"""
HTTPS_PORTS: Final[list[str]] = ["443"]

PROXIED: Final = (FrontendKind.HTTPS, FrontendKind.HTTP, FrontendKind.SSL, FrontendKind.TCP, FrontendKind.GRPC)
PROXY_SCHEMES: Final = ("EXTERNAL_MANAGED", "INTERNAL_MANAGED")
MESH: Final = "INTERNAL_SELF_MANAGED"
"""In a service mesh, clients are told which port a service has; browsers do not come."""


@rule(
    severity=Severity.HIGH,
    subjects=(Frontend,),
    fix='Set port_range to the one port of the protocol: "443" for HTTPS, "80" for the HTTP front end that redirects.',
    controls={"NIST 800-53 r5": ["CM-7", "SC-8"], "ISO 27001:2022": ["A.8.9"]},
)
def forwarding_rule_port_matches_proxy(
    frontend: Frontend,
    *,
    https_ports: Annotated[list[str], Param("Ports on which HTTPS front ends may listen.")] = HTTPS_PORTS,
    ssl_ports: Annotated[list[str], Param("Ports on which front ends of SSL proxies may listen.")] = TLS_PORTS,
) -> Findings:
    """Front ends with a proxy listen on the one port that belongs to the proxy's protocol."""
    kind = _kind(frontend)
    if kind is not None and kind not in PROXIED:
        raise NotApplicable("no proxy stands behind it")
    port = _ports(frontend)
    if port is None:
        yield frontend.resource.finding("portRange", expected="one port", found=f"unset; {_wanted(kind, https_ports)}")
    elif not port.isdigit():
        found = f"{port} is not one port; {_wanted(kind, https_ports)}"
        yield frontend.resource.finding("portRange", expected="one port", found=found)
    elif kind is None:
        raise NotApplicable("its target names nothing, so no protocol is asked for")
    else:
        yield from _protocol_faults(
            frontend, kind, port, {FrontendKind.HTTPS: https_ports, FrontendKind.SSL: ssl_ports}
        )


def _kind(frontend: Frontend) -> FrontendKind | None:
    """Give the kind of front end; None for one with a proxy of which no more is known, since its target dangles."""
    if not frontend.target.dangling:
        return frontend.kind()
    if frontend.is_global or frontend.scheme() in PROXY_SCHEMES:
        return None
    raise NotApplicable("its target names nothing, so it is not known whether a proxy was meant")


def _ports(frontend: Frontend) -> str | None:
    """Give what stands in `portRange`, or in the `ports` of a regional rule, which some programs use instead."""
    port_range = frontend.resource.text("portRange")
    if port_range is not None or frontend.is_global:
        return port_range
    return ", ".join(frontend.resource.texts("ports")) or None


def _wanted(kind: FrontendKind | None, https_ports: list[str]) -> str:
    if kind in {None, FrontendKind.HTTPS}:
        return f"an HTTPS front end listens on {' or '.join(https_ports)}"
    if kind is FrontendKind.HTTP:
        return "an HTTP front end listens on 80"
    return "a proxy listens on one"


def _protocol_faults(
    frontend: Frontend, kind: FrontendKind, port: str, allowed: dict[FrontendKind, list[str]]
) -> Findings:
    ports = allowed.get(kind)
    if ports is not None and port not in ports:
        if frontend.scheme() == MESH:
            return
        yield frontend.resource.finding(
            "portRange", expected=f"port {' or '.join(ports)}", found=f"{port}, in front of a proxy for {kind.value}"
        )
    elif kind is FrontendKind.HTTP and port in allowed[FrontendKind.HTTPS]:
        yield frontend.resource.finding(
            "portRange",
            expected="port 80, or a target HTTPS proxy",
            found=f"{port}, in front of a proxy for plain HTTP: clients that speak TLS there get no answer",
        )
