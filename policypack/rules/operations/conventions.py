"""A family of rules on names and labels, as an organization agrees on them. All of them are off by default."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Annotated, ClassVar, Final

from policypack.gcp import types as t
from policypack.model.records import dataclass
from policypack.rules.contract import NotApplicable, Param, Severity, Undecided, rule

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from policypack.rules.contract import Findings, Resource
    from policypack.topology import Deployment

NAMED: Final = (
    *t.FORWARDING_RULES,
    *t.PROXIES,
    *t.URL_MAPS,
    *t.BACKEND_SERVICES,
    *t.BACKEND_BUCKETS,
    *t.HEALTH_CHECKS,
    *t.INSTANCE_GROUP_MANAGERS,
    t.NETWORK,
    t.SUBNETWORK,
    t.ADDRESS,
    t.GLOBAL_ADDRESS,
    t.BUCKET,
)
LABELLED: Final = (
    *t.FORWARDING_RULES,
    t.ADDRESS,
    t.GLOBAL_ADDRESS,
    t.INSTANCE,
    t.DISK,
    t.IMAGE,
    t.BUCKET,
    t.TOPIC,
    t.SECRET,
    t.CRYPTO_KEY,
    t.MANAGED_ZONE,
    t.CERTIFICATE,
)
"""What takes labels, and is part of a load balancer or near to one."""


@rule(
    name="naming-convention",
    description="Names follow the pattern that was agreed on.",
    severity=Severity.LOW,
    subjects=NAMED,
    fix="Name it after the pattern, or leave the name out and let Pulumi make one up from the name in the program.",
    controls={"ISO 27001:2022": ["A.8.9"]},
    opt_in=True,
    yields_to=("name-valid",),
)
def named(
    resource: Resource,
    *,
    pattern: Annotated[str, Param("Regular expression that the whole name has to match.")] = "[a-z][a-z0-9.-]*[a-z0-9]",
) -> Findings:
    """Compare the name in the cloud, made up by Pulumi or not, with the pattern."""
    name = resource.text("name")
    if name is None:
        raise NotApplicable("it has no name yet")
    try:
        fits = re.fullmatch(pattern, name) is not None
    except re.error as wrong:
        raise Undecided(resource.urn, "name", f"`{pattern}` is no regular expression: {wrong}") from None
    if not fits:
        yield resource.finding("name", expected=f"a name like `{pattern}`", found=f"`{name}`")


@dataclass(eq=False)
class Labels:
    """The resources of a stack that carry labels.

    Attributes:
        resource: The first of them, which stands for them all.
        labelled: All of them.
    """

    types: ClassVar[tuple[str, ...]] = LABELLED
    follows: ClassVar[tuple[str, ...]] = LABELLED

    resource: Resource
    labelled: tuple[Resource, ...]

    @classmethod
    def subjects(cls, deployment: Deployment) -> Sequence[Labels]:
        """Give the one view of a deployment in which something carries labels; else none."""
        found = tuple(one for one in deployment.graph.of_type(*LABELLED) if one.peek("labels") is not None)
        return [cls(found[0], found)] if found else []


@rule(
    name="stack-single-environment",
    description="Everything in a stack is of one environment.",
    severity=Severity.MEDIUM,
    subjects=(Labels,),
    fix="Keep each environment in a stack of its own, and take the label from the stack's name.",
    controls={"NIST 800-53 r5": ["CM-2"], "ISO 27001:2022": ["A.8.9"]},
    opt_in=True,
)
def single_environment(
    labels: Labels, *, label: Annotated[str, Param("The label that names the environment.")] = "environment"
) -> Findings:
    """Compare one label of all resources that carry it."""
    first: Resource | None = None
    value = ""
    for resource, found in _values(labels, label):
        if isinstance(found, Undecided):
            yield found
        elif first is None:
            first, value = resource, found
        elif found != value:
            yield resource.finding(f"labels.{label}", expected=f"{value}, as {first.name} has", found=found)
            return


def _values(labels: Labels, label: str) -> Iterator[tuple[Resource, str | Undecided]]:
    for resource in labels.labelled:
        try:
            value = resource.text(f"labels.{label}")
        except Undecided as unknown:
            yield resource, unknown
            continue
        if value is not None:
            yield resource, value


RULES: Final = (named, single_environment)
