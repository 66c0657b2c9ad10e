"""Who may connect to a published service."""

from __future__ import annotations

from policypack.gcp.types import SERVICE_ATTACHMENT
from policypack.rules.contract import Findings, Resource, Severity, rule


@rule(
    severity=Severity.MEDIUM,
    subjects=(SERVICE_ATTACHMENT,),
    fix="Set connection_preference to ACCEPT_MANUAL and list the projects or networks of the consumers in "
    "consumer_accept_lists, each with a connection_limit.",
    controls={
        "NIST 800-53 r5": ["SC-7"],
        "ISO 27001:2022": ["A.8.3", "A.8.22"],
        "PCI DSS 4.0": ["1.4.2", "7.3.1"],
    },
    yields_to=("settings-compatible",),
)
def psc_attachment_manual_accept(attachment: Resource) -> Findings:
    """Service attachments accept the consumers that are on their list, and no others."""
    if attachment.text("connectionPreference") == "ACCEPT_AUTOMATIC":
        yield attachment.finding(
            "connectionPreference",
            expected="ACCEPT_MANUAL, with a list of consumers",
            found="ACCEPT_AUTOMATIC: any project of anybody that learns the attachment's name may connect",
        )
