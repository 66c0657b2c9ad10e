"""Ports on which a load balancer meets the internet."""

from __future__ import annotations

from typing import Annotated, Final

from policypack.gcp.ports import parse_ports
from policypack.rules.contract import Findings, NotApplicable, Param, Reader, Severity, Undecided, rule
from policypack.topology.exposure import leads_to_vpn
from policypack.topology.load_balancing import Frontend, FrontendKind

_USUAL: Final = ["80", "443"]
_CONSUMERS: Final = (FrontendKind.GOOGLE_APIS, FrontendKind.PSC_ENDPOINT)


@rule(
    severity=Severity.MEDIUM,
    subjects=(Frontend,),
    fix="Listen on 443, and on 80 to redirect; what else must be reached from the internet goes into `allowed`.",
    controls={"NIST 800-53 r5": ["CM-7"], "ISO 27001:2022": ["A.8.20"]},
    opt_in=True,
    yields_to=("forwarding-rule-port-matches-proxy", "lb-external-rule-not-all-ports"),
)
def lb_rule_standard_ports_only(
    frontend: Frontend,
    *,
    allowed: Annotated[list[str], Param("Ports on which external front ends may listen.")] = _USUAL,
) -> Findings:
    """External front ends listen on ports of a list, 80 and 443 unless set."""
    if frontend.kind() in _CONSUMERS or not frontend.external():
        raise NotApplicable("it is not on the internet")
    if leads_to_vpn(frontend):
        raise NotApplicable("it is part of a VPN gateway, which needs ports of its own")
    resource = frontend.resource
    places: list[tuple[Reader, str]] = [(resource, "portRange")] if resource.is_set("portRange") else []
    if not frontend.is_global and resource.is_set("ports"):
        places += [(element, "") for element in resource.elements("ports")]
    for place, path in places:
        try:
            text = place.text(path)
        except Undecided as unknown:
            yield unknown
            continue
        ports = parse_ports(text) if text is not None else None
        if ports is not None and any(str(port) not in allowed for port in range(ports.low, ports.high + 1)):
            yield place.finding(path, expected=f"a port of {', '.join(allowed)}", found=f"{text}")
    if not places:
        yield resource.finding("portRange", expected=f"a port of {', '.join(allowed)}", found="unset: every port")
