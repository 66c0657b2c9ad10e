"""How much the regions behind a backend service can take at the most, from what the program declares."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Final, TypeVar

from policypack.gcp import types as t
from policypack.gcp.locations import region_of
from policypack.model.graph import External
from policypack.model.logic import INFERRED, NotApplicable, Undecided, all_of, note_inference
from policypack.model.records import dataclass
from policypack.topology.load_balancing import BackendKind

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from policypack.model.logic import Bounds
    from policypack.model.references import References
    from policypack.model.resource import Resource
    from policypack.topology.load_balancing import Backend, BackendService, LoadBalancing

T = TypeVar("T")

INSTANCES: Final = "instances"
_PER_INSTANCE: Final = {
    "maxRatePerInstance": "requests/s",
    "maxConnectionsPerInstance": "connections",
}
_PER_GROUP: Final = ("maxRate", "maxConnections")


@dataclass(frozen=True)
class Share:
    """What one instance behind a backend counts for.

    Attributes:
        each: The capacity of one instance, its backend's capacity scaler included.
        unit: What it is counted in: instances, where the backend does not say.
    """

    each: float
    unit: str


def capacity_by_region(service: BackendService) -> tuple[Mapping[str, float], str]:
    """Add up the largest capacity of every region behind a service, and say in which unit.

    What is published through Private Service Connect counts as the producer's own load balancer can take.

    Raises:
        NotApplicable: The program does not say how large a group may become, or backends are not comparable.
        Undecided: Something that counts is unknown.
    """
    return _capacity(service, frozenset())


def _capacity(service: BackendService, before: frozenset[str]) -> tuple[Mapping[str, float], str]:
    """Add up the capacity behind a service; `before` are the URNs of those that it was reached from."""
    if service.resource.urn in before:
        raise NotApplicable("what is published to it leads back to itself")
    if service.backends_unknown is not None:
        raise service.backends_unknown
    if service.groups.externals or any(isinstance(target, External) for target in service.groups.known):
        raise NotApplicable("a group behind it lies outside the stack, and its size is not declared here")
    if service.backends and all_of(service.backends, lambda backend: backend.kind() is BackendKind.PSC_NEG):
        return _published_capacity(service, before | {service.resource.urn})
    shares = [_share(backend) for backend in service.backends]
    if len({share.unit for share in shares}) > 1:
        raise NotApplicable("the capacity of its backends is given in different units")
    found: dict[str, float] = defaultdict(float)
    for group, share in _pairs(service, shares):
        found[_region(group)] += largest_size(service, group) * share.each
    return found, shares[0].unit if shares else INSTANCES


def _published_capacity(service: BackendService, before: frozenset[str]) -> tuple[Mapping[str, float], str]:
    groups = service.groups.resources()
    if not groups.exact:
        raise groups.why()
    found: dict[str, float] = defaultdict(float)
    units = set()
    for group in sorted(groups.certain, key=lambda one: one.urn):
        regions, unit = _capacity(_producer(service.plane, group), before)
        units.add(unit)
        for region, amount in regions.items():
            found[region] += amount
    if len(units) > 1:
        raise NotApplicable("the capacity of its backends is given in different units")
    return found, next(iter(units), INSTANCES)


def _producer(plane: LoadBalancing, group: Resource) -> BackendService:
    """Follow a Private Service Connect group to the one backend service that it leads to."""
    attachment = _inside(plane.graph.references(group, "pscTargetService"))
    rule = _inside(plane.graph.references(attachment, "targetService"))
    if rule.type not in t.FORWARDING_RULES:
        raise NotApplicable("what is published is no load balancer")
    return _only(plane.frontend(rule).services)


def _inside(references: References) -> Resource:
    if references.externals or any(isinstance(target, External) for target in references.known):
        raise NotApplicable("a service that is published to it lies outside the stack")
    return _only(references.resources())


def _only(found: Bounds[T]) -> T:
    if not found.exact:
        raise found.why()
    if len(found.certain) != 1:
        raise NotApplicable("what is published to it is not the one load balancer of a region")
    return next(iter(found.certain))


def _share(backend: Backend) -> Share:
    if backend.kind() is not BackendKind.INSTANCE_GROUP:
        raise NotApplicable("it has backends whose size no program declares")
    for path in _PER_GROUP:
        if backend.element.number(path) is not None:
            raise NotApplicable("the capacity of a backend is given for the group as a whole")
    written = backend.element.number("capacityScaler")
    scaler = 1.0 if written is None else float(written)
    for path, unit in _PER_INSTANCE.items():
        each = backend.element.number(path)
        if each is not None:
            return Share(each * scaler, unit)
    return Share(scaler, INSTANCES)


def _pairs(service: BackendService, shares: list[Share]) -> Iterator[tuple[Resource, Share]]:
    """Give each group with its share. Before the first deployment, which group is in which place is not known."""
    groups = service.groups.resources()
    if not groups.exact:
        raise groups.why()
    singles = [backend.groups for backend in service.backends]
    if all(single.exact and len(single.certain) == 1 for single in singles):
        for single, share in zip(singles, shares, strict=True):
            yield next(iter(single.certain)), share
        return
    if len(set(shares)) != 1 or len(groups.certain) != len(shares):
        raise service.groups.unresolved[0]
    note_inference(INFERRED)
    for group in sorted(groups.certain, key=lambda one: one.urn):
        yield group, shares[0]


def largest_size(service: BackendService, group: Resource) -> float:
    """Give the largest number of instances that a managed instance group may come to.

    Raises:
        NotApplicable: The program does not say.
        Undecided: It is unknown.
    """
    return _size(service, group, "autoscalingPolicy.maxReplicas")


def smallest_sizes(service: BackendService) -> Mapping[str, float]:
    """Add up, for every region behind a service, the smallest number of instances that its groups come to.

    Raises:
        NotApplicable: The program does not say how small a group may become, or has backends of other kinds.
        Undecided: Something that counts is unknown.
    """
    if service.backends_unknown is not None:
        raise service.backends_unknown
    if service.groups.externals or any(isinstance(target, External) for target in service.groups.known):
        raise NotApplicable("a group behind it lies outside the stack, and its size is not declared here")
    groups = service.groups.resources()
    if not groups.exact:
        raise groups.why()
    found: dict[str, float] = defaultdict(float)
    for group in sorted(groups.certain, key=lambda one: one.urn):
        size = _size(service, group, "autoscalingPolicy.minReplicas")
        found[_region(group)] += size
    return found


def _region(group: Resource) -> str:
    region = region_of(group)
    if not isinstance(region, str):
        raise Undecided(group.urn, "region", "its region is not given here, nor by its provider")
    return region


def _size(service: BackendService, group: Resource, of_scaler: str) -> float:
    """Give what the autoscaler of a managed instance group says of its size, else the group's own."""
    if group.type not in t.INSTANCE_GROUP_MANAGERS:
        raise NotApplicable("a group behind it is not managed, and has no declared size")
    graph = service.plane.graph
    scalers = [one for one, path in graph.referrers(group) if path == "target" and one.type in t.AUTOSCALERS]
    for scaler in scalers:
        target = graph.references(scaler, "target").resources()
        if not target.exact:
            raise target.why()
        if scaler.text("autoscalingPolicy.mode") == "OFF":
            continue  # what it says of sizes waits until it is switched on
        size = scaler.number(of_scaler)
        if size is not None:
            return size
    given = "targetSize" not in group.options.ignore_changes and group.is_set("targetSize")
    size = group.number("targetSize") if given else None
    if size is None:
        raise NotApplicable("the size of a group behind it is set outside the program")
    return size
