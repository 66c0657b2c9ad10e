"""Public front ends that clients of one version of IP alone can reach."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from policypack.gcp.types import ADDRESS, GLOBAL_ADDRESS
from policypack.model.resource import Resource
from policypack.rules.contract import Findings, NotApplicable, Severity, any_of, rule
from policypack.topology.load_balancing import Frontend, FrontendKind

if TYPE_CHECKING:
    from policypack.model.graph import Target

VERSION: Final = "ipVersion"
BOTH: Final = frozenset({"IPV4", "IPV6"})
PROXIED: Final = frozenset({FrontendKind.HTTPS, FrontendKind.HTTP, FrontendKind.SSL, FrontendKind.TCP})


@rule(
    severity=Severity.LOW,
    subjects=(Frontend,),
    fix="Add a forwarding rule with the same target and an address of the other version.",
    controls={"NIST 800-53 r5": ["SC-7"]},
    opt_in=True,
    follows=(ADDRESS, GLOBAL_ADDRESS),
)
def forwarding_rule_ipv6_parity(frontend: Frontend) -> Findings:
    """Global public front ends answer over IPv4 and over IPv6."""
    if not frontend.is_global or not frontend.external() or frontend.kind() not in PROXIED:
        raise NotApplicable("it is no global front end of a proxy that the internet reaches")
    mine = _version(frontend)
    other = next(iter(BOTH - {mine}), "IPV6")
    siblings = [one for one in frontend.plane.frontends if one is not frontend and one.is_global]

    def answers(sibling: Frontend) -> bool:
        targets, own = sibling.target.targets(), frontend.target.targets()
        if not targets.open and not own.open and not targets.possible & own.possible:
            return False
        if _version(sibling) != other:
            return False
        if not targets.certain & own.certain:
            raise (targets if not targets.exact else own).why()
        return True

    if not any_of(siblings, answers):
        yield frontend.resource.finding(
            "ipAddress", expected=f"a second forwarding rule to the same target, for {other}", found=f"{mine} alone"
        )


def _version(frontend: Frontend) -> str:
    """Tell which version of IP a front end answers.

    Raises:
        Undecided: It is unknown.
    """
    own = frontend.resource
    if own.is_set("ipAddress"):
        addresses = frontend.plane.graph.references(own, "ipAddress")
        text = own.peek("ipAddress")
        if isinstance(text, str) and "/" not in text and (":" in text or text.count(".") == 3):
            return "IPV6" if ":" in text else "IPV4"
        if addresses.agree(_is_version_6):
            return "IPV6"
        return "IPV4"
    return (own.text(VERSION) if own.is_set(VERSION) else None) or "IPV4"


def _is_version_6(address: Target) -> bool:
    if not isinstance(address, Resource):
        return ":" in address.text and "/" not in address.text
    return address.is_set(VERSION) and address.text(VERSION) == "IPV6"
