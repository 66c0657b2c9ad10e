"""Whether any front end leads to a part of a load balancer: what none leads to is judged as unused, and no further."""

from __future__ import annotations

from typing import TYPE_CHECKING

from policypack.model.logic import NotApplicable, unite
from policypack.topology.load_balancing import BackendService, UrlMap

if TYPE_CHECKING:
    from policypack.model.logic import Bounds
    from policypack.topology.load_balancing import Frontend


def front_ends_of(subject: BackendService | UrlMap) -> Bounds[Frontend]:
    """Give the front ends that lead to a backend service or a URL map."""
    if isinstance(subject, BackendService):
        return subject.frontends
    return unite(proxy.frontends for proxy in subject.proxies.possible)


def must_be_reached(subject: BackendService | UrlMap) -> None:
    """End the rule for what no front end of this stack leads to.

    Raises:
        NotApplicable: No front end does, not even possibly.
    """
    front_ends = front_ends_of(subject)
    if not front_ends.possible and not front_ends.open:
        raise NotApplicable("no front end leads to it")
