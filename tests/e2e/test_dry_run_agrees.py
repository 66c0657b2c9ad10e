"""The dry run records what the real engine plans: the same resources, inputs, dependencies and places."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pytest

from policypack.model.resource import Resource
from policypack.model.values import Value, reveal
from policypack.sources.program import run_program
from policypack.sources.wire import decode_plain_properties
from tests.e2e.pulumi_cli import PulumiCli
from tests.e2e.workspace import REPOSITORY, STACK, Workspace

PROGRAMS = {
    "starting program": REPOSITORY / "examples" / "starting_program",
    "reference stack": REPOSITORY / "stacks" / "reference",
    "shapes": REPOSITORY / "tests" / "sources" / "program" / "programs" / "shapes",
}
# The engine's own default providers; a program does not make them.
DEFAULT_PROVIDER = re.compile(r"::pulumi:providers:\w+::default_")
# What a made-up name ends with: the engine draws it by lot.
MADE_UP = re.compile(r"-[0-9a-f]{7}(?![\w-])")


@dataclass(frozen=True)
class Both:
    """One program, planned and recorded, by URN."""

    planned: Mapping[str, Mapping[str, Any]]
    recorded: Mapping[str, Resource]


@pytest.fixture(scope="module", params=PROGRAMS)
def both(request: pytest.FixtureRequest, cli: PulumiCli, tmp_path_factory: pytest.TempPathFactory) -> Both:
    workspace = Workspace(cli, tmp_path_factory.mktemp("pulumi"))
    project = workspace.project(PROGRAMS[request.param])
    outcome = project.preview("--json")
    assert outcome.code == 0, str(outcome)
    document, _ = json.JSONDecoder().raw_decode(outcome.text, outcome.text.index("{\n"))
    states = [step["newState"] for step in document["steps"]]
    return Both(
        planned={state["urn"]: state for state in states if not DEFAULT_PROVIDER.search(state["urn"])},
        recorded={resource.urn: resource for resource in run_program(project.directory, stack=STACK).resources},
    )


def test_the_same_resources_are_there(both: Both) -> None:
    assert set(both.recorded) == set(both.planned)


def test_the_inputs_are_the_same(both: Both) -> None:
    recorded = {urn: comparable(found.inputs or {}) for urn, found in both.recorded.items() if is_cloud(urn)}
    planned = {
        urn: comparable(decode_plain_properties(state.get("inputs") or {}))
        for urn, state in both.planned.items()
        if is_cloud(urn)
    }
    assert recorded == planned


def test_the_property_dependencies_are_the_same(both: Both) -> None:
    recorded = {
        urn: {key: set(made) for key, made in r.property_dependencies.items()} for urn, r in both.recorded.items()
    }
    planned = {
        urn: {key: set(made) for key, made in (state.get("propertyDependencies") or {}).items() if made}
        for urn, state in both.planned.items()
    }
    assert recorded == planned


def test_the_dependencies_are_the_same(both: Both) -> None:
    assert {urn: set(found.dependencies) for urn, found in both.recorded.items()} == {
        urn: set(state.get("dependencies") or ()) for urn, state in both.planned.items()
    }


def test_the_parents_are_the_same(both: Both) -> None:
    assert {urn: found.parent for urn, found in both.recorded.items()} == {
        urn: state.get("parent") or None for urn, state in both.planned.items()
    }


def test_the_explicit_providers_are_the_same(both: Both) -> None:
    planned = {urn: (state.get("provider") or "").rpartition("::")[0] for urn, state in both.planned.items()}
    assert {urn: found.provider.urn for urn, found in both.recorded.items()} == {
        urn: "" if DEFAULT_PROVIDER.search(provider) else provider for urn, provider in planned.items()
    }


def test_the_places_in_the_program_are_the_same(both: Both) -> None:
    planned = {
        urn: state["sourcePosition"].removeprefix("project:///").replace("#", ":").partition(",")[0]
        for urn, state in both.planned.items()
        # The stack is made by a line of the runner, and providers, to the engine, by one of their package.
        if state.get("sourcePosition") and not state["type"].startswith("pulumi:")
    }
    assert planned
    assert {urn: str(both.recorded[urn].source) for urn in planned} == planned


def is_cloud(urn: str) -> bool:
    """Tell whether a resource is one of the cloud, whose inputs the provider has checked."""
    return urn.split("::")[2].rpartition("$")[2].startswith("gcp:")


def comparable(value: Value) -> Any:
    """Take off what two runs may differ in: marks of secrets, made-up endings, how a number is written."""
    value = reveal(value)
    if isinstance(value, Mapping):
        return {key: comparable(item) for key, item in value.items() if not key.startswith("__") and item is not None}
    if isinstance(value, list):
        return [comparable(item) for item in value]
    if isinstance(value, str):
        return MADE_UP.sub("", value)
    return float(value) if isinstance(value, int) and not isinstance(value, bool) else value
