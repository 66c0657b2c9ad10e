"""Certificates of the proxies that end TLS."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from policypack.gcp import types as t
from policypack.rules.contract import Findings, NotApplicable, Severity, Undecided, any_of, rule
from policypack.topology.load_balancing import Frontend, FrontendKind, Proxy

if TYPE_CHECKING:
    from collections.abc import Mapping

    from policypack.rules.contract import Resource

LISTED: Final = "sslCertificates"
MANAGED: Final = "certificateManagerCertificates"
MAP: Final = "certificateMap"

SOURCES: Final[Mapping[str, tuple[str, ...]]] = {
    t.TARGET_HTTPS_PROXY: (LISTED, MANAGED, MAP),
    t.REGION_TARGET_HTTPS_PROXY: (LISTED, MANAGED),
    t.TARGET_SSL_PROXY: (LISTED, MAP),
}
"""Type of a proxy, to where it can get its certificates from."""

MESH: Final = "INTERNAL_SELF_MANAGED"
EXTERNAL: Final = frozenset({"EXTERNAL", "EXTERNAL_MANAGED"})
INTERNAL: Final = frozenset({"INTERNAL_MANAGED"})
IN_WORDS: Final[Mapping[str, str]] = {MAP: "a certificate map", LISTED: "global certificates of Compute Engine"}


@rule(
    severity=Severity.CRITICAL,
    subjects=(Proxy,),
    fix="Name certificates in one way: certificate_map or ssl_certificates for a global external load balancer, "
    "certificate_manager_certificates for a cross-region internal one, either of the last two for a regional one.",
    controls={"NIST 800-53 r5": ["SC-8"], "ISO 27001:2022": ["A.8.24"], "PCI DSS 4.0": ["4.2.1"]},
    aliases=("tls-certificate-map-scheme",),
)
def tls_proxy_has_certificate(proxy: Proxy) -> Findings:
    """Proxies that end TLS have a certificate, given in a way that their load balancer can use."""
    if proxy.kind not in {FrontendKind.HTTPS, FrontendKind.SSL}:
        raise NotApplicable("it does not end TLS")
    resource = proxy.resource
    given = [path for path in SOURCES[resource.type] if resource.is_set(path)]
    if not given:
        _must_need_one(proxy)
        _must_be_given_here(resource)
        yield resource.finding(LISTED, expected="a certificate", found="unset, and no other property names one")
    elif MANAGED in given and len(given) > 1:
        others = [path for path in given if path != MANAGED]
        yield resource.finding(MANAGED, expected="certificates in one way only", found=f"set beside {others[0]}")
    elif proxy.is_global and given == [MANAGED]:
        if _reached_by(proxy, EXTERNAL):
            yield resource.finding(
                MANAGED,
                expected=f"a {MAP}",
                found="certificates of Certificate Manager without a map, which only an internal load balancer can use",
            )
    elif proxy.is_global and proxy.kind is FrontendKind.HTTPS and _reached_by(proxy, INTERNAL):
        yield resource.finding(
            given[-1],
            expected=f"certificates in {MANAGED}",
            found=f"{IN_WORDS[given[-1]]}, which an internal load balancer (INTERNAL_MANAGED) cannot use",
        )


def _must_be_given_here(resource: Resource) -> None:
    """Leave out proxies that something outside the stack gives their certificates.

    Raises:
        Undecided: Changes of a property that names them are ignored.
    """
    ignored = {path.partition("[")[0] for path in resource.options.ignore_changes}
    for path in SOURCES[resource.type]:
        if path in ignored:
            reason = "something outside the stack may give it certificates, since changes of it are ignored"
            raise Undecided(resource.urn, path, reason)


def _must_need_one(proxy: Proxy) -> None:
    """Leave out the proxies of a service mesh: those get their certificates from elsewhere."""
    if not proxy.is_global or proxy.kind is not FrontendKind.HTTPS:
        return
    if _reached_by(proxy, frozenset({MESH})):
        raise NotApplicable("it belongs to a service mesh, whose proxies do not get their certificates here")
    if not proxy.frontends.possible and proxy.resource.is_set("serverTlsPolicy"):
        raise NotApplicable("its server TLS policy may be that of a service mesh, and no front end tells")


def _reached_by(proxy: Proxy, schemes: frozenset[str]) -> bool:
    """Tell whether a front end with one of the schemes sends requests to it.

    Raises:
        Undecided: One may.
    """
    frontends = proxy.frontends
    if any_of(_sorted(frontends.certain), lambda frontend: frontend.scheme() in schemes):
        return True
    if any_of(_sorted(frontends.possible - frontends.certain), lambda frontend: frontend.scheme() in schemes):
        raise frontends.why()
    return False


def _sorted(frontends: frozenset[Frontend]) -> list[Frontend]:
    return sorted(frontends, key=lambda frontend: frontend.resource.urn)
