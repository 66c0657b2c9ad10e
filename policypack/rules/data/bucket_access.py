"""Storage buckets that more people can read than should."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Final

from policypack.gcp import types as t
from policypack.model.records import dataclass, field
from policypack.rules.contract import NotApplicable, Severity, any_of, rule
from policypack.topology.buckets import StorageBucket, served_buckets, serves_unknown

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from policypack.model.graph import Graph
    from policypack.rules.contract import Findings, Reader, Resource
    from policypack.topology import Deployment

_PREVENTION: Final = "publicAccessPrevention"
_UNIFORM: Final = "uniformBucketLevelAccess"
_CONTROLS: Final = {
    "CIS GCP 4.0": ["5.1"],
    "CIS GCP 5.0": ["5.1"],
    "NIST 800-53 r5": ["AC-3", "SC-7"],
    "ISO 27001:2022": ["A.5.15"],
    "PCI DSS 4.0": ["1.4.4"],
}

EVERYBODY: Final = frozenset({"allUsers", "allAuthenticatedUsers"})
PUBLIC_ACLS: Final = frozenset({"publicRead", "publicReadWrite", "authenticatedRead"})
READS: Final = frozenset({"roles/storage.objectViewer", "roles/storage.legacyObjectReader", "READER"})
"""Roles that do no more than a load balancer does when it serves a bucket."""

IDENTITIES: Final = frozenset(
    {
        t.SERVICE_ACCOUNT,
        t.SERVICE_IDENTITY,
        "gcp:logging/projectSink:ProjectSink",
        "gcp:logging/folderSink:FolderSink",
        "gcp:logging/organizationSink:OrganizationSink",
    }
)
"""Types that tell an account of their own, which is nobody else."""

_WHO: Final[Mapping[str, str]] = {
    t.BUCKET_MEMBER: "member",
    t.BUCKET_BINDING: "members",
    t.BUCKET_ACCESS_CONTROL: "entity",
    t.DEFAULT_OBJECT_ACCESS_CONTROL: "entity",
    t.BUCKET_ACL: "predefinedAcl",
}
"""Type of what lets somebody in, to the property that says whom."""


@dataclass(eq=False)
class Grant:
    """What lets somebody use a storage bucket.

    Attributes:
        resource: The grant.
        graph: All resources of the stack.
    """

    types: ClassVar[tuple[str, ...]] = tuple(_WHO)
    follows: ClassVar[tuple[str, ...]] = (t.BUCKET, *t.BACKEND_BUCKETS)

    resource: Resource
    graph: Graph = field(repr=False)

    @classmethod
    def subjects(cls, deployment: Deployment) -> Sequence[Grant]:
        """Give every grant, sorted by URN."""
        return [cls(one, deployment.graph) for one in deployment.graph.of_type(*_WHO)]

    def everybody(self) -> bool:
        """Tell whether it lets everybody in.

        Raises:
            Undecided: It may.
        """
        path = _WHO[self.resource.type]
        if self.resource.type == t.BUCKET_ACL:
            return self.resource.text(path) in PUBLIC_ACLS
        if path == "members":
            return any_of(self.resource.elements(path), self._is_everybody)
        return self._is_everybody(self.resource, path)

    def _is_everybody(self, holder: Reader, path: str = "") -> bool:
        made_from = self.resource.property_dependencies.get(_WHO[self.resource.type], ())
        types = {one.type if (one := self.graph.by_urn.get(urn)) else "" for urn in made_from}
        if not isinstance(holder.peek(path), str) and types and types <= IDENTITIES:
            return False
        return holder.text(path) in EVERYBODY

    def served(self) -> bool:
        """Tell whether a load balancer of the stack serves the bucket to everybody anyway.

        Raises:
            Undecided: One may.
        """
        named = served_buckets(self.graph)
        name = self.resource.peek("bucket")
        texts = {name.removeprefix("b/")} if isinstance(name, str) else set()
        made_from = set(self.resource.property_dependencies.get("bucket", ()))
        for bucket in self.graph.of_type(t.BUCKET):
            own = None if bucket.blank else bucket.peek("name")
            if (bucket.urn in made_from or own in texts) and (bucket.urn in named or own in named):
                return True
        if texts & named:
            return True
        doubt = serves_unknown(self.graph)
        if doubt is not None:
            raise doubt
        if named and not texts and not made_from:
            self.resource.text("bucket")
        return False


def bucket_no_public_access(grant: Grant) -> Findings:
    """Storage buckets are open to everybody only where a load balancer serves them, and then for reading."""
    if not grant.everybody():
        return
    role = None if grant.resource.type == t.BUCKET_ACL else grant.resource.text("role")
    if (role in READS or grant.resource.peek("predefinedAcl") == "publicRead") and grant.served():
        raise NotApplicable("a load balancer of the stack serves the bucket to everybody, too")
    path = _WHO[grant.resource.type]
    yield grant.resource.finding(
        path, expected="somebody in particular", found=f"everybody on the internet{f', with {role}' if role else ''}"
    )


def bucket_public_access_prevention(bucket: StorageBucket) -> Findings:
    """Storage buckets that no load balancer serves cannot be made public by anybody."""
    if bucket.served:
        raise NotApplicable("a load balancer serves its objects to clients")
    if bucket.resource.text(_PREVENTION) != "enforced":
        found = "inherited" if bucket.resource.is_set(_PREVENTION) else "unset"
        yield bucket.resource.finding(
            _PREVENTION, expected="enforced", found=f"{found}: a single grant makes the bucket public"
        )


def bucket_uniform_access(bucket: Resource) -> Findings:
    """Storage buckets know one kind of permissions, those of IAM."""
    if bucket.flag(_UNIFORM) is not True:
        found = "false" if bucket.is_set(_UNIFORM) else "unset"
        yield bucket.finding(_UNIFORM, expected="true", found=f"{found}: objects have lists of their own")


RULES: Final = (
    rule(
        severity=Severity.CRITICAL,
        subjects=(Grant,),
        fix="Grant the role to a group or a service account; to serve files to everybody, put a load balancer with a "
        "backend bucket before them.",
        controls=_CONTROLS,
    )(bucket_no_public_access),
    rule(
        severity=Severity.MEDIUM,
        subjects=(StorageBucket,),
        fix='Set public_access_prevention="enforced".',
        remedy={_PREVENTION: "enforced"},
        controls=_CONTROLS,
    )(bucket_public_access_prevention),
    rule(
        severity=Severity.MEDIUM,
        subjects=(t.BUCKET,),
        fix="Set uniform_bucket_level_access=True.",
        remedy={_UNIFORM: True},
        controls={
            "CIS GCP 4.0": ["5.2"],
            "CIS GCP 5.0": ["5.2"],
            "NIST 800-53 r5": ["AC-3"],
            "ISO 27001:2022": ["A.5.15"],
        },
    )(bucket_uniform_access),
)
