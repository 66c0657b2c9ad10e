"""No rule looks at the whole stack for each of its subjects: four times the stack is about four times its work.

The stack is the one of the benchmark: load-balanced services beside each other, each with its networks and groups.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping

from benchmarks.synthetic import Made, cell
from policypack.engine.deployment import deployment_of
from policypack.engine.evaluator import evaluate_stack
from policypack.engine.settings import Settings
from policypack.model.resource import Resource
from policypack.rules.contract import Phase, Rule
from policypack.rules.registry import all_rules
from policypack.sources.wire import decode_plain_properties
from policypack.topology import Deployment

FEW, MANY = 4, 16
MOST = 7
"""Four times is linear, sixteen times is quadratic."""

SMALL = 2_000
"""Calls that no rule need account for."""


def deployment(cells: int) -> Deployment:
    made = [one for number in range(cells) for one in cell(number)]
    return deployment_of(map(resource, made), project="bench", stack="dev")


def resource(made: Made) -> Resource:
    return Resource(
        made.urn,
        made.type,
        made.name,
        inputs=decode_plain_properties(made.inputs),
        property_dependencies={name: tuple(urns) for name, urns in made.depends.items()},
    )


def calls_of_each_rule(cells: int) -> Mapping[str, int]:
    """Count the calls that every stack rule makes, after another has built what all of them share."""
    judged = deployment(cells)
    rules = [rule for rule in all_rules() if rule.phase is Phase.STACK]
    evaluate_stack(judged, rules, Settings())
    return {rule.name: _calls(judged, rule) for rule in rules}


def _calls(judged: Deployment, rule: Rule) -> int:
    count = 0

    def note(_frame: object, event: str, _argument: object) -> None:
        nonlocal count
        count += event in {"call", "c_call"}

    previous = sys.getprofile()
    sys.setprofile(note)
    try:
        evaluate_stack(judged, [rule], Settings())
    finally:
        sys.setprofile(previous)
    return count


def test_the_work_of_each_rule_grows_in_step_with_the_stack() -> None:
    few, many = calls_of_each_rule(FEW), calls_of_each_rule(MANY)
    growing = {name: round(many[name] / few[name], 1) for name in few if many[name] > max(SMALL, MOST * few[name])}
    assert not growing
