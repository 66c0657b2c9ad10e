"""Whom Identity-Aware Proxy lets in."""

from __future__ import annotations

from policypack.gcp.types import IAP_BINDINGS, IAP_MEMBERS
from policypack.rules.contract import Element, Findings, NotApplicable, Resource, Severity, each, rule

_ROLE = "roles/iap.httpsResourceAccessor"
_EVERYBODY = {
    "allUsers": "everybody, without a login: the proxy asks nobody who they are",
    "allAuthenticatedUsers": "everybody with any Google account",
}


@rule(
    severity=Severity.MEDIUM,
    subjects=(*IAP_MEMBERS, each("members[]", of=IAP_BINDINGS)),
    fix="Grant the role to groups of your own. For paths that are meant for everybody, add a condition on the path.",
    controls={"NIST 800-53 r5": ["AC-3", "AC-6"], "ISO 27001:2022": ["A.5.15", "A.8.3"], "PCI DSS 4.0": ["7.3.1"]},
)
def iap_restrict_web_access_scope(place: Resource | Element) -> Findings:
    """Identity-Aware Proxy lets in people who are named, and not everybody."""
    grant = place.resource
    if grant.text("role") != _ROLE:
        raise NotApplicable("it lets nobody through the proxy")
    if grant.is_set("condition"):
        raise NotApplicable("a condition narrows it")
    path = "" if isinstance(place, Element) else "member"
    found = _EVERYBODY.get(place.text(path) or "")
    if found is not None:
        yield place.finding(path, expected="people or groups of your own", found=found)
