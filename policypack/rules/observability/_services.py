"""Which backend services have something to log."""

from __future__ import annotations

from typing import TYPE_CHECKING

from policypack.rules.contract import NotApplicable
from policypack.topology.reach import must_be_reached

if TYPE_CHECKING:
    from policypack.topology.load_balancing import BackendService


def must_log(service: BackendService) -> None:
    """Leave aside what no front end leads to, and what no proxy of Google's stands before.

    Raises:
        NotApplicable: It is one of these.
        Undecided: Its scheme is unknown.
    """
    must_be_reached(service)
    if service.passthrough():
        raise NotApplicable("packets pass it by; flow logs of the subnets show them")
    if service.scheme() == "INTERNAL_SELF_MANAGED":
        raise NotApplicable("the proxies of a service mesh are the user's own")
