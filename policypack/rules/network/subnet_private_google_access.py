"""Subnets from which machines without public addresses reach Google's APIs."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Final

from policypack.gcp import types as t
from policypack.model.records import dataclass
from policypack.rules.contract import Findings, NotApplicable, Resource, Severity, rule

if TYPE_CHECKING:
    from collections.abc import Sequence

    from policypack.model.graph import Graph
    from policypack.topology import Deployment

NOT_MACHINES: Final = (
    *t.FORWARDING_RULES,
    t.ADDRESS,
    t.REGION_NETWORK_ENDPOINT_GROUP,
    t.SERVICE_ATTACHMENT,
    t.ROUTER_NAT,
)
"""What takes addresses of a subnet, or serves it, without being a machine."""

_OFF: Final = (None, "DISABLE_GOOGLE_ACCESS")


@dataclass(eq=False)
class MachineSubnet:
    """A subnet.

    Attributes:
        resource: The subnet.
        for_others: True if something of the stack uses it, and no machine does.
    """

    types: ClassVar[tuple[str, ...]] = (t.SUBNETWORK,)
    follows: ClassVar[tuple[str, ...]] = (*t.MACHINES, *NOT_MACHINES)

    resource: Resource
    for_others: bool

    @classmethod
    def subjects(cls, deployment: Deployment) -> Sequence[MachineSubnet]:
        """List every subnet of a stack, sorted by URN."""
        graph = deployment.graph
        subnets = (subnet for subnet in graph.of_type(t.SUBNETWORK) if not subnet.external)
        return tuple(cls(subnet, _for_others(graph, subnet)) for subnet in subnets)


def _for_others(graph: Graph, subnet: Resource) -> bool:
    users = {owner.type for owner, _ in graph.referrers(subnet)}
    return bool(users) and users <= set(NOT_MACHINES)


@rule(
    severity=Severity.MEDIUM,
    subjects=(MachineSubnet,),
    fix="Set private_ip_google_access=True on the subnet.",
    remedy={"privateIpGoogleAccess": True, "privateIpv6GoogleAccess": "ENABLE_OUTBOUND_VM_ACCESS_TO_GOOGLE"},
    controls={"NIST 800-53 r5": ["SC-7"], "ISO 27001:2022": ["A.8.20"]},
    aliases=("subnet-private-google-access-ipv6", "gke-subnet-private-google-access"),
)
def subnet_private_google_access(subnet: MachineSubnet) -> Findings:
    """Subnets for machines have Private Google Access."""
    resource = subnet.resource
    purpose = resource.text("purpose") if resource.is_set("purpose") else None
    if purpose not in (None, "PRIVATE"):
        raise NotApplicable("no machine has an address in it")
    if subnet.for_others:
        raise NotApplicable("only load balancers and endpoints of this stack have addresses in it")
    stack = resource.text("stackType") if resource.is_set("stackType") else None
    yield from _ipv6(resource) if stack == "IPV6_ONLY" else _ipv4(resource)


def _ipv4(subnet: Resource) -> Findings:
    # What the program leaves out, the provider computes: it is off.
    given = subnet.is_set("privateIpGoogleAccess")
    if not given or subnet.flag("privateIpGoogleAccess") is not True:
        yield subnet.finding("privateIpGoogleAccess", expected="true", found=_said(given))


def _ipv6(subnet: Resource) -> Findings:
    if subnet.text("ipv6AccessType") == "EXTERNAL":
        raise NotApplicable("its machines have public addresses")
    given = subnet.is_set("privateIpv6GoogleAccess")
    if not given or subnet.text("privateIpv6GoogleAccess") in _OFF:
        yield subnet.finding(
            "privateIpv6GoogleAccess", expected="ENABLE_OUTBOUND_VM_ACCESS_TO_GOOGLE", found=_said(given)
        )


def _said(given: bool) -> str:
    return f"{'off' if given else 'unset, which means off'}: machines without public addresses reach no Google API"
