"""Kinds of load balancers that an organization does not want."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Final

from policypack.rules.contract import NotApplicable, Param, Severity, rule
from policypack.topology.load_balancing import Frontend, FrontendKind

if TYPE_CHECKING:
    from policypack.rules.contract import Findings

_WEB: Final = (FrontendKind.HTTPS, FrontendKind.HTTP, FrontendKind.GRPC)

GLOBAL: Final = {
    "EXTERNAL": {"web": "EXTERNAL_HTTP_HTTPS", "SSL": "EXTERNAL_SSL_PROXY", "TCP": "EXTERNAL_TCP_PROXY"},
    "EXTERNAL_MANAGED": {
        "web": "GLOBAL_EXTERNAL_MANAGED_HTTP_HTTPS",
        "SSL": "GLOBAL_EXTERNAL_MANAGED_SSL_PROXY",
        "TCP": "GLOBAL_EXTERNAL_MANAGED_TCP_PROXY",
    },
    "INTERNAL_MANAGED": {"web": "GLOBAL_INTERNAL_MANAGED_HTTP_HTTPS", "TCP": "GLOBAL_INTERNAL_MANAGED_TCP_PROXY"},
}
REGIONAL: Final = {
    "EXTERNAL": {"passthrough": "EXTERNAL_NETWORK_TCP_UDP", "other": "EXTERNAL_NETWORK_TCP_UDP"},
    "EXTERNAL_MANAGED": {"web": "EXTERNAL_MANAGED_HTTP_HTTPS", "TCP": "REGIONAL_EXTERNAL_MANAGED_TCP_PROXY"},
    "INTERNAL": {"passthrough": "INTERNAL_TCP_UDP"},
    "INTERNAL_MANAGED": {"web": "INTERNAL_HTTP_HTTPS", "TCP": "REGIONAL_INTERNAL_MANAGED_TCP_PROXY"},
}
CLASSIC: Final = ("EXTERNAL_HTTP_HTTPS", "EXTERNAL_SSL_PROXY", "EXTERNAL_TCP_PROXY")
EVERY: Final = tuple(
    dict.fromkeys(kind for table in (GLOBAL, REGIONAL) for kinds in table.values() for kind in kinds.values())
)
"""The kinds, by the names that Google's constraint has for them."""
USUAL: Final = [kind for kind in EVERY if kind not in CLASSIC]


@rule(
    severity=Severity.MEDIUM,
    subjects=(Frontend,),
    fix="Use a load balancer of a kind that is allowed, or have this one added to the list.",
    controls={"ISO 27001:2022": ["A.8.9"]},
    aliases=("lb-forwarding-rule-allowlist",),
    opt_in=True,
)
def lb_allowed_types(
    frontend: Frontend,
    *,
    allowed: Annotated[list[str], Param("Kinds of load balancers that may be made.", choices=EVERY)] = USUAL,
) -> Findings:
    """Load balancers are of the kinds that are allowed."""
    kind = _kind_of(frontend)
    if kind not in allowed:
        yield frontend.resource.finding("loadBalancingScheme", expected="a kind that is allowed", found=kind)


def _kind_of(frontend: Frontend) -> str:
    """Give the kind of load balancer that a front end makes.

    Raises:
        NotApplicable: It makes none.
    """
    kind = frontend.kind()
    kinds = (GLOBAL if frontend.is_global else REGIONAL).get(frontend.scheme(), {})
    found = kinds.get("web" if kind in _WEB else kind.value)
    if found is None:
        raise NotApplicable("it is no load balancer, or of no kind that the list tells apart")
    return found
