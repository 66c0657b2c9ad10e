"""The network that comes with a project, and what still stands in it."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Final

from policypack.gcp import types as t
from policypack.model.graph import External
from policypack.model.records import dataclass
from policypack.rules.contract import Findings, Resource, Severity, Undecided, rule
from policypack.topology.compute import DEFAULT_NETWORK

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from policypack.model.graph import Graph, Target
    from policypack.topology import Deployment

_INTERFACES: Final = "networkInterfaces[].network"

IN_NETWORKS: Final[Mapping[str, str]] = {
    **dict.fromkeys((t.INSTANCE, *t.INSTANCE_TEMPLATES), _INTERFACES),
    **dict.fromkeys(
        (
            t.FIREWALL,
            t.SUBNETWORK,
            t.ROUTER,
            t.NETWORK_ENDPOINT_GROUP,
            t.REGION_NETWORK_ENDPOINT_GROUP,
            *t.FORWARDING_RULES,
        ),
        "network",
    ),
}
"""Type token of what stands in a network, to the property that names it."""


@dataclass(eq=False)
class Newcomer:
    """A project, a network, or something that stands in one.

    Attributes:
        resource: The resource.
        graph: The stack.
    """

    types: ClassVar[tuple[str, ...]] = (t.PROJECT, t.NETWORK, *IN_NETWORKS)
    follows: ClassVar[tuple[str, ...]] = ()

    resource: Resource
    graph: Graph

    @classmethod
    def subjects(cls, deployment: Deployment) -> Sequence[Newcomer]:
        """List every such resource of a stack, sorted by URN."""
        graph = deployment.graph
        return tuple(cls(resource, graph) for resource in graph.of_type(*cls.types) if not resource.external)


@rule(
    severity=Severity.HIGH,
    subjects=(Newcomer,),
    fix="Set auto_create_network=False on projects, make a Network of your own with auto_create_subnetworks=False, and "
    "name it or one of its subnets everywhere.",
    controls={
        "CIS GCP 4.0": ["3.1"],
        "CIS GCP 5.0": ["3.1"],
        "NIST 800-53 r5": ["CM-7", "SC-7"],
        "ISO 27001:2022": ["A.8.20"],
    },
    aliases=("firewall-default-rules-removed", "firewall-not-on-default-network", "workloads-not-on-default-network"),
)
def network_no_default_network(newcomer: Newcomer) -> Findings:
    """Nothing stands in the `default` network, and no project gets one."""
    resource = newcomer.resource
    if resource.type == t.PROJECT:
        yield from _of_project(resource)
    elif resource.type == t.NETWORK:
        if resource.text("name") == DEFAULT_NETWORK:
            yield resource.finding(
                "name", expected="a network of a name and of rules of your own", found="default: the project's own"
            )
    else:
        yield from _inside(newcomer, IN_NETWORKS[resource.type])


def _of_project(project: Resource) -> Findings:
    if project.flag("autoCreateNetwork") is not False:
        found = "true" if project.is_set("autoCreateNetwork") else "unset, which means true"
        yield project.finding(
            "autoCreateNetwork",
            expected="false",
            found=f"{found}: the project gets a network that lets SSH, RDP and ICMP in from everywhere",
        )


def _inside(newcomer: Newcomer, path: str) -> Findings:
    resource = newcomer.resource
    references = newcomer.graph.references(resource, path)
    # Where the program names a subnet alone, or nothing, the provider fills in the network.
    given = [slot for slot in references.slots if _is_given(resource, slot.path)]
    for slot in given:
        targets = references.of(slot).targets()
        if any(map(_is_default, targets.certain)):
            yield resource.finding(slot.path, expected="a network of your own", found=f"{slot.text or 'default'}")
        elif targets.open or any(map(_is_default, targets.possible)):
            yield targets.why()
    if references.whole:
        yield references.unresolved[0]
    elif path == _INTERFACES:
        for interface in resource.elements("networkInterfaces"):
            try:
                if not any(map(interface.is_set, ("network", "subnetwork", "networkAttachment"))):
                    yield interface.finding(
                        "network", expected="a network of your own", found="unset, which means default"
                    )
            except Undecided as unknown:
                yield unknown


def _is_given(resource: Resource, path: str) -> bool:
    try:
        return resource.is_set(path)
    except Undecided:
        return True


def _is_default(network: Target) -> bool:
    # A managed network of that name is a finding of its own.
    return isinstance(network, External) and network.text.rsplit("/", 1)[-1] == DEFAULT_NETWORK
