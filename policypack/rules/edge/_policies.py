"""What the rules about Cloud Armor ask of backend services and of policies alike."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from policypack.model.logic import all_hold
from policypack.rules.contract import NotApplicable, Undecided
from policypack.topology.armor import BACKEND_POLICY
from policypack.topology.exposure import exposed

if TYPE_CHECKING:
    from policypack.topology.armor import ArmorPolicy, ArmorRule
    from policypack.topology.services import BackendService

SLOT: Final = "securityPolicy"
"""The property of a backend service that names its policy."""

CONTROLS: Final = {
    "NIST 800-53 r5": ["SC-7"],
    "ISO 27001:2022": ["A.8.20"],
    "PCI DSS 4.0": ["6.4.2"],
}
"""What gives evidence that applications on the internet have something before them that turns attacks away."""


def has_policy(service: BackendService) -> bool:
    """Tell whether a backend service names a policy; one that is not known yet is one.

    Raises:
        Undecided: Something outside the stack attaches it.
    """
    if not service.plane.graph.references(service.resource, SLOT).empty:
        return True
    if any(path.split("[")[0] == SLOT for path in service.resource.options.ignore_changes):
        reason = "it is left to something outside the stack (ignore_changes)"
        raise Undecided(service.resource.urn, SLOT, reason)
    return False


def before_the_internet(policy: ArmorPolicy) -> None:
    """Leave alone what is no policy of a backend service that the internet reaches.

    Raises:
        NotApplicable: It is none.
        Undecided: It may be one.
    """
    if not all_hold(lambda: policy.kind() == BACKEND_POLICY, lambda: policy.guards(exposed)):
        raise NotApplicable("it stands before no service that the internet reaches")


def effective(rule: ArmorRule) -> bool:
    """Tell whether a rule keeps anything out, and is enforced.

    Raises:
        Undecided: It may.
    """
    return all_hold(rule.protects, rule.enforced)
