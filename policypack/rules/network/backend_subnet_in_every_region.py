"""Machines, endpoints and addresses with a subnet in the region where they are."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Final

from policypack.gcp import types as t
from policypack.gcp.locations import region_of
from policypack.model.graph import External
from policypack.model.records import dataclass
from policypack.rules.contract import Findings, NotApplicable, Resource, Severity, Undecided, rule
from policypack.topology.firewall_scope import only
from policypack.topology.scopes import same_scope

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from policypack.model.graph import Graph, References, Target
    from policypack.topology import Deployment

_INTERFACES: Final = "networkInterfaces[].subnetwork"

OWN_SUBNETS: Final[Mapping[str, str]] = {
    t.INSTANCE: _INTERFACES,
    t.NETWORK_ENDPOINT_GROUP: "subnetwork",
    t.REGION_NETWORK_ENDPOINT_GROUP: "subnetwork",
    t.FORWARDING_RULE: "subnetwork",
    t.ADDRESS: "subnetwork",
    t.SERVICE_ATTACHMENT: "natSubnets[]",
    t.ROUTER_NAT: "subnetworks[].name",
}
"""Type token of what lies in a region, to the property that names its subnets."""


@dataclass(eq=False)
class InRegion:
    """Something that lies in a region and needs a subnet there.

    Attributes:
        resource: The resource.
        graph: The stack.
    """

    types: ClassVar[tuple[str, ...]] = (*t.INSTANCE_GROUP_MANAGERS, *OWN_SUBNETS)
    follows: ClassVar[tuple[str, ...]] = (*t.INSTANCE_TEMPLATES, t.SUBNETWORK, t.NETWORK)

    resource: Resource
    graph: Graph

    @classmethod
    def subjects(cls, deployment: Deployment) -> Sequence[InRegion]:
        """List every such resource of a stack, sorted by URN."""
        graph = deployment.graph
        return tuple(cls(resource, graph) for resource in graph.of_type(*cls.types) if not resource.external)

    def machines(self) -> Iterator[tuple[str, Resource]]:
        """Give what describes machines here, with the property of the resource that names it.

        Raises:
            Undecided: Something else may, too.
        """
        if self.resource.type == t.INSTANCE:
            yield "", self.resource
        elif self.resource.type in t.INSTANCE_GROUP_MANAGERS:
            templates = self.graph.references(self.resource, "versions[].instanceTemplate").resources()
            yield from (("versions", one) for one in sorted(templates.certain, key=lambda one: one.urn))
            if not templates.exact:
                raise templates.why()


@rule(
    severity=Severity.HIGH,
    subjects=(InRegion,),
    fix="Give every region a subnet of its own, and its group a template that names it: a regional template for each "
    "region, or one template each.",
    controls={"NIST 800-53 r5": ["CP-7", "CP-10"], "ISO 27001:2022": ["A.8.14"]},
)
def backend_subnet_in_every_region(place: InRegion) -> Findings:
    """What lies in a region, groups of machines above all, names subnets of that region."""
    own = OWN_SUBNETS.get(place.resource.type)
    if own is not None:
        references = place.graph.references(place.resource, own)
        if references.empty and place.resource.type != t.INSTANCE:
            raise NotApplicable("it names no subnet")
        yield from _elsewhere(place, references, "")
    try:
        for path, machine in place.machines():
            if path:
                yield from _elsewhere(place, place.graph.references(machine, _INTERFACES), path)
            yield from _without_subnet(place, machine, path)
    except Undecided as unknown:
        yield unknown


def _elsewhere(place: InRegion, references: References, path: str) -> Findings:
    """Find subnets of other regions.

    Args:
        place: What lies in a region.
        references: The subnets that it names, or that its template does.
        path: The property of the resource through which it does; "" if by itself.
    """
    subnets = references.targets()
    for subnet in sorted(subnets.possible, key=_name):
        try:
            fits = same_scope(place.resource, subnet, references.path)
        except Undecided as unknown:
            yield unknown
            continue
        if not fits and subnet in subnets.certain:
            yield place.resource.finding(
                path or references.path.split("[")[0],
                expected=f"a subnet of region {region_of(place.resource)}",
                found=_said(references, subnet, path),
            )
        elif not fits:
            yield subnets.why()
    if subnets.open:
        yield subnets.why()


def _said(references: References, subnet: Target, path: str) -> str:
    name = f"subnet {_name(subnet)} of region {_region(subnet)}"
    return f"template {references.owner.name} puts its machines in {name}" if path else name


def _without_subnet(place: InRegion, machine: Resource, path: str) -> Findings:
    """Find interfaces in a network without subnets of its own making that name no subnet."""
    networks = place.graph.references(machine, "networkInterfaces[].network")
    for interface in machine.elements("networkInterfaces"):
        if interface.is_set("subnetwork") or interface.is_set("networkAttachment") or not interface.is_set("network"):
            continue
        slot = next((one for one in networks.slots if one.path == interface.full("network")), None)
        network = None if slot is None else only(networks.of(slot).targets())
        if isinstance(network, Resource) and network.flag("autoCreateSubnetworks") is False:
            yield place.resource.finding(
                path or "networkInterfaces",
                expected="a subnet of the region",
                found=f"{interface.full('subnetwork')} of {machine.name} is unset, and network {network.name} "
                "makes no subnets by itself",
            )


def _name(subnet: Target) -> str:
    return subnet.text if isinstance(subnet, External) else subnet.name


def _region(subnet: Target) -> str:
    if isinstance(subnet, External):
        return str(subnet.address.location) if subnet.address else "another"
    return str(region_of(subnet))
