"""Properties that protect, and whose changes a program ignores."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from policypack.gcp import types as t
from policypack.rules.contract import Severity, rule

if TYPE_CHECKING:
    from policypack.rules.contract import Findings, Resource

EVERYTHING: Final = "*"
_SERVICE: Final = ("securityPolicy", "edgeSecurityPolicy", "protocol", "tlsSettings")
_PROXY: Final = ("sslPolicy", "serverTlsPolicy", "tlsEarlyData")
_WITH_RULES: Final = (
    t.FIREWALL_POLICY_WITH_RULES,
    t.NETWORK_FIREWALL_POLICY_WITH_RULES,
    t.REGION_NETWORK_FIREWALL_POLICY_WITH_RULES,
)
_FIREWALL_POLICY_RULE: Final = ("action", "direction", "disabled", "match", "targetServiceAccounts")

PROTECTING: Final[Mapping[str, tuple[str, ...]]] = {
    **dict.fromkeys(t.BACKEND_SERVICES, _SERVICE),
    t.BACKEND_BUCKET: ("edgeSecurityPolicy",),
    **dict.fromkeys(t.TLS_PROXIES, _PROXY),
    **dict.fromkeys(t.SSL_POLICIES, ("minTlsVersion", "profile", "customFeatures")),
    t.FIREWALL: ("sourceRanges", "sourceTags", "sourceServiceAccounts", "allows", "denies", "direction", "disabled"),
    **dict.fromkeys(
        (t.FIREWALL_POLICY_RULE, t.NETWORK_FIREWALL_POLICY_RULE, t.REGION_NETWORK_FIREWALL_POLICY_RULE),
        _FIREWALL_POLICY_RULE,
    ),
    **dict.fromkeys((*_WITH_RULES, *t.SECURITY_POLICIES), ("rules",)),
    **dict.fromkeys(t.SECURITY_POLICY_RULES, ("action", "match", "preview", "priority")),
    **dict.fromkeys(t.URL_MAPS, ("defaultUrlRedirect",)),
}
"""Type token, to the properties that other rules of this pack go by."""


@rule(
    severity=Severity.MEDIUM,
    subjects=tuple(PROTECTING),
    fix="Take the property out of ignore_changes, and put the value that is meant into the program.",
    controls={"NIST 800-53 r5": ["CM-6"], "ISO 27001:2022": ["A.8.9"]},
)
def security_properties_not_ignored(resource: Resource) -> Findings:
    """Changes of properties that protect are not ignored."""
    ignored = resource.options.ignore_changes
    named = {_first(path): path for path in ignored}
    for name in PROTECTING[resource.type]:
        # A policy whose rules are resources of their own has none to hold on to.
        if resource.type in t.SECURITY_POLICIES and not resource.is_set(name):
            continue
        if name in named or EVERYTHING in named:
            path = named.get(name, EVERYTHING)
            yield resource.finding(
                name,
                expected="the value of the program",
                found=f"ignore_changes names `{path}`: what is deployed may be anything, whatever the program says",
            )
            if name not in named:
                return


def _first(path: str) -> str:
    """Give the property that a path begins with: `allows[0].ports` and `["allows"][0]` both with `allows`."""
    return path.removeprefix("[").replace("[", ".").replace("]", ".").split(".", 1)[0].strip("'\"")
