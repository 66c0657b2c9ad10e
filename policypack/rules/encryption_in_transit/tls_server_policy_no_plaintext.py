"""Server TLS policies that let clients in without TLS."""

from __future__ import annotations

from typing import TYPE_CHECKING

from policypack.gcp.types import SERVER_TLS_POLICY
from policypack.rules.contract import Severity, rule

if TYPE_CHECKING:
    from policypack.rules.contract import Findings, Resource


@rule(
    severity=Severity.HIGH,
    subjects=(SERVER_TLS_POLICY,),
    fix="Leave allow_open out. A service mesh needs it only while its clients move from plain text to TLS.",
    remedy={"allowOpen": False},
    controls={
        "NIST 800-53 r5": ["SC-8"],
        "ISO 27001:2022": ["A.5.14", "A.8.24"],
        "PCI DSS 4.0": ["4.2.1"],
    },
)
def tls_server_policy_no_plaintext(policy: Resource) -> Findings:
    """Server TLS policies let nobody in without TLS."""
    if policy.flag("allowOpen") is True:
        yield policy.finding(
            "allowOpen", expected="false", found="true: connections in plain text are accepted as well"
        )
