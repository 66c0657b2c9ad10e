"""Load-balancing schemes that do not go together."""

from __future__ import annotations

from typing import TYPE_CHECKING

from policypack.rules.contract import Findings, NotApplicable, Severity, Undecided, all_of, rule
from policypack.topology.load_balancing import BackendService, Frontend

if TYPE_CHECKING:
    from collections.abc import Iterable

PATH = "loadBalancingScheme"


@rule(
    severity=Severity.CRITICAL,
    subjects=(BackendService, Frontend),
    fix="Set load_balancing_scheme to one value on the forwarding rule and on every backend service behind it; the "
    "types have different defaults.",
    controls={"NIST 800-53 r5": ["CM-6"], "ISO 27001:2022": ["A.8.9"]},
)
def lb_scheme_consistent(subject: BackendService | Frontend) -> Findings:
    """Forwarding rules and the backend services behind them have the same load-balancing scheme."""
    if isinstance(subject, BackendService):
        yield from _service(subject)
        return
    if not _at_fault(subject):
        raise NotApplicable("each backend service behind it is judged")
    names = ", ".join(service.resource.name for service in _certain_services(subject))
    scheme = _certain_services(subject)[0].scheme()
    yield subject.resource.finding(
        PATH, expected=f"{scheme}, as all backend services behind it have ({names})", found=subject.scheme()
    )


def _service(service: BackendService) -> Findings:
    frontends = service.frontends
    found: list[Frontend] = []
    elsewhere = False
    reached = [one for one in _sorted_frontends(frontends.possible) if one.is_global == service.is_global]
    if not reached:
        raise NotApplicable("no front end of its scope reaches it")
    for frontend in reached:
        try:
            if _fit(frontend, service):
                continue
            if frontend not in frontends.certain:
                yield frontends.why()
            elif _at_fault(frontend):
                elsewhere = True
            else:
                found.append(frontend)
        except Undecided as unknown:
            yield unknown
    if found:
        yield service.resource.finding(PATH, expected=_schemes(found), found=service.scheme())
    elif elsewhere:
        raise NotApplicable("the forwarding rule before it differs from every service behind it, and is judged")


def _schemes(frontends: list[Frontend]) -> str:
    schemes = " or ".join(dict.fromkeys(frontend.scheme() for frontend in frontends))
    names = ", ".join(frontend.resource.name for frontend in frontends)
    return f"{schemes}, as the forwarding rule that leads to it has ({names})"


def _fit(frontend: Frontend, service: BackendService) -> bool:
    """Tell whether a forwarding rule may lead to a backend service.

    A classic global load balancer may move to the newer kind one backend service at a time: services first, then the
    forwarding rule, and back in reverse order.
    """
    before, behind = frontend.scheme(), service.scheme()
    return before == behind or (frontend.is_global and (before, behind) == ("EXTERNAL", "EXTERNAL_MANAGED"))


def _at_fault(frontend: Frontend) -> bool:
    """Tell whether a forwarding rule differs from several services that agree with each other."""
    services = _certain_services(frontend)
    if len(services) < 2:
        return False
    if not all_of(services, lambda service: not _fit(frontend, service)):
        return False
    return len({service.scheme() for service in services}) == 1


def _certain_services(frontend: Frontend) -> list[BackendService]:
    services = (one for one in frontend.services.certain if one.is_global == frontend.is_global)
    return sorted(services, key=lambda service: service.resource.urn)


def _sorted_frontends(frontends: Iterable[Frontend]) -> list[Frontend]:
    return sorted(frontends, key=lambda frontend: frontend.resource.urn)
