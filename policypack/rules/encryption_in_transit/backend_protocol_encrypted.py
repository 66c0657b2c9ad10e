"""Encryption between load balancer and backends."""

from __future__ import annotations

from typing import Final

from policypack.gcp.catalogue import is_google_api
from policypack.rules.contract import Findings, NotApplicable, Resource, Severity, Undecided, all_of, any_of, rule
from policypack.topology.load_balancing import Backend, BackendKind, BackendService, FrontendKind

ENCRYPTED: Final = ("HTTPS", "HTTP2", "SSL")
PASSED_ON: Final = ("TCP", "UDP", "UNSPECIFIED")
MESH: Final = "INTERNAL_SELF_MANAGED"


@rule(
    severity=Severity.HIGH,
    subjects=(BackendService,),
    fix='Set protocol to "HTTPS" or "HTTP2" ("SSL" behind an SSL proxy), and let the backends answer with TLS.',
    controls={
        "NIST 800-53 r5": ["SC-8"],
        "ISO 27001:2022": ["A.5.14", "A.8.24"],
        "PCI DSS 4.0": ["4.2.1"],
    },
)
def backend_protocol_encrypted(service: BackendService) -> Findings:
    """Load balancers talk to their backends over TLS."""
    if service.passthrough():
        raise NotApplicable("packets pass through: client and backend encrypt between themselves")
    if service.scheme() == MESH:
        raise NotApplicable("the proxies of a service mesh encrypt by policies of their own")
    protocol = service.protocol()
    if protocol in ENCRYPTED:
        return
    if service.backends_unknown is not None:
        raise service.backends_unknown
    if service.backends and all_of(service.backends, _encrypted_by_google):
        raise NotApplicable("Google encrypts the way to such backends by itself")
    if protocol in PASSED_ON:
        _must_end_tls(service)
    elif not service.backends and service.left_to_others:
        raise Undecided(service.resource.urn, "backends", "they are left to something outside the stack")
    yield service.resource.finding("protocol", expected="HTTPS, HTTP2 or SSL", found=_found(service, protocol))


def _encrypted_by_google(backend: Backend) -> bool:
    """Tell whether a backend is reached over TLS whatever the protocol: serverless, or an API of Google."""
    kind = backend.kind()
    if kind is not BackendKind.PSC_NEG:
        return kind is BackendKind.SERVERLESS_NEG
    groups = backend.groups
    if groups.open or not groups.possible:
        raise groups.why()
    return all_of(groups.possible, _is_google_api)


def _is_google_api(group: Resource) -> bool:
    return is_google_api(group.text("pscTargetService") or "")


def _must_end_tls(service: BackendService) -> None:
    """Leave out TCP behind a TCP proxy: it passes on what the client sends, TLS included."""
    frontends = service.frontends
    if any_of(frontends.certain, lambda frontend: frontend.kind() is FrontendKind.SSL):
        return
    if frontends.open or any_of(frontends.possible, lambda frontend: frontend.kind() is FrontendKind.SSL):
        raise frontends.why()
    raise NotApplicable("the proxy in front passes on what the client sends, TLS included")


def _found(service: BackendService, protocol: str) -> str:
    if not service.resource.is_set("protocol"):
        return f"unset: {protocol}, in clear text"
    return f"{protocol}, in clear text"
