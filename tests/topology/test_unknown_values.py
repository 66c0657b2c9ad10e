"""Whatever becomes unknown, what the views hold for certain is true, and what is true they hold for possible."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from policypack.gcp.catalogue import CATALOGUE
from policypack.model.graph import Graph
from policypack.model.values import UNKNOWN, Unknown, Value, is_list
from policypack.topology import Deployment
from tests.support.graphs import preview, stack
from tests.support.load_balancers import global_direct, regional_psc
from tests.topology.test_load_balancing import routed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from policypack.model.logic import Bounds

STACKS = {"direct": global_direct(), "over PSC": regional_psc(), "routed": routed()}
CASES = [(name, build) for name in STACKS for build in (stack, preview)]


def places(value: Value, above: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
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


def without(value: Value, where: tuple[str | int, ...]) -> Value:
    if not where:
        return UNKNOWN
    if isinstance(value, Mapping):
        return {key: without(item, where[1:]) if key == where[0] else item for key, item in value.items()}
    assert is_list(value)
    return [without(item, where[1:]) if index == where[0] else item for index, item in enumerate(value)]


def worlds(deployment: Deployment) -> Iterator[tuple[str, Deployment]]:
    """Give every deployment in which one more value is unknown, and one in which a resource is empty."""
    graph = deployment.graph
    for resource in graph.resources:
        variants = [(str(where), without(resource.inputs or {}, where)) for where in places(resource.inputs or {})]
        for where, inputs in [*variants, ("everything", {})]:
            assert isinstance(inputs, Mapping)
            changed = replace(resource, inputs=inputs)
            others = tuple(changed if other is resource else other for other in graph.resources)
            yield f"{resource.name}: {where}", Deployment(Graph(others, CATALOGUE))


def facts(deployment: Deployment) -> dict[str, Bounds[str]]:
    plane = deployment.load_balancing
    found: dict[str, Bounds[str]] = {}
    for front in plane.frontends:
        found[f"regions of {front.resource.name}"] = front.regions
        found[f"kinds of {front.resource.name}"] = front.kinds.map(lambda kind: kind.value)
    for mapped in plane.url_maps:
        found[f"services of {mapped.resource.name}"] = mapped.services.map(lambda view: view.resource.name)
        found[f"buckets of {mapped.resource.name}"] = mapped.buckets.map(lambda bucket: bucket.name)
    for service in plane.services:
        found[f"regions of {service.resource.name}"] = service.regions
        found[f"kinds of {service.resource.name}"] = service.kinds.map(lambda kind: kind.value)
        found[f"front ends of {service.resource.name}"] = service.frontends.map(lambda view: view.resource.name)
        for backend in service.backends:
            found[f"regions of {backend.path} of {service.resource.name}"] = backend.regions
    return found


@pytest.mark.parametrize(("name", "build"), CASES, ids=[f"{name}, {build.__name__}" for name, build in CASES])
def test_one_more_unknown_value_makes_nothing_certain_that_is_false_and_rules_out_nothing_true(
    name: str, build: object
) -> None:
    truth = {fact: known.certain for fact, known in facts(stack(*STACKS[name])).items()}
    assert all(known.exact for known in facts(stack(*STACKS[name])).values())
    start = stack(*STACKS[name]) if build is stack else preview(*STACKS[name])
    false = [
        (where, fact, bounds)
        for where, deployment in worlds(start)
        for fact, bounds in facts(deployment).items()
        if not bounds.certain <= truth[fact]
        or (not bounds.open and not truth[fact] <= bounds.possible)
        or (bounds.at_most is not None and bounds.at_most < len(truth[fact]))
    ]
    assert false == []


@pytest.mark.parametrize(("name", "build"), CASES, ids=[f"{name}, {build.__name__}" for name, build in CASES])
def test_sets_are_consistent_whatever_is_unknown(name: str, build: object) -> None:
    start = stack(*STACKS[name]) if build is stack else preview(*STACKS[name])
    inconsistent = [
        (where, fact, bounds)
        for where, deployment in worlds(start)
        for fact, bounds in facts(deployment).items()
        if not bounds.known <= bounds.certain <= bounds.possible
        or (bounds.open is not (bounds.at_most is None))
        or (bounds.at_most is not None and not len(bounds.certain) <= bounds.at_most <= len(bounds.possible))
        or (not bounds.exact and not bounds.unresolved)
    ]
    assert inconsistent == []
