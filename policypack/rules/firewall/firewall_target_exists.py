"""Firewall rules for machines that are not there."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, ClassVar, Final

from policypack.gcp import types as t
from policypack.gcp.netranges import RangeSet
from policypack.model.graph import External
from policypack.model.logic import all_of, any_of
from policypack.model.records import dataclass
from policypack.rules.contract import Findings, NotApplicable, Resource, Severity, Undecided, rule
from policypack.topology.compute import machine_of
from policypack.topology.firewall import OWN_RULE_TIERS, RULE_LIST_TIERS, Action, FirewallRule, Tier

if TYPE_CHECKING:
    from policypack.topology import Deployment
    from policypack.topology.compute import Machine
    from policypack.topology.populated import PopulatedNetwork

MAKERS: Final = (
    "gcp:appengine/",
    "gcp:batch/",
    "gcp:cloudfunctionsv2/",
    "gcp:cloudrun/",
    "gcp:cloudrunv2/",
    "gcp:colab/",
    "gcp:composer/",
    "gcp:compute/instanceFrom",
    "gcp:compute/sharedVPC",
    "gcp:compute/subnetworkIAM",
    "gcp:container/",
    "gcp:dataflow/",
    "gcp:dataproc/",
    "gcp:notebooks/",
    "gcp:tpu/",
    "gcp:vpcaccess/",
    "gcp:workbench/",
    "gcp:workstations/",
)
"""How the types begin that make machines, or interfaces, which wear tags and run as accounts of their own.

Among them is what lets other projects run machines in a network: as a shared one, or in a subnet of it.
"""
BINDERS: Final = ("gcp:tags/locationTagBinding", "gcp:tags/tagBinding")
"""How the types begin that give secure tags to machines which are there already."""

_ALL_IPV4: Final = RangeSet.of("0.0.0.0/0")


@dataclass(eq=False)
class AimedRule:
    """A firewall rule, and the machines that it may be for.

    Attributes:
        firewall: The rule.
        deployment: The stack.
    """

    types: ClassVar[tuple[str, ...]] = (*OWN_RULE_TIERS, *RULE_LIST_TIERS)
    follows: ClassVar[tuple[str, ...]] = (*t.FIREWALLING, *t.MACHINES)

    firewall: FirewallRule
    deployment: Deployment

    @classmethod
    def subjects(cls, deployment: Deployment) -> Sequence[AimedRule]:
        """List every firewall rule of a stack, sorted by URN and place."""
        return tuple(cls(rule, deployment) for rule in deployment.network.rules)

    @property
    def resource(self) -> Resource:
        """The resource that holds the rule."""
        return self.firewall.resource

    @property
    def prefix(self) -> str:
        """Where it stands in the resource; "" for a resource of its own."""
        return "" if self.firewall.place is self.resource else self.firewall.place.full("")

    def networks(self) -> tuple[PopulatedNetwork, ...]:
        """Give the networks that the rule belongs to.

        Raises:
            NotApplicable: There is none that the stack manages, or another one beside it.
            Undecided: It is not known.
        """
        found = self.deployment.network.networks_of(self.firewall)
        if any(isinstance(network, External) for network in found.possible):
            raise NotApplicable("it belongs to a network that this stack does not manage")
        if not found.exact:
            raise found.why()
        populated = self.deployment.populated
        certain = (one for one in found.certain if isinstance(one, Resource) and one in populated)
        networks = tuple(populated[one] for one in sorted(certain, key=lambda network: network.urn))
        if not networks:
            raise NotApplicable("its policy is tied to no network of this stack")
        return networks

    def templates(self) -> tuple[Machine, ...]:
        """Give what machines may be made from that no group of this stack makes."""
        graph = self.deployment.graph
        return tuple(machine_of(graph, template) for template in graph.of_type(*t.INSTANCE_TEMPLATES))

    def maker(self, *, by_tags: bool) -> Resource | None:
        """Give something of the stack that may make machines which are not seen here.

        Args:
            by_tags: True if it may as well give secure tags to machines.
        """
        makers = (*MAKERS, *BINDERS) if by_tags else MAKERS
        made = (one for one in self.deployment.graph.resources if one.custom and one.type.startswith(makers))
        return next(made, None)

    def quarantines(self) -> bool:
        """Tell whether it shuts machines off altogether: it waits for those that somebody marks one day.

        Raises:
            Undecided: That is not known.
        """
        questions: tuple[Callable[[], bool], ...] = (
            lambda: self.firewall.action() is Action.DENY,
            lambda: any_of(self.firewall.openings, lambda opening: opening.matches_all()),
            self._is_for_everybody,
        )
        return all_of(questions, lambda question: question())

    def _is_for_everybody(self) -> bool:
        firewall = self.firewall
        others = firewall.written_sources() if firewall.ingress() else firewall.reached()
        if not others.known.covers(_ALL_IPV4) and others.unknown:
            raise others.unknown[0]
        return others.known.covers(_ALL_IPV4)


@rule(
    severity=Severity.MEDIUM,
    subjects=(AimedRule,),
    fix="Aim the rule at the tag that the template gives the machines, or at the service account that they run as; or "
    "remove it.",
    controls={"NIST 800-53 r5": ["CM-6"], "ISO 27001:2022": ["A.8.9"]},
)
def firewall_target_exists(aimed: AimedRule) -> Findings:
    """Firewall rules are aimed at machines that exist."""
    firewall, plane = aimed.firewall, aimed.deployment.network
    if firewall.tier is Tier.HIERARCHICAL:
        raise NotApplicable("it is for the machines of many projects")
    aim = plane.aim_of(firewall)
    if aim is None:
        raise NotApplicable("it is for every machine of its networks")
    if not firewall.enabled():
        raise NotApplicable("it is disabled")
    if aimed.quarantines():
        raise NotApplicable("it shuts off whichever machine is marked one day")
    networks = aimed.networks()
    machines = [machine for network in networks for machine in network.machines]
    if not machines:
        raise NotApplicable("no machine of this stack runs in its network")
    questions: tuple[Callable[[], bool], ...] = (
        lambda: any_of(machines, lambda machine: plane.applies(firewall, machine)),
        lambda: any_of(aimed.templates(), aim.hits),
    )
    if any_of(questions, lambda question: question()):
        return
    for network in networks:
        if network.unknown:
            raise network.unknown[0]
    tags = "targetTags" if firewall.classic else "targetSecureTags"
    path = tags if firewall.place.peek(tags) is not None else "targetServiceAccounts"
    maker = aimed.maker(by_tags=path == "targetSecureTags")
    if maker is not None:
        raise Undecided(maker.urn, "", "it may bring machines that the rule is for, which are not seen here")
    names = ", ".join(sorted({machine.group.name for machine in machines}))
    yield firewall.place.finding(
        path,
        expected="a tag that machines of the network wear, or the service account that they run as",
        found=f"no machine of the network is meant: neither those of {names}, nor those of any template",
    )
