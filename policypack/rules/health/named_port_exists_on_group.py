"""Named ports of instance groups that backend services send requests to."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, ClassVar, Final

from policypack.gcp.types import BACKEND_SERVICES, INSTANCE_GROUP_NAMED_PORT, INSTANCE_GROUPS, LOAD_BALANCING
from policypack.model.graph import External
from policypack.model.records import cached_property, dataclass, field
from policypack.model.resource import Resource
from policypack.model.values import Unknown
from policypack.rules.contract import Findings, NotApplicable, Severity, Undecided, all_of, any_of, rule
from policypack.topology.load_balancing import Backend, BackendKind, BackendService

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from policypack.topology import Deployment

DEFAULT_NAME: Final = "http"
"""The port name of a service that gives none."""


@dataclass(eq=False)
class Extra:
    """Named ports that are resources of their own.

    Attributes:
        certain: URN of a group, to those that are for it.
        possible: Those of which the group is not known for sure.
    """

    certain: dict[str, list[Resource]] = field(default_factory=lambda: defaultdict(list))
    possible: list[Resource] = field(default_factory=list)

    @classmethod
    def of(cls, deployment: Deployment) -> Extra:
        """Find all of a deployment."""
        extra = cls()
        for port in deployment.graph.of_type(INSTANCE_GROUP_NAMED_PORT):
            groups = deployment.graph.references(port, "group").resources()
            for group in groups.certain:
                extra.certain[group.urn].append(port)
            if not groups.exact or not groups.certain:
                extra.possible.append(port)
        return extra


@dataclass(eq=False)
class Need:
    """A backend service that sends requests to a port of an instance group, by its name."""

    service: BackendService
    group: Resource
    extra: Extra

    @cached_property
    def _missing(self) -> bool | Undecided:
        try:
            return not self._offered(name_of(self.service))
        except Undecided as why:
            return why

    def missing(self) -> bool:
        """Tell whether the group has no port of that name.

        Raises:
            Undecided: It may have one.
        """
        if isinstance(self._missing, Undecided):
            raise self._missing
        return self._missing

    def _offered(self, name: str) -> bool:
        own = self.group.elements("namedPorts") if self.group.is_set("namedPorts") else []
        if any_of(own, lambda port: port.text("name") == name):
            return True
        if any_of(self.extra.certain.get(self.group.urn, ()), lambda port: port.text("name") == name):
            return True
        if any(path.split("[")[0] == "namedPorts" for path in self.group.options.ignore_changes):
            raise Undecided(self.group.urn, "namedPorts", "it is left to something outside the stack (ignore_changes)")
        if any_of(self.extra.possible, lambda port: port.text("name") == name):
            raise Undecided(self.group.urn, "namedPorts", "a named port of its own may be for this group")
        return False


@dataclass(eq=False)
class Party:
    """A backend service or an instance group, with everything that is asked of it.

    Attributes:
        resource: The resource.
        needs: For a service: of its groups. For a group: of the services that lead to it.
        service: The service, if it is one.
        parties: All of the deployment, by URN.
        doubts: Why more may be asked.
    """

    types: ClassVar[tuple[str, ...]] = (*INSTANCE_GROUPS, *BACKEND_SERVICES)
    follows: ClassVar[tuple[str, ...]] = (*LOAD_BALANCING, INSTANCE_GROUP_NAMED_PORT)

    resource: Resource
    needs: list[Need]
    service: BackendService | None
    parties: Mapping[str, Party] = field(repr=False)
    doubts: list[Undecided] = field(default_factory=list)

    @classmethod
    def subjects(cls, deployment: Deployment) -> Sequence[Party]:
        """Give every backend service and every instance group, sorted by URN."""
        extra = Extra.of(deployment)
        parties: dict[str, Party] = {}
        for resource in deployment.graph.of_type(*INSTANCE_GROUPS, *BACKEND_SERVICES):
            service = deployment.load_balancing.service(resource) if resource.type in BACKEND_SERVICES else None
            parties[resource.urn] = cls(resource, [], service, parties)
        for party in parties.values():
            if party.service is not None:
                party.note_needs(extra)
        return list(parties.values())

    def note_needs(self, extra: Extra) -> None:
        """Note what this service needs of its groups, here and with each group."""
        if self.service is None:
            return
        groups = self.service.groups.resources()
        for group in sorted(groups.certain, key=lambda one: one.urn):
            if group.type in INSTANCE_GROUPS and group.urn in self.parties:
                need = Need(self.service, group, extra)
                self.needs.append(need)
                self.parties[group.urn].needs.append(need)
        kinds = self.service.kinds
        if not groups.exact and (kinds.open or BackendKind.INSTANCE_GROUP in kinds.possible):
            self.doubts.append(groups.why())

    @cached_property
    def _at_fault(self) -> bool | Undecided:
        try:
            return len(self.needs) > 1 and all_of(self.needs, Need.missing)
        except Undecided as why:
            return why

    def at_fault(self) -> bool:
        """Tell whether none of several groups has the port that this service asks for.

        Raises:
            Undecided: That cannot be known.
        """
        if isinstance(self._at_fault, Undecided):
            raise self._at_fault
        return self._at_fault


def name_of(service: BackendService) -> str:
    """Read the name of the port that a service sends requests to.

    Raises:
        Undecided: It is unknown.
    """
    resource = service.resource
    # The API fills in what the program leaves out: then it is unknown until it is deployed.
    if isinstance(resource.peek("portName"), Unknown) and not resource.is_set("portName"):
        return DEFAULT_NAME
    return resource.text("portName") or DEFAULT_NAME


@rule(
    severity=Severity.CRITICAL,
    subjects=(Party,),
    fix="Give every instance group behind the service a named port of the name in port_name.",
    controls={"NIST 800-53 r5": ["CM-6"], "ISO 27001:2022": ["A.8.9"]},
)
def named_port_exists_on_group(party: Party) -> Findings:
    """Instance groups have the named port that the backend services before them send requests to."""
    if party.service is not None:
        yield from _service(party, party.service)
    else:
        yield from _group(party)


def _service(party: Party, service: BackendService) -> Findings:
    if service.passthrough():
        raise NotApplicable("pass-through load balancers do not use named ports")
    if party.at_fault():
        names = ", ".join(need.group.name for need in party.needs)
        yield party.resource.finding(
            "portName",
            expected="the name of a port that its instance groups have",
            found=f"none of its instance groups ({names}) has a port named `{name_of(service)}`",
        )
        return
    if any_of(party.needs, Need.missing):
        raise NotApplicable("the groups behind it are judged one by one")
    if service.backends_unknown is not None:
        raise service.backends_unknown
    yield from _others(service)
    yield from party.doubts
    if not party.needs:
        raise NotApplicable("none of its backends is an instance group of this stack")


def _others(service: BackendService) -> Findings:
    """Say which groups lie outside the stack, where their ports cannot be seen."""
    for backend in service.backends:
        for target in backend.target.known:
            if isinstance(target, External) and _may_be_instances(backend):
                yield Undecided(service.resource.urn, f"{backend.path}.group", "its group lies outside this stack")


def _may_be_instances(backend: Backend) -> bool:
    return backend.kinds.open or BackendKind.INSTANCE_GROUP in backend.kinds.possible


def _group(party: Party) -> Findings:
    if not party.needs:
        raise NotApplicable("no backend service of this stack leads to it")
    asking: dict[str, list[str]] = defaultdict(list)
    judged = False
    for need in party.needs:
        try:
            if need.service.passthrough():
                continue
            judged = True
            if need.missing() and not party.parties[need.service.resource.urn].at_fault():
                asking[name_of(need.service)].append(need.service.resource.name)
        except Undecided as unknown:
            yield unknown
    for name, services in sorted(asking.items()):
        yield party.resource.finding(
            "namedPorts",
            expected=f"a port named `{name}`, to which {', '.join(services)} sends requests",
            found=f"no port named `{name}`: the load balancer finds no port to send requests to",
        )
    if not judged:
        raise NotApplicable("only pass-through load balancers lead to it")
