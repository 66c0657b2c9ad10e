"""Storage buckets that more people can read than should."""

from __future__ import annotations

import functools
import json
from typing import TYPE_CHECKING, ClassVar, Final, TypeAlias

from policypack.gcp import types as t
from policypack.model.records import dataclass, field
from policypack.rules.contract import NotApplicable, Severity, Undecided, any_of, rule
from policypack.topology.buckets import StorageBucket, served_buckets, serves_unknown, storage_buckets

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

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
PUBLIC_ACLS: Final[Mapping[str, str]] = {
    "publicRead": "READER",
    "authenticatedRead": "READER",
    "publicReadWrite": "WRITER",
}
"""Predefined list, to what it lets everybody do."""
READS: Final = frozenset(
    {"roles/storage.objectViewer", "roles/storage.legacyObjectReader", "roles/storage.legacyBucketReader", "READER"}
)
"""Roles that read and list: what a bucket is given that a load balancer serves to everybody."""

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
}
"""Type of what gives one role, to the property that says to whom."""

_LISTS: Final[Mapping[str, tuple[str, ...]]] = {t.BUCKET_ACL: ("predefinedAcl", "defaultAcl"), t.DEFAULT_OBJECT_ACL: ()}
"""Type of what lists several, to the properties that name a predefined list."""
_LISTED: Final = "roleEntities"
_POLICY: Final = "policyData"

Right: TypeAlias = "tuple[str, Callable[[], str | None]]"
"""A property that lets somebody in, and what tells the role that everybody gets by it; None if not everybody does."""


@dataclass(eq=False)
class Grant:
    """What lets somebody use a storage bucket.

    Attributes:
        resource: The grant.
        graph: All resources of the stack.
    """

    types: ClassVar[tuple[str, ...]] = (*_WHO, *_LISTS, t.BUCKET_POLICY)
    follows: ClassVar[tuple[str, ...]] = (t.BUCKET, *t.BACKEND_BUCKETS)

    resource: Resource
    graph: Graph = field(repr=False)

    @classmethod
    def subjects(cls, deployment: Deployment) -> Sequence[Grant]:
        """Give every grant, sorted by URN."""
        return [cls(one, deployment.graph) for one in deployment.graph.of_type(*cls.types)]

    def rights(self) -> Iterator[Right]:
        """Give everything that lets somebody in.

        Raises:
            Undecided: How much there is, is not known.
        """
        one = self.resource
        if one.type == t.BUCKET_POLICY:
            yield from ((_POLICY, functools.partial(str, role)) for role in _public_roles(one))
        elif one.type in _LISTS:
            yield from ((path, functools.partial(_predefined, one, path)) for path in _LISTS[one.type])
            # What the program leaves out, the provider tells.
            for entity in one.elements(_LISTED) if one.is_set(_LISTED) else ():
                yield entity.full(""), functools.partial(_listed, entity)
        else:
            yield _WHO[one.type], self._role_of_everybody

    def _role_of_everybody(self) -> str | None:
        path = _WHO[self.resource.type]
        if path == "members":
            everybody = any_of(self.resource.elements(path), self._is_everybody)
        else:
            everybody = self._is_everybody(self.resource, path)
        return (self.resource.text("role") or "no role") if everybody else None

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
        own = [
            bucket
            for bucket in storage_buckets(self.graph)
            if bucket.resource.urn in made_from or (texts and bucket.resource.peek("name") in texts)
        ]
        if texts & named or any(bucket.served for bucket in own):
            return True
        doubt = next((bucket.doubt for bucket in own if bucket.doubt), None) or serves_unknown(self.graph)
        if doubt is not None:
            raise doubt
        if named and not own and not texts:
            self.resource.text("bucket")
        return False


def _predefined(resource: Resource, path: str) -> str | None:
    return PUBLIC_ACLS.get(resource.text(path) or "") if resource.is_set(path) else None


def _listed(entity: Reader) -> str | None:
    role, _, who = (entity.text("") or "").partition(":")
    return role if who in EVERYBODY else None


def _public_roles(policy: Resource) -> list[str]:
    """Give the roles that everybody has by a policy that is written as a whole."""
    try:
        bindings = json.loads(policy.text(_POLICY) or "{}").get("bindings", ())
        return [str(one.get("role")) for one in bindings if not EVERYBODY.isdisjoint(one.get("members", ()))]
    except (ValueError, AttributeError, TypeError):
        raise Undecided(policy.urn, _POLICY, "it is no policy that can be read") from None


def bucket_no_public_access(grant: Grant) -> Findings:
    """Storage buckets are open to everybody only where a load balancer serves them, and then for reading."""
    served = open_otherwise = False
    for path, role_of_everybody in grant.rights():
        try:
            role = role_of_everybody()
            if role is None:
                continue
            if role in READS and grant.served():
                served = True
                continue
        except Undecided as unknown:
            open_otherwise = True
            yield unknown
            continue
        open_otherwise = True
        yield grant.resource.finding(
            path, expected="somebody in particular", found=f"everybody on the internet, with {role}"
        )
    if served and not open_otherwise:
        raise NotApplicable("a load balancer of the stack serves the bucket to everybody, too")


def bucket_public_access_prevention(bucket: StorageBucket) -> Findings:
    """Storage buckets that no load balancer serves cannot be made public by anybody."""
    if bucket.served:
        raise NotApplicable("a load balancer serves its objects to clients")
    if bucket.resource.text(_PREVENTION) != "enforced":
        if bucket.doubt is not None:
            raise bucket.doubt
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
