"""No value that becomes unknown turns one definite verdict into the other: at worst, a verdict becomes undecided."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from policypack.engine.evaluator import evaluate_stack
from policypack.engine.settings import Settings
from policypack.engine.verdict import Status
from policypack.gcp.catalogue import CATALOGUE
from policypack.model.graph import Graph
from policypack.model.values import UNKNOWN, Unknown, Value, is_list
from policypack.rules.contract import Level
from policypack.topology import Deployment
from tests.rules.judging import record_program
from tests.rules.pages import Program, all_pages

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from policypack.engine.verdict import Verdict
    from policypack.model.resource import Resource
    from policypack.rules.contract import Rule
    from tests.rules.farm import Farm

PROGRAMS = [
    program for page in all_pages() for program in page.programs if program.verdict in {Status.FAIL, Status.PASS}
]

Where = tuple["str | int", ...]


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda program: program.name)
def test_an_unknown_value_turns_no_verdict_round(program: Program, farm: Farm, tmp_path: Path) -> None:
    graph = record_program(program.source, farm, tmp_path).graph
    before = verdicts(program.rule, graph)
    turned = [
        (resource, where, verdict.findings)
        for resource in graph.resources
        for where in places(resource.inputs or {})
        if not taken_for_an_output(program.rule, resource, where)
        for verdict in verdicts(program.rule, without(graph, resource, where))
        if {verdict.status, *statuses(before, verdict)} >= {Status.FAIL, Status.PASS} or verdict.status is Status.ERROR
    ]
    assert turned == []


def taken_for_an_output(rule: Rule, resource: Resource, where: Where) -> bool:
    """Tell whether the unknown value would count as the output of what its property was made from.

    The rule against dangling references trusts such outputs, and cannot see that this one is none.
    """
    made_from = resource.property_dependencies.get(str(where[0]))
    return rule.name == "lb-no-dangling-reference" and bool(made_from)


def verdicts(rule: Rule, graph: Graph) -> list[Verdict]:
    return evaluate_stack(Deployment(graph), [rule], Settings(levels={rule.name: Level.ADVISORY}))


def statuses(before: list[Verdict], now: Verdict) -> set[Status]:
    """Give the verdict on the same subject, if it was one of its own: several backends share a place."""
    found = [verdict.status for verdict in before if (verdict.urn, verdict.place) == (now.urn, now.place)]
    return set(found) if len(found) == 1 else set()


def places(value: Value, above: Where = ()) -> Iterator[Where]:
    """List every place of a value that holds something known."""
    if isinstance(value, Unknown):
        return
    if above:
        yield above
    if isinstance(value, Mapping):
        for key, item in value.items():
            yield from places(item, (*above, key))
    elif is_list(value):
        for index, item in enumerate(value):
            yield from places(item, (*above, index))


def without(graph: Graph, resource: Resource, where: Where) -> Graph:
    """Give the graph in which that place of the resource's inputs is unknown."""
    changed = replace(resource, inputs=_without(resource.inputs or {}, where))
    others = tuple(changed if other is resource else other for other in graph.resources)
    return Graph(others, CATALOGUE, graph.project, graph.stack)


def _without(value: Value, where: Where) -> Mapping[str, Value]:
    unknown = _put(value, where)
    assert isinstance(unknown, Mapping)
    return unknown


def _put(value: Value, where: Where) -> Value:
    if not where:
        return UNKNOWN
    step, rest = where[0], where[1:]
    if isinstance(value, Mapping):
        return {key: _put(item, rest) if key == step else item for key, item in value.items()}
    assert is_list(value)
    return [_put(item, rest) if index == step else item for index, item in enumerate(value)]
