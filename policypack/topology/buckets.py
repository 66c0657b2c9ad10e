"""Storage buckets, and what serves their objects."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Final

from policypack.gcp import types as t
from policypack.model.logic import Undecided
from policypack.model.records import dataclass
from policypack.model.resource import KNOWN_AFTER_DEPLOYMENT
from policypack.model.values import Unknown

if TYPE_CHECKING:
    from collections.abc import Sequence

    from policypack.model.graph import Graph
    from policypack.model.resource import Resource
    from policypack.topology.deployment import Deployment

_NAME: Final = "bucketName"


@dataclass(eq=False)
class StorageBucket:
    """A storage bucket, and whether a load balancer serves its objects to clients.

    Attributes:
        resource: The bucket.
        served: True if a backend bucket of the stack names it.
        doubt: Why one may, where none does for sure.
    """

    types: ClassVar[tuple[str, ...]] = (t.BUCKET,)
    follows: ClassVar[tuple[str, ...]] = t.BACKEND_BUCKETS

    resource: Resource
    served: bool
    doubt: Undecided | None = None

    @classmethod
    def subjects(cls, deployment: Deployment) -> Sequence[StorageBucket]:
        """Give every storage bucket, sorted by URN."""
        return storage_buckets(deployment.graph)


def storage_buckets(graph: Graph) -> Sequence[StorageBucket]:
    """Give every storage bucket of a stack, sorted by URN."""
    named, doubt = served_buckets(graph), serves_unknown(graph)
    return [
        StorageBucket(bucket, bucket.urn in named or bucket.peek("name") in named, doubt or _of_no_name(bucket, named))
        for bucket in graph.of_type(t.BUCKET)
    ]


def _of_no_name(bucket: Resource, named: frozenset[str]) -> Undecided | None:
    """Say that a bucket may have the name that a backend bucket has written out; None if it cannot."""
    if bucket.blank or not isinstance(bucket.peek("name"), Unknown):
        return None
    written = any(not name.startswith("urn:") for name in named)
    return Undecided(bucket.urn, "name", KNOWN_AFTER_DEPLOYMENT) if written else None


def served_buckets(graph: Graph) -> frozenset[str]:
    """Give the names of the storage buckets that backend buckets name, and the URNs of those they are made from."""
    named: set[str] = set()
    for backend in graph.of_type(*t.BACKEND_BUCKETS):
        named.update(backend.property_dependencies.get(_NAME, ()))
        name = backend.peek(_NAME)
        if isinstance(name, str):
            named.add(name)
    return frozenset(named)


def serves_unknown(graph: Graph) -> Undecided | None:
    """Say why load balancers of the stack may serve buckets beside those of `served_buckets`; None if they do not."""
    for backend in graph.of_type(*t.BACKEND_BUCKETS):
        made_from = [graph.by_urn.get(urn) for urn in backend.property_dependencies.get(_NAME, ())]
        if isinstance(backend.peek(_NAME), Unknown) and not any(one and one.type == t.BUCKET for one in made_from):
            return Undecided(backend.urn, _NAME, KNOWN_AFTER_DEPLOYMENT)
    return None
