"""Parts of load balancers that a replacement takes away before there are new ones."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from policypack.gcp import types as t
from policypack.rules.contract import Severity, rule

if TYPE_CHECKING:
    from policypack.rules.contract import Findings, Resource

PARTS: Final = (
    *t.PROXIES,
    *t.URL_MAPS,
    *t.BACKEND_SERVICES,
    *t.BACKEND_BUCKETS,
    *t.INSTANCE_GROUP_MANAGERS,
    *t.NETWORK_ENDPOINT_GROUPS,
    *t.HEALTH_CHECKS,
    *t.INSTANCE_TEMPLATES,
    *t.SSL_CERTIFICATES,
    *t.SSL_POLICIES,
)
"""What can stand beside its successor. A forwarding rule cannot: two at one address exclude each other."""


@rule(
    severity=Severity.MEDIUM,
    subjects=PARTS,
    fix="Leave delete_before_replace out, and name out too: made-up names let the new part stand beside the old one.",
    controls={"NIST 800-53 r5": ["CP-7", "CP-10"], "ISO 27001:2022": ["A.8.14"]},
    aliases=("tls-certificate-rotation-without-outage",),
)
def lb_no_delete_before_replace(part: Resource) -> Findings:
    """Parts of a load balancer stay until their successors are there."""
    if part.options.delete_before_replace:
        yield part.finding(
            "",
            expected="no option delete_before_replace",
            found="delete_before_replace: a replacement takes it away first, or stops because it is in use",
        )
