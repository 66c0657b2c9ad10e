"""Instance groups that stand behind several backend services, with balancing modes that do not go together."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from policypack.gcp.types import BACKEND_SERVICES, INSTANCE_GROUPS
from policypack.rules.contract import Findings, NotApplicable, Severity, Undecided, rule
from policypack.topology.load_balancing import BackendService

if TYPE_CHECKING:
    from collections.abc import Iterator

    from policypack.rules.contract import Resource

MODE: Final = "balancingMode"
DEFAULT: Final = "UTILIZATION"
ALONE: Final = "UTILIZATION"
"""The mode that a group can have with no other; the other two go together."""


@rule(
    severity=Severity.HIGH,
    subjects=(BackendService,),
    fix="Give a group the same balancing_mode in every backend service that it stands behind.",
    controls={"NIST 800-53 r5": ["CM-6"], "ISO 27001:2022": ["A.8.9"]},
    follows=BACKEND_SERVICES,
)
def backend_balancing_mode_consistent(service: BackendService) -> Findings:
    """An instance group behind several backend services has balancing modes that go together."""
    # One pair, one finding: at the one of the two that comes later.
    shared = [(other, group) for group in _groups(service) for other in _before(service, group)]
    if not shared:
        if service.backends_unknown is not None and service.plane.services != (service,):
            raise service.backends_unknown
        raise NotApplicable("it shares no instance group with another backend service")
    for other, group in sorted(shared, key=lambda pair: (pair[0].resource.urn, pair[1].urn)):
        try:
            yield from _compared(service, other, group)
        except Undecided as unknown:
            yield unknown


def _before(service: BackendService, group: Resource) -> Iterator[BackendService]:
    for other in service.plane.services_over(group).possible:
        if other.resource.urn < service.resource.urn and group in _possible(other):
            yield other


def _compared(service: BackendService, other: BackendService, group: Resource) -> Findings:
    for one in (service, other):
        groups = one.groups.resources()
        if group not in groups.certain:
            raise groups.why()
    theirs = {mode for _, mode in _modes(other, group)}
    for path, mode in _modes(service, group):
        if any(mode != their and ALONE in (mode, their) for their in theirs):
            yield service.resource.finding(
                f"{path}.{MODE}",
                expected=f"{' or '.join(sorted(theirs))}, as {group.name} has behind {other.resource.name}",
                found=f"{mode}: the API refuses the two together",
            )
            return


def _groups(service: BackendService) -> list[Resource]:
    return sorted((one for one in _possible(service) if one.type in INSTANCE_GROUPS), key=lambda one: one.urn)


def _possible(service: BackendService) -> frozenset[Resource]:
    return service.groups.resources().possible


def _modes(service: BackendService, group: Resource) -> Iterator[tuple[str, str]]:
    """Give the modes that a group has behind a service, and where. Which backend it is may be unknown.

    Raises:
        Undecided: Then, if the backends that it may be differ in their modes.
    """
    maybe = [one for one in service.backends if group in one.groups.possible or one.groups.open]
    if all(group in one.groups.certain for one in maybe if group in one.groups.possible):
        maybe = [one for one in maybe if group in one.groups.certain]
    modes = {one.element.text(MODE) or DEFAULT for one in maybe}
    if len(modes) > 1 and any(group not in one.groups.certain for one in maybe):
        raise service.groups.resources().why()
    for one in maybe:
        yield one.path, one.element.text(MODE) or DEFAULT
