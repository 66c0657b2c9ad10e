"""Certificate maps that hold no certificate."""

from __future__ import annotations

from typing import Annotated, Final

from policypack.rules.contract import Findings, NotApplicable, Param, Severity, any_of, rule
from policypack.topology.certificates import CertificateMap

PRIMARY: Final = "PRIMARY"


@rule(
    severity=Severity.MEDIUM,
    subjects=(CertificateMap,),
    fix="Make a CertificateMapEntry for each host name, with map set to the certificate map's name.",
    controls={"NIST 800-53 r5": ["SC-8"], "ISO 27001:2022": ["A.8.24"], "PCI DSS 4.0": ["4.2.1"]},
    aliases=("tls-certificate-map-has-primary",),
)
def tls_certificate_map_has_entry(
    certificates: CertificateMap,
    *,
    require_primary: Annotated[bool, Param("Ask for an entry that serves clients which name no known host.")] = False,
) -> Findings:
    """Certificate maps that proxies use have entries."""
    users, may_be_used = certificates.proxies
    if not users:
        if may_be_used is not None and not certificates.entries:
            raise may_be_used
        raise NotApplicable("no proxy of this stack uses it")
    if not certificates.entries:
        if certificates.open is not None:
            raise certificates.open
        yield certificates.resource.finding(
            "", expected="an entry", found=f"none, so {users[0].name} has no certificate"
        )
    elif require_primary and not any_of(certificates.entries, lambda one: one.text("matcher") == PRIMARY):
        if certificates.open is not None:
            raise certificates.open
        yield certificates.resource.finding(
            "", expected=f"an entry with matcher {PRIMARY}", found="entries for host names only"
        )
