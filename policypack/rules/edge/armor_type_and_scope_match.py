"""Cloud Armor policies of the wrong kind, or of another place."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Final

from policypack.gcp import types as t
from policypack.model.graph import External
from policypack.model.logic import Bounds, all_hold
from policypack.model.records import dataclass
from policypack.model.resource import Resource
from policypack.rules.contract import Findings, NotApplicable, Severity, Undecided, rule
from policypack.topology.armor import BACKEND_POLICY, EDGE_POLICY, MESH_POLICY, NETWORK_POLICY
from policypack.topology.given import text_given
from policypack.topology.scopes import own_place_in_words, same_scope

if TYPE_CHECKING:
    from collections.abc import Sequence

    from policypack.model.graph import References, Target
    from policypack.topology.deployment import Deployment
    from policypack.topology.load_balancing import BackendService

_SLOTS: Final = {
    t.BACKEND_SERVICE: ("securityPolicy", "edgeSecurityPolicy"),
    t.REGION_BACKEND_SERVICE: ("securityPolicy",),
    t.BACKEND_BUCKET: ("edgeSecurityPolicy",),
    t.TARGET_POOL: ("securityPolicy",),
    t.TARGET_INSTANCE: ("securityPolicy",),
}


@dataclass(eq=False)
class PolicySlot:
    """A property that names a Cloud Armor policy.

    Attributes:
        resource: What is protected.
        path: The property.
        policy: What it names.
        service: The resource as a backend service, if it is one.
    """

    types: ClassVar[tuple[str, ...]] = tuple(_SLOTS)
    follows: ClassVar[tuple[str, ...]] = t.SECURITY_POLICIES

    resource: Resource
    path: str
    policy: References
    service: BackendService | None

    @classmethod
    def subjects(cls, deployment: Deployment) -> Sequence[PolicySlot]:
        """List every one of a deployment, those that are left out included, sorted by URN and name."""
        return [
            cls(
                one,
                path,
                deployment.graph.references(one, path),
                deployment.load_balancing.service(one) if one.type in t.BACKEND_SERVICES else None,
            )
            for one in deployment.graph.of_type(*_SLOTS)
            for path in _SLOTS[one.type]
        ]

    def fits(self, policy: Resource) -> bool:
        """Tell whether a policy is of the kind that belongs here.

        Raises:
            Undecided: The policy's type, or the scheme of what is protected, is unknown.
        """
        return (text_given(policy, "type") or BACKEND_POLICY) == self.wanted()

    def wanted(self) -> str:
        """Give the type of policy that belongs here.

        Raises:
            Undecided: The scheme of the service is unknown.
        """
        if self.path == "edgeSecurityPolicy":
            return EDGE_POLICY
        if self.service is None or self.service.passthrough():
            return NETWORK_POLICY
        return MESH_POLICY if self.service.scheme() == "INTERNAL_SELF_MANAGED" else BACKEND_POLICY


@rule(
    severity=Severity.HIGH,
    subjects=(PolicySlot,),
    fix="Name a SecurityPolicy in what is global and a RegionSecurityPolicy of the same region in what is regional: of "
    "type CLOUD_ARMOR in security_policy, of type CLOUD_ARMOR_EDGE in edge_security_policy, of type "
    "CLOUD_ARMOR_NETWORK for machines behind an external passthrough load balancer.",
    controls={"NIST 800-53 r5": ["CM-6", "SC-7"], "ISO 27001:2022": ["A.8.9", "A.8.20"]},
)
def armor_type_and_scope_match(slot: PolicySlot) -> Findings:
    """Cloud Armor policies are of the kind that their place takes, and of its region or global as it is."""
    if slot.policy.empty:
        raise NotApplicable("it names no Cloud Armor policy")
    if slot.policy.dangling:
        raise NotApplicable("its policy is named by a text that is no reference")
    strangers = slot.policy.bounds(lambda target: _faults(slot, target))
    if strangers.certain:
        yield slot.resource.finding(
            slot.path,
            expected=_expected(slot),
            found=f"{'; '.join(sorted(strangers.certain))}: the API refuses it here",
        )
    elif strangers.possible or strangers.open:
        yield strangers.why()


def _faults(slot: PolicySlot, target: Target) -> Bounds[str]:
    """Give what is wrong with a policy, in words."""
    try:
        right = all_hold(
            lambda: same_scope(slot.resource, target, slot.path),
            lambda: isinstance(target, External) or slot.fits(target),
        )
    except Undecided as why:
        return Bounds.anything(why)
    return Bounds() if right else Bounds.exactly(_in_words(target))


def _in_words(target: Target) -> str:
    if isinstance(target, External):
        return f"`{target.text}` lies elsewhere"
    try:
        kind = text_given(target, "type") or BACKEND_POLICY
    except Undecided:
        kind = "a type that is not known yet"
    return f"`{target.name}` is {own_place_in_words(target)}, and of type {kind}"


def _expected(slot: PolicySlot) -> str:
    try:
        kind = f" of type {slot.wanted()}"
    except Undecided:
        kind = ""
    return f"a policy{kind} that is {own_place_in_words(slot.resource)}"
