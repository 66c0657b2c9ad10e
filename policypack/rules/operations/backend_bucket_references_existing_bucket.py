"""Backend buckets over a bucket that may be nobody's, or anybody's."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, ClassVar, Final

from policypack.gcp.types import BACKEND_BUCKETS, BUCKET
from policypack.model.records import dataclass, field
from policypack.model.values import Unknown
from policypack.rules.contract import Param, Resource, Severity, any_of, rule

if TYPE_CHECKING:
    from collections.abc import Sequence

    from policypack.rules.contract import Findings
    from policypack.topology import Deployment

PATH: Final = "bucketName"
NONE: Final[list[str]] = []


@dataclass(eq=False)
class Shown:
    """A backend bucket, beside the buckets of its stack.

    Attributes:
        resource: The backend bucket.
        deployment: The deployment it is part of.
    """

    types: ClassVar[tuple[str, ...]] = BACKEND_BUCKETS
    follows: ClassVar[tuple[str, ...]] = (BUCKET,)

    resource: Resource
    deployment: Deployment = field(repr=False)

    @classmethod
    def subjects(cls, deployment: Deployment) -> Sequence[Shown]:
        """List every backend bucket of a deployment, sorted by URN."""
        return [cls(resource, deployment) for resource in deployment.graph.of_type(*BACKEND_BUCKETS)]


@rule(
    severity=Severity.MEDIUM,
    subjects=(Shown,),
    fix="Refer to the bucket, bucket_name=bucket.name; or name a bucket of another stack in `known`.",
    controls={"NIST 800-53 r5": ["CM-6"], "ISO 27001:2022": ["A.8.9"]},
    opt_in=True,
)
def backend_bucket_references_existing_bucket(
    shown: Shown, *, known: Annotated[list[str], Param("Buckets of other stacks that are known to exist.")] = NONE
) -> Findings:
    """Backend buckets show a bucket that is one's own."""
    resource = shown.resource
    if isinstance(resource.peek(PATH), Unknown) and _made_from_bucket(shown):
        return
    name = resource.text(PATH)
    if name is None or name in known:
        return
    # A bucket that is only read was there to be read.
    buckets = [one for one in shown.deployment.graph.resources if one.type == BUCKET]
    if not any_of(buckets, lambda bucket: bucket.text("name") == name):
        yield resource.finding(
            PATH,
            expected="a bucket of this stack, or one that is known",
            found=f"`{name}`: if it is ever deleted, whoever makes it anew is shown under your name",
        )


def _made_from_bucket(shown: Shown) -> bool:
    by_urn = shown.deployment.graph.by_urn
    sources = (by_urn.get(urn) for urn in shown.resource.property_dependencies.get(PATH, ()))
    return any(one is not None and one.type == BUCKET for one in sources)
