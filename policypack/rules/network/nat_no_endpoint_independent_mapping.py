"""How Cloud NAT uses its ports again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from policypack.gcp.types import ROUTER_NAT
from policypack.rules.contract import Severity, rule

if TYPE_CHECKING:
    from policypack.rules.contract import Findings, Resource


@rule(
    severity=Severity.LOW,
    subjects=(ROUTER_NAT,),
    fix="Leave enable_endpoint_independent_mapping out, or set it to False.",
    remedy={"enableEndpointIndependentMapping": False},
    controls={"NIST 800-53 r5": ["SC-7"], "ISO 27001:2022": ["A.8.20"]},
    opt_in=True,
)
def nat_no_endpoint_independent_mapping(nat: Resource) -> Findings:
    """Cloud NAT maps each connection by itself, not each machine's port for all destinations."""
    given = nat.is_set("enableEndpointIndependentMapping")
    if given and nat.flag("enableEndpointIndependentMapping") is True:
        yield nat.finding(
            "enableEndpointIndependentMapping",
            expected="false",
            found="true: a port is taken for all destinations at once, so ports run out sooner",
        )
