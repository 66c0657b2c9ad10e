"""The rules of the pack, repeated under other names until there are enough to compare."""

from __future__ import annotations

from dataclasses import replace

from policypack.rules.contract import Phase, Rule
from policypack.rules.registry import all_rules

RULES, STACK_RULES = 60, 20


def many_rules() -> list[Rule]:
    """Give at least `RULES` rules, at least `STACK_RULES` of them stack rules."""
    found = list(all_rules())
    stack = [rule for rule in found if rule.phase is Phase.STACK]
    resource = [rule for rule in found if rule.phase is Phase.RESOURCE]
    repeated = 1
    while len(found) < RULES or sum(rule.phase is Phase.STACK for rule in found) < STACK_RULES:
        repeated += 1
        source = stack if sum(rule.phase is Phase.STACK for rule in found) < STACK_RULES else resource
        found += [replace(rule, name=f"{rule.name}-{repeated}", aliases=(), yields_to=()) for rule in source]
    return found
