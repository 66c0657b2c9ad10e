"""Rules of Cloud Armor that no request ever gets to."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Final

from policypack.gcp import types as t
from policypack.gcp.netranges import EVERYWHERE, NOWHERE, RangeSet
from policypack.model.logic import all_hold
from policypack.model.records import dataclass
from policypack.rules.contract import Findings, NotApplicable, Severity, Undecided, rule
from policypack.rules.edge._policies import CONTROLS
from policypack.topology.armor import ADMITTING, ArmorAction, ArmorPolicy

if TYPE_CHECKING:
    from collections.abc import Sequence

    from policypack.model.resource import Resource
    from policypack.topology.armor import ArmorRule
    from policypack.topology.deployment import Deployment

_IPV4: Final = RangeSet.of("0.0.0.0/0")


@dataclass(frozen=True, eq=False)
class PlacedRule:
    """A rule within its policy.

    Attributes:
        policy: The policy.
        rule: The rule; None where the rules of the policy are not known.
    """

    types: ClassVar[tuple[str, ...]] = (*t.SECURITY_POLICIES, *t.SECURITY_POLICY_RULES)
    follows: ClassVar[tuple[str, ...]] = ArmorPolicy.follows

    policy: ArmorPolicy
    rule: ArmorRule | None

    @classmethod
    def subjects(cls, deployment: Deployment) -> Sequence[PlacedRule]:
        """List every rule of every policy, and the policies whose rules are not known."""
        found = []
        for policy in ArmorPolicy.subjects(deployment):
            found += [cls(policy, one) for one in policy.rules]
            found += [cls(policy, None)] if policy.open is not None else []
        return found

    @property
    def resource(self) -> Resource:
        """The resource that holds the rule."""
        return self.policy.resource if self.rule is None else self.rule.place.resource

    @property
    def prefix(self) -> str:
        """Where it stands in the resource; "" for a resource of its own."""
        return "" if self.rule is None else self.rule.place.full("")


@rule(
    severity=Severity.MEDIUM,
    subjects=(PlacedRule,),
    fix="Give rules that deny a lower priority number than those that let everybody in. A throttle lets in whoever "
    "stays below its rate, and no later rule is asked: it goes behind the rules that deny.",
    controls=CONTROLS,
)
def armor_no_shadowed_deny(placed: PlacedRule) -> Findings:
    """Rules of Cloud Armor that deny or limit are reached: no earlier rule lets in all that they match."""
    if placed.rule is None:
        raise placed.policy.open or NotApplicable("its rules are judged one by one")
    if placed.rule.place.peek("action") == ArmorAction.ALLOW.value:
        raise NotApplicable("it lets in what it matches")
    matched = placed.rule.sources()
    # Who matches by an expression may come from anywhere; most come by IPv4.
    wanted = _IPV4 if matched in (None, EVERYWHERE) else matched
    admitted, doubts, perhaps = _admitted_before(placed.rule, placed.policy)
    hidden = admitted.covers(wanted)
    if not hidden and not (doubts and (admitted | perhaps).covers(wanted)):
        return
    if not placed.rule.protects():
        raise NotApplicable("it lets in what it matches")
    if not placed.policy.in_use():
        raise NotApplicable("its policy stands before nothing that a front end leads to")
    if not hidden:
        raise doubts[0]
    yield placed.rule.place.finding(
        "priority",
        expected="a number below those of the rules that let the same clients in",
        found=f"{placed.rule.priority()}, behind {_said(placed)}: no request gets to this rule",
    )


def _admitted_before(rule: ArmorRule, policy: ArmorPolicy) -> tuple[RangeSet, list[Undecided], RangeSet]:
    """Give the addresses that earlier rules let in, what is not known of other rules, and what those may let in."""
    admitted, perhaps, doubts = NOWHERE, NOWHERE, []
    for other in policy.rules:
        try:
            admitted |= _lets_in(other, rule)
        except Undecided as why:
            doubts.append(why)
            perhaps |= _whatever(other)
    return admitted, doubts, perhaps


def _lets_in(other: ArmorRule, rule: ArmorRule) -> RangeSet:
    """Give the addresses that a rule lets in before another is asked; none if it is asked later."""
    earlier = all_hold(
        lambda: other is not rule,
        lambda: other.priority() < rule.priority(),
        lambda: other.action() in ADMITTING,
        other.enforced,
        lambda: other.sources() is not None,
    )
    return (other.sources() or NOWHERE) if earlier else NOWHERE


def _whatever(other: ArmorRule) -> RangeSet:
    try:
        return other.sources() or NOWHERE
    except Undecided:
        return EVERYWHERE


def _said(placed: PlacedRule) -> str:
    earlier = [one for one in placed.policy.rules if placed.rule is not None and _surely(one, placed.rule)]
    numbers = sorted((one.priority(), one.action().value) for one in earlier)
    return " and ".join(f"{number} ({action})" for number, action in numbers)


def _surely(other: ArmorRule, rule: ArmorRule) -> bool:
    try:
        return bool(_lets_in(other, rule))
    except Undecided:
        return False
