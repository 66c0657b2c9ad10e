"""Front ends that ask for the same ports of one address."""

from __future__ import annotations

from typing import TYPE_CHECKING

from policypack.gcp.ports import EVERY_PORT, PortRange, parse_ports
from policypack.gcp.types import ADDRESS, GLOBAL_ADDRESS
from policypack.model.resource import Resource
from policypack.rules.contract import Findings, NotApplicable, Severity, Undecided, rule
from policypack.topology.load_balancing import Frontend

if TYPE_CHECKING:
    from policypack.rules.contract import Finding


@rule(
    severity=Severity.HIGH,
    subjects=(Frontend,),
    fix="Give each forwarding rule ports of its own, or an address of its own.",
    controls={"NIST 800-53 r5": ["CM-6"], "ISO 27001:2022": ["A.8.9"]},
    follows=(ADDRESS, GLOBAL_ADDRESS),
)
def forwarding_rule_ports_no_overlap(frontend: Frontend) -> Findings:
    """Forwarding rules that share an address and a protocol share no port."""
    if not frontend.resource.is_set("ipAddress"):
        raise NotApplicable("it gets an address of its own")
    if frontend.scheme() == "":
        raise NotApplicable("an endpoint of Private Service Connect has no ports of its own")
    for other in frontend.plane.beside(frontend):
        # One pair, one finding: at the one of the two that comes later.
        if other.resource.urn < frontend.resource.urn:
            try:
                if _collide(frontend, other):
                    yield _finding(frontend, other)
                    return
            except Undecided as unknown:
                yield unknown


def _collide(frontend: Frontend, other: Frontend) -> bool:
    own, their = frontend.resource, other.resource
    if own.type != their.type or not their.is_set("ipAddress") or other.scheme() == "":
        return False
    if isinstance(frontend.region, str) and isinstance(other.region, str) and frontend.region != other.region:
        return False
    # A rule that takes the clients of some ranges stands beside the one for all the others.
    if own.is_set("sourceIpRanges") or their.is_set("sourceIpRanges"):
        return False
    if _protocol(own) != _protocol(their) or not _overlap(own, their):
        return False
    addresses, others = frontend.addresses, other.addresses
    shared = addresses.certain & others.certain
    if not shared:
        raise (others if addresses.exact else addresses).why()
    # An internal address that is written out may be that of two networks.
    return any(isinstance(one, Resource) for one in shared) or frontend.external() or _same_network(frontend, other)


def _same_network(frontend: Frontend, other: Frontend) -> bool:
    """Tell whether two front ends are in one network, as far as they name it.

    Raises:
        Undecided: They may be.
    """
    for path in ("subnetwork", "network"):
        mine, theirs = (frontend.plane.graph.references(one.resource, path).targets() for one in (frontend, other))
        if mine.certain & theirs.certain:
            return True
        if mine.open or theirs.open or mine.possible & theirs.possible:
            raise (theirs if mine.exact else mine).why()
    return False


def _protocol(rule: Resource) -> str:
    return ((rule.text("ipProtocol") if rule.is_set("ipProtocol") else None) or "TCP").upper()


def _overlap(one: Resource, other: Resource) -> bool:
    return any(mine.overlaps(theirs) for mine in _ports(one) for theirs in _ports(other))


def _ports(rule: Resource) -> list[PortRange]:
    """Give the ports a forwarding rule listens on: all of them where it names none."""
    written = rule.text("portRange") if rule.is_set("portRange") else None
    texts = [written] if written else rule.texts("ports")
    return [ports for text in texts if (ports := parse_ports(text)) is not None] if texts else [EVERY_PORT]


def _finding(frontend: Frontend, other: Frontend) -> Finding:
    own = frontend.resource
    path = next((path for path in ("portRange", "ports") if own.is_set(path)), "ipAddress")
    shown = ", ".join(map(str, _ports(own)))
    return own.finding(
        path,
        expected=f"ports that {other.resource.name} does not have, at the same address",
        found=f"{_protocol(own)} {shown}: the API refuses the second of the two",
    )
