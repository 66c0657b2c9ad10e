"""SSL policies and proxies of different scope."""

from __future__ import annotations

from policypack.rules.contract import Findings, NotApplicable, Severity, rule
from policypack.topology.load_balancing import FrontendKind, Proxy
from policypack.topology.scopes import own_place_in_words, place_in_words, same_scope

PATH = "sslPolicy"


@rule(
    severity=Severity.HIGH,
    subjects=(Proxy,),
    fix="Name an SSLPolicy in a global proxy, and a RegionSslPolicy of the same region in a regional one.",
    controls={"NIST 800-53 r5": ["SC-8"], "ISO 27001:2022": ["A.8.24"], "PCI DSS 4.0": ["4.2.1"]},
)
def tls_policy_scope_matches_proxy(proxy: Proxy) -> Findings:
    """Proxies that end TLS name an SSL policy of their own scope: global, or their region."""
    if proxy.kind not in {FrontendKind.HTTPS, FrontendKind.SSL}:
        raise NotApplicable("it does not end TLS")
    policy = proxy.plane.graph.references(proxy.resource, PATH)
    if policy.empty:
        raise NotApplicable("it names no SSL policy")
    if policy.dangling:
        raise NotApplicable("its SSL policy is named by a text that is no reference")
    if not policy.agree(lambda target: same_scope(proxy.resource, target, PATH)):
        yield proxy.resource.finding(
            PATH,
            expected=f"an SSL policy that is {own_place_in_words(proxy.resource)}, as the proxy is",
            found=f"{place_in_words(policy)}: the API refuses it here",
        )
