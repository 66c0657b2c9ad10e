"""What a set of firewall rules does to connections, in Google Cloud's order of evaluation, as far as it is known.

Sources, by title: "Evaluation order for firewall policies and rules", "VPC firewall rules" (priority, equal
priorities) and "Firewall policy rule components" (actions) of the Cloud NGFW documentation.

Everything is worked out twice: at worst (what is unknown turns out against the connection) and at best. Rules are
folded from the last to the first, so that the state always is "what gets in if evaluation starts here".
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Final

from policypack.gcp.netranges import NOWHERE, RangeSet
from policypack.model.records import dataclass
from policypack.topology.firewall import Action

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_RANK: Final = {Action.DENY: 0, Action.GOTO_NEXT: 1, Action.INSPECT: 1, Action.ALLOW: 2}


@dataclass(frozen=True)
class Effect:
    """What one rule does to the connections in question: to some machines, at one port.

    Attributes:
        actions: What the rule may do; one action if that is known.
        sure: Addresses that it matches for sure.
        maybe: Addresses that it may match besides.
        priority: Its priority; None if that is not known.
    """

    actions: frozenset[Action]
    sure: RangeSet
    maybe: RangeSet
    priority: int | None


@dataclass(frozen=True)
class Admitted:
    """Which addresses get in.

    Attributes:
        worst: Those that do for sure.
        best: Those that do, or may.
    """

    worst: RangeSet
    best: RangeSet

    def either(self, other: Admitted) -> Admitted:
        """Give what is known if it is not known which of two holds."""
        return Admitted(self.worst & other.worst, self.best | other.best)


def evaluate(levels: Iterable[Sequence[Effect]], sources: RangeSet, *, outgoing: bool = False) -> Admitted:
    """Tell which sources get in, or which destinations are reached.

    What no rule matches is denied where it comes in, and allowed where it goes out: those are the implied rules.

    Args:
        levels: The rules of each level, the level that is evaluated first coming first.
        sources: Where the connections come from, or go to if they are outgoing.
        outgoing: Whether they are.
    """
    worst = best = sources if outgoing else NOWHERE
    for level in reversed([level for level in levels if level]):
        worst = _fold(level, worst, sources, at_worst=True)
        best = _fold(level, best, sources, at_worst=False)
    return Admitted(worst, best)


def _fold(level: Sequence[Effect], after: RangeSet, sources: RangeSet, *, at_worst: bool) -> RangeSet:
    """Give what gets in if evaluation starts at a level; `after` is what gets in if it starts at the next."""
    state = after
    placed = sorted((rule for rule in level if rule.priority is not None), key=_order)
    floating = [rule for rule in level if rule.priority is None]
    # A rule of unknown priority comes last at the latest: there it matches for sure what reaches it.
    for rule in floating:
        state = _apply(rule, rule.sure & sources, NOWHERE, state, after, at_worst=at_worst)
    for rule in reversed(placed):
        state = _apply(rule, rule.sure & sources, rule.maybe & sources, state, after, at_worst=at_worst)
    # … and first at the earliest.
    for rule in floating:
        anywhere = (rule.sure | rule.maybe) & sources
        state = _apply(rule, NOWHERE, anywhere, state, after, at_worst=at_worst)
    return state


def _order(rule: Effect) -> tuple[int, int]:
    """Sort by priority; among equals, those that deny come first."""
    return (rule.priority or 0, min(_RANK[action] for action in rule.actions))


def _apply(
    rule: Effect, sure: RangeSet, maybe: RangeSet, state: RangeSet, after: RangeSet, *, at_worst: bool
) -> RangeSet:
    everywhere = sure | maybe
    if not everywhere:
        return state
    results = [_result(action, everywhere, state, after) for action in rule.actions]
    outcome = functools.reduce(lambda left, right: left & right if at_worst else left | right, results)
    unsure = state & outcome if at_worst else state | outcome
    unmatched = state - everywhere
    return unmatched | (outcome & sure) | ((unsure & maybe) - sure)


def _result(action: Action, matched: RangeSet, state: RangeSet, after: RangeSet) -> RangeSet:
    if action is Action.ALLOW:
        return state | matched
    if action is Action.GOTO_NEXT:
        return (state - matched) | (after & matched)
    return state - matched


def actions_of(action: Action) -> frozenset[Action]:
    """Give what an action may amount to: a firewall endpoint lets through or drops."""
    return frozenset({Action.ALLOW, Action.DENY}) if action is Action.INSPECT else frozenset({action})


ANY_ACTION: Final = frozenset({Action.ALLOW, Action.DENY, Action.GOTO_NEXT})
"""What an unknown action may amount to."""
