"""Changes to a recorded stack, as small as a mistake in its program."""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, TypeAlias

from policypack.gcp.provider_defaults import fill
from policypack.model.resource import Resource
from policypack.model.values import UNKNOWN, Value, steps
from tests.support.graphs import VERSION, urn

Resources: TypeAlias = tuple[Resource, ...]
Change: TypeAlias = Callable[[Resources], Resources]
Named: TypeAlias = tuple[str, str]
"""The last part of a type token, and the name in the program."""


def find(resources: Resources, named: Named) -> Resource:
    """Give the resource of that class and name."""
    found = [one for one in resources if one.type.endswith(f":{named[0]}") and one.name == named[1]]
    assert len(found) == 1, f"{len(found)} resources are {named}"
    return found[0]


def put(named: Named, path: str, value: Value) -> Change:
    """Give a property another value."""
    return lambda resources: _edit(resources, named, lambda place: write(place, path, value))


def leave_out(named: Named, path: str) -> Change:
    """Leave a property out, and what it was made from with it."""

    def change(resources: Resources) -> Resources:
        resources = _edit(resources, named, lambda place: write(place, path, None))
        return resources if "." in path or "[" in path else _made_from(resources, named, path, ())

    return change


def point(named: Named, path: str, *targets: Named, count: int | None = None) -> Change:
    """Let a reference property name other resources, all of them unknown as before a first deployment.

    Args:
        named: The resource that refers.
        path: The property; its top-level part is what the targets are kept for.
        targets: What it is made from now.
        count: With a number, the property is a list, and is cut to as many elements; else the value is unknown.
    """

    def change(resources: Resources) -> Resources:
        urns = tuple(find(resources, target).urn for target in targets)
        if count is None:
            resources = _edit(resources, named, lambda place: write(place, path, UNKNOWN))
        else:
            resources = _edit(resources, named, lambda place: write(place, path, _cut(place[path], count)))
        return _made_from(resources, named, str(steps(path)[0]), urns)

    return change


def add(type_token: str, name: str, inputs: Mapping[str, Value]) -> Change:
    """Put a resource in, with what the provider fills."""
    filled = fill(type_token, inputs, name, VERSION)
    return lambda resources: (
        *resources,
        Resource(urn(type_token, name), type_token, name, inputs=filled, id=UNKNOWN),
    )


def take_out(named: Named) -> Change:
    """Take a resource out of the program."""
    return lambda resources: tuple(one for one in resources if one is not find(resources, named))


def with_options(named: Named, **options: Any) -> Change:
    """Give a resource other options, by the names that `Options` has for them."""

    def change(resources: Resources) -> Resources:
        old = find(resources, named)
        new = replace(old, options=replace(old.options, **options))
        return tuple(new if one is old else one for one in resources)

    return change


def both(*changes: Change) -> Change:
    """Make several changes, one after the other."""

    def change(resources: Resources) -> Resources:
        for one in changes:
            resources = one(resources)
        return resources

    return change


def _edit(resources: Resources, named: Named, work: Callable[[dict[str, Any]], None]) -> Resources:
    old = find(resources, named)
    new = replace(old, inputs=_worked(old.inputs, work), outputs=_worked(old.outputs, work))
    return tuple(new if one is old else one for one in resources)


def _worked(values: Mapping[str, Value] | None, work: Callable[[dict[str, Any]], None]) -> Mapping[str, Value] | None:
    if not values:
        return values
    changed = copy.deepcopy(dict(values))
    work(changed)
    return changed


def _made_from(resources: Resources, named: Named, key: str, urns: tuple[str, ...]) -> Resources:
    old = find(resources, named)
    new = replace(old, property_dependencies={**old.property_dependencies, key: urns})
    return tuple(new if one is old else one for one in resources)


def _cut(value: Any, count: int) -> list[Any]:
    return list(value)[:count]


def write(place: Any, path: str, value: Value) -> None:
    """Write a value at a path below a place; None takes the property away."""
    *way, last = steps(path)
    for step in way:
        if isinstance(step, str) and place.get(step) is None:
            place[step] = {}
        place = place[step]
    if value is None and isinstance(last, str):
        place.pop(last, None)
    else:
        place[last] = value
