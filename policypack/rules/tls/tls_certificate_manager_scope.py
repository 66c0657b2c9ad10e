"""What certificates of Certificate Manager are for, and what they are used for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from policypack.gcp.types import CERTIFICATE
from policypack.model.resource import Resource
from policypack.rules.contract import Bounds, Findings, NotApplicable, Severity, Undecided, rule
from policypack.topology.load_balancing import Proxy

if TYPE_CHECKING:
    from policypack.model.graph import Target

PATH: Final = "certificateManagerCertificates"
DEFAULT: Final = "DEFAULT"
EVERYWHERE: Final = "ALL_REGIONS"
ELSEWHERE: Final = {"EDGE_CACHE": "for Media CDN", "CLIENT_AUTH": "to show to backends"}
"""Scopes of certificates that no load balancer shows to its clients, and what they are for."""


@rule(
    severity=Severity.HIGH,
    subjects=(Proxy,),
    fix='Set scope to "ALL_REGIONS" in certificates of a cross-region internal load balancer, and leave it out in '
    "those of a regional one. A certificate has to be replaced for that.",
    controls={"NIST 800-53 r5": ["SC-8"], "ISO 27001:2022": ["A.8.24"], "PCI DSS 4.0": ["4.2.1"]},
    yields_to=("tls-certificate-scope-matches-proxy", "tls-proxy-has-certificate"),
    follows=(CERTIFICATE,),
)
def tls_certificate_manager_scope(proxy: Proxy) -> Findings:
    """Proxies list certificates of Certificate Manager whose scope is made for them."""
    if f"{PATH}[]" not in proxy.plane.graph.catalogue.references(proxy.resource.type):
        raise NotApplicable("it lists no certificates of Certificate Manager")
    certificates = proxy.plane.graph.references(proxy.resource, f"{PATH}[]")
    if certificates.empty:
        raise NotApplicable("it lists no certificates of Certificate Manager")
    unfit = certificates.bounds(lambda target: _unfit(proxy, target))
    if unfit.certain:
        yield proxy.resource.finding(PATH, expected=_expected(proxy), found="; ".join(sorted(unfit.certain)))
    elif unfit.possible or unfit.open:
        yield unfit.why()


def _expected(proxy: Proxy) -> str:
    if proxy.is_global:
        return f"certificates of scope {EVERYWHERE}, since a cross-region load balancer has proxies in every region"
    return f"certificates of scope {DEFAULT}"


def _unfit(proxy: Proxy, target: Target) -> Bounds[str]:
    """Give a certificate in words if its scope does not fit; nothing is said of those outside the stack."""
    if not isinstance(target, Resource):
        return Bounds()
    try:
        scope = target.text("scope") or DEFAULT
    except Undecided as why:
        return Bounds.anything(why)
    if scope in ELSEWHERE:
        return Bounds.exactly(f"`{target.name}` has scope {scope}: it is {ELSEWHERE[scope]}")
    if proxy.is_global and scope != EVERYWHERE:
        return Bounds.exactly(f"`{target.name}` has scope {scope}: it is there for global external load balancers")
    return Bounds()
