"""Backends whose certificate nobody looks at."""

from __future__ import annotations

from typing import Final

from policypack.rules.contract import Findings, NotApplicable, Severity, Undecided, all_of, rule
from policypack.topology.load_balancing import BackendKind, BackendService

ENCRYPTED: Final = frozenset({"HTTPS", "HTTP2", "SSL"})
MANAGED: Final = frozenset({"EXTERNAL_MANAGED", "INTERNAL_MANAGED"})
"""Schemes of the load balancers that can check certificates of backends."""
BY_GOOGLE: Final = frozenset({BackendKind.SERVERLESS_NEG, BackendKind.PSC_NEG})
"""Kinds of backends where Google sees to it, or where it is not documented whether a check is possible."""
PATH: Final = "tlsSettings.authenticationConfig"


@rule(
    severity=Severity.MEDIUM,
    subjects=(BackendService,),
    fix="Make a BackendAuthenticationConfig with the authorities that issue your backends' certificates, and name it "
    "in tls_settings, with the name that the certificates hold as sni or in subject_alt_names.",
    controls={
        "NIST 800-53 r5": ["SC-8"],
        "ISO 27001:2022": ["A.5.14", "A.8.24"],
        "PCI DSS 4.0": ["4.2.1"],
    },
    opt_in=True,
)
def backend_tls_authenticated(service: BackendService) -> Findings:
    """Load balancers check the certificates of the backends that they speak TLS with."""
    if service.passthrough() or service.scheme() not in MANAGED:
        raise NotApplicable("such a load balancer cannot check certificates of backends")
    if service.protocol() not in ENCRYPTED:
        raise NotApplicable("it does not speak TLS with its backends")
    resource = service.resource
    if resource.is_set(PATH):
        return
    if service.backends_unknown is not None:
        raise service.backends_unknown
    if not service.backends:
        if service.left_to_others:
            raise Undecided(resource.urn, "backends", "they are left to something outside the stack")
        raise NotApplicable("it has no backends")
    if all_of(service.backends, lambda backend: backend.kind() in BY_GOOGLE):
        raise NotApplicable("there is no machine of yours behind it whose certificate could be checked")
    yield resource.finding(
        PATH, expected="a backend authentication config", found="unset: any certificate is taken, whoever made it"
    )
