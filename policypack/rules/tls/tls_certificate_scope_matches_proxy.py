"""Certificates and proxies in different places."""

from __future__ import annotations

from typing import TYPE_CHECKING

from policypack.gcp.types import CERTIFICATE
from policypack.model.resource import Resource
from policypack.rules.contract import Bounds, Findings, NotApplicable, Severity, Undecided, rule
from policypack.topology.certificates import listed_certificates
from policypack.topology.load_balancing import FrontendKind, Proxy
from policypack.topology.scopes import own_place_in_words, same_scope

if TYPE_CHECKING:
    from policypack.model.graph import References, Target


@rule(
    severity=Severity.CRITICAL,
    subjects=(Proxy,),
    fix="Give a global proxy SSLCertificate, ManagedSslCertificate, or a Certificate of location global; a regional "
    "one RegionSslCertificate, or a Certificate of its own region.",
    controls={"NIST 800-53 r5": ["SC-8"], "ISO 27001:2022": ["A.8.24"], "PCI DSS 4.0": ["4.2.1"]},
    follows=(CERTIFICATE,),
)
def tls_certificate_scope_matches_proxy(proxy: Proxy) -> Findings:
    """Proxies that end TLS list certificates of their own scope: global, or their region."""
    if proxy.kind not in {FrontendKind.HTTPS, FrontendKind.SSL}:
        raise NotApplicable("it does not end TLS")
    lists = [one for one in listed_certificates(proxy.plane.graph, proxy.resource) if not one.empty]
    if not lists:
        raise NotApplicable("it lists no certificate itself")
    for certificates in lists:
        yield from _faults(proxy, certificates)


def _faults(proxy: Proxy, certificates: References) -> Findings:
    path = certificates.path.removesuffix("[]")
    strangers = certificates.bounds(lambda target: _strangers(proxy, target, path))
    if strangers.certain:
        yield proxy.resource.finding(
            path,
            expected=f"certificates that are {own_place_in_words(proxy.resource)}, as the proxy is",
            found=f"{'; '.join(sorted(strangers.certain))}: the API refuses it here",
        )
    elif strangers.possible or strangers.open:
        yield strangers.why()


def _strangers(proxy: Proxy, target: Target, path: str) -> Bounds[str]:
    """Give a certificate in words if it lies elsewhere."""
    try:
        if same_scope(proxy.resource, target, path):
            return Bounds()
        return Bounds.exactly(_in_words(target))
    except Undecided as why:
        return Bounds.anything(why)


def _in_words(target: Target) -> str:
    if isinstance(target, Resource):
        return f"`{target.name}` is {own_place_in_words(target)}"
    return f"`{target.text}` is of another place"
