"""Backend services and buckets with the load balancers that lead to them: where Cloud CDN and IAP are switched on."""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, ClassVar, Final

from policypack.gcp import types as t
from policypack.model.records import dataclass
from policypack.rules.contract import NotApplicable
from policypack.topology.exposure import bucket_reached, exposed

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from policypack.model.resource import Resource
    from policypack.topology.deployment import Deployment
    from policypack.topology.load_balancing import BackendService, LoadBalancing

ALL: Final = ["*"]
"""Names of every backend, as a pattern."""

CACHES: Final = (t.BACKEND_SERVICE, t.BACKEND_BUCKET)
"""Types that Cloud CDN can stand before: global ones."""


@dataclass(frozen=True, eq=False)
class Origin:
    """A global backend service or a backend bucket.

    Attributes:
        resource: The resource.
        plane: The load balancers of the deployment.
        service: The resource as a backend service, if it is one.
    """

    types: ClassVar[tuple[str, ...]] = CACHES
    follows: ClassVar[tuple[str, ...]] = t.LOAD_BALANCING

    resource: Resource
    plane: LoadBalancing
    service: BackendService | None

    @classmethod
    def subjects(cls, deployment: Deployment) -> Sequence[Origin]:
        """List every one of a deployment, sorted by URN."""
        plane = deployment.load_balancing
        return [
            cls(one, plane, plane.service(one) if one.type in t.BACKEND_SERVICES else None)
            for one in deployment.graph.of_type(*CACHES)
        ]

    def cached(self) -> bool:
        """Tell whether Cloud CDN is switched on.

        Raises:
            Undecided: That is not known yet.
        """
        return self.resource.flag("enableCdn") is True

    def must_be_exposed(self) -> None:
        """Leave alone what the internet does not reach.

        Raises:
            NotApplicable: It does not.
            Undecided: It may.
        """
        there = exposed(self.service) if self.service is not None else self._bucket_exposed()
        if not there:
            raise NotApplicable("the internet does not reach it")

    def _bucket_exposed(self) -> bool:
        return self.resource.text("loadBalancingScheme") is None and bucket_reached(self.resource, self.plane)


def must_be_listed(resource: Resource, patterns: Iterable[str]) -> None:
    """Leave alone what the configuration does not name.

    Args:
        resource: A resource.
        patterns: Names in the program; `*` stands for anything.

    Raises:
        NotApplicable: None of them fits.
    """
    if not any(fnmatchcase(resource.name, pattern) for pattern in patterns):
        raise NotApplicable("the configuration does not name it")
