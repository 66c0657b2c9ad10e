"""Front ends that may be on the internet."""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import Annotated, Final

from policypack.model.logic import all_hold
from policypack.rules.contract import Findings, NotApplicable, Param, Severity, all_of, rule
from policypack.topology.exposure import leads_to_vpn
from policypack.topology.load_balancing import Frontend

_NONE: Final[list[str]] = []


@rule(
    severity=Severity.LOW,
    subjects=(Frontend,),
    fix="Use an internal scheme, or have the name put on the list.",
    controls={"NIST 800-53 r5": ["SC-7"], "ISO 27001:2022": ["A.8.20"]},
    opt_in=True,
)
def lb_external_ip_allowlist(
    frontend: Frontend,
    *,
    allowed: Annotated[list[str], Param("Front ends that may be external, by their names; * is any.")] = _NONE,
) -> Findings:
    """Front ends on the internet are on the list of those that may be."""
    if frontend.kinds.exact and not frontend.kinds.certain:
        raise NotApplicable("it leads nowhere, and is not made")
    listed = any(fnmatchcase(frontend.resource.name, pattern) for pattern in allowed)
    if not listed and all_hold(frontend.external, lambda: not leads_to_vpn(frontend), lambda: not _redirects(frontend)):
        yield frontend.resource.finding(
            "loadBalancingScheme", expected="a name that is on the list, or an internal scheme", found=frontend.scheme()
        )


def _redirects(frontend: Frontend) -> bool:
    """Tell whether it does nothing but send clients to HTTPS."""
    url_maps = frontend.url_maps
    if not url_maps.exact:
        raise url_maps.why()
    return bool(url_maps.certain) and all_of(url_maps.certain, lambda one: one.redirects_only())
