"""Rules of no real meaning, one for each thing a server can be asked to say."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

from policypack.gcp.types import BACKEND_SERVICE, TARGET_HTTPS_PROXY
from policypack.model.resource import Resource
from policypack.rules.contract import Findings, NotApplicable, Param, Rule, Severity, each, rule
from policypack.topology import Deployment

DISK = "gcp:compute/disk:Disk"


@dataclass(frozen=True)
class Service:
    """A backend service, as a view."""

    resource: Resource

    @classmethod
    def subjects(cls, deployment: Deployment) -> Sequence[Service]:
        return [cls(resource) for resource in deployment.graph.of_type(BACKEND_SERVICE)]


@dataclass(frozen=True)
class Fragile:
    """A view that breaks as soon as the stack has a disk of a certain name."""

    resource: Resource

    @classmethod
    def subjects(cls, deployment: Deployment) -> Sequence[Fragile]:
        if any(resource.name == "breaks-views" for resource in deployment.graph.of_type(DISK)):
            raise RuntimeError("no view of this")
        return []


@rule(
    severity=Severity.HIGH,
    subjects=[TARGET_HTTPS_PROXY],
    fix="Set ssl_policy.",
    controls={"CIS GCP 4.0": ["3.9", "3.10"]},
    aliases=["zz-old-name"],
)
def tls_proxy_names_policy(proxy: Resource) -> Findings:
    """Proxies name an SSL policy."""
    if not proxy.is_set("sslPolicy"):
        yield proxy.finding("sslPolicy", expected="an SSL policy", found="unset")


@rule(severity=Severity.MEDIUM, subjects=[TARGET_HTTPS_PROXY], fix="Use the modern policy.")
def tls_proxy_policy_is_modern(proxy: Resource) -> Findings:
    """Proxies use the modern policy."""
    policy = proxy.text("sslPolicy")
    if policy is None:
        raise NotApplicable("it has no SSL policy")
    if not policy.endswith("modern"):
        yield proxy.finding("sslPolicy", expected="modern", found=policy)


@rule(severity=Severity.LOW, subjects=[DISK], fix="Enlarge it.")
def disk_is_large(
    disk: Resource, *, minimum: Annotated[int, Param("Smallest size in GB.", minimum=1, maximum=1000)] = 10
) -> Findings:
    """Disks are large."""
    size = disk.number("size")
    if size is not None and size < minimum:
        yield disk.finding("size", expected=f"{minimum} GB", found=f"{size} GB")


@rule(severity=Severity.LOW, subjects=[each("guestOsFeatures[]", of=[DISK])], fix="Name the feature.")
def disk_feature_is_named(feature: Resource) -> Findings:
    """Features of disks are named."""
    if feature.text("type") is None:
        yield feature.finding("type", expected="a name", found="none")


@rule(severity=Severity.MEDIUM, subjects=[DISK], fix="Describe it.")
def disk_description_is_plain(disk: Resource) -> Findings:
    """Disks have plain descriptions."""
    described = disk.text("description")
    if described == "bomb" or disk.flag("explosive"):
        raise KeyError(described)
    if described is not None and "plain" not in described:
        yield disk.finding("description", expected="plain words", found=described)


@rule(severity=Severity.MEDIUM, subjects=[DISK], fix="Choose a type.", opt_in=True)
def disk_type_is_ours(disk: Resource, *, ours: Annotated[str, Param("The type.")] = "pd-ssd") -> Findings:
    """Disks are of our favourite type."""
    if disk.text("type") != ours:
        yield disk.finding("type", expected=ours, found=str(disk.text("type")))


@rule(severity=Severity.CRITICAL, subjects=[Service], fix="Add backends.")
def service_has_two_backends(service: Service) -> Findings:
    """Services have two backends."""
    one = service.resource
    if one.text("loadBalancingScheme") == "INTERNAL_SELF_MANAGED":
        raise NotApplicable("a mesh has no load balancer")
    if len(one.elements("backends")) < 2:
        yield one.finding("backends", expected="two", found=f"{len(one.elements('backends'))}")


@rule(severity=Severity.LOW, subjects=[Service], fix="Name the owner.")
def service_names_region(service: Service) -> Findings:
    """Services are made by a provider of the project they name."""
    one = service.resource
    if one.text("project") != one.provider.inputs.get("project"):
        yield one.finding("project", expected=f"{one.provider.inputs.get('project')}", found=f"{one.text('project')}")


@rule(severity=Severity.HIGH, subjects=[Fragile], fix="Rename the disk.")
def fragile_views_hold(view: Fragile) -> Findings:
    """Views can be drawn."""
    yield from ()


RULES: tuple[Rule, ...] = (
    tls_proxy_names_policy,
    tls_proxy_policy_is_modern,
    disk_is_large,
    disk_feature_is_named,
    disk_description_is_plain,
    disk_type_is_ours,
    service_has_two_backends,
    service_names_region,
    fragile_views_hold,
)
