"""Proxies and URL maps, or backend services, in different places."""

from __future__ import annotations

from policypack.rules.contract import Findings, NotApplicable, Severity, rule
from policypack.topology.load_balancing import Proxy
from policypack.topology.scopes import own_place_in_words, place_in_words, same_scope


@rule(
    severity=Severity.CRITICAL,
    subjects=(Proxy,),
    fix="Let a global proxy name a URLMap (or BackendService), and a regional proxy a RegionUrlMap (or "
    "RegionBackendService) of its own region.",
    controls={"NIST 800-53 r5": ["CM-6"], "ISO 27001:2022": ["A.8.9"]},
)
def proxy_and_url_map_same_scope(proxy: Proxy) -> Findings:
    """Global proxies lead to global URL maps and backend services, regional ones to those of their region."""
    led_to = proxy.backend_service if proxy.url_map.empty else proxy.url_map
    if led_to.empty or led_to.dangling:
        raise NotApplicable("it names no URL map and no backend service")
    if not led_to.agree(lambda target: same_scope(proxy.resource, target, led_to.path)):
        what = "backend service" if led_to is proxy.backend_service else "URL map"
        yield proxy.resource.finding(
            led_to.path,
            expected=f"a {what} that is {own_place_in_words(proxy.resource)}, as the proxy is",
            found=f"{place_in_words(led_to)}: the API refuses it here",
        )
