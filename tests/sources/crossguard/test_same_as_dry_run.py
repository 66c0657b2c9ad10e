"""The same program, previewed by an engine and run dry, gets the same verdicts in the same words."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from google.protobuf import json_format

from policypack.engine.deployment import deployment_of
from policypack.engine.judgement import Judgement, judge_deployment
from policypack.engine.messages import finding_lines
from policypack.engine.settings import Settings
from policypack.engine.verdict import Status
from policypack.model.resource import Resource
from policypack.rules.contract import Phase
from policypack.rules.registry import all_rules
from policypack.sources.program import run_program
from policypack.sources.wire import decode_plain_properties, encode_properties
from tests.e2e.gcp_plan import plan
from tests.sources.crossguard.process import REPOSITORY, Made, Said, pack

PROGRAMS = [
    ("examples/starting_program", {}),
    ("stacks/reference", {"topology": "regional-psc"}),
    ("stacks/reference", {"topology": "global-direct"}),
]


@dataclass(frozen=True)
class BothWays:
    """One program: what the dry run says, and what the engine was told of the same resources."""

    dry: Judgement
    said: list[Said]
    not_applicable: set[str]


@pytest.fixture(
    scope="module", params=PROGRAMS, ids=lambda program: "-".join([Path(program[0]).name, *program[1].values()])
)
def both(request: pytest.FixtureRequest) -> BothWays:
    path, config = request.param
    run = run_program(REPOSITORY / path, config=config)
    deployment = deployment_of(run.resources, project=run.project, stack=run.stack)
    made = [previewed(resource) for resource in run.resources if not resource.external]
    with pack(REPOSITORY) as running:
        running.configure({})
        said = running.run(*made)
        answer = running.analyze_stack(*made)
    return BothWays(
        judge_deployment(deployment, all_rules(), Settings()),
        said,
        {one.policy_name for one in answer.not_applicable},
    )


def previewed(resource: Resource) -> Made:
    """Give what the engine holds of a resource in a first preview: its inputs, and what the provider plans."""
    inputs = resource.inputs or {}
    provider = dict(resource.provider.inputs) if resource.provider.urn else None
    outputs: dict[str, Any] | None = None
    if resource.type.startswith("gcp:"):
        plain = json_format.MessageToDict(encode_properties(inputs))
        config = json_format.MessageToDict(encode_properties(provider or {}))
        outputs = decode_plain_properties(plan(resource.type, plain, config, None))
    return Made(
        resource.type,
        resource.name,
        inputs=inputs,
        outputs=outputs,
        provider=provider,
        made_from=resource.property_dependencies,
        parent=resource.parent or "",
        full_urn=resource.urn,
    )


def test_the_same_faults_are_found_and_said_in_the_same_words(both: BothWays) -> None:
    dry = sorted(
        (verdict.rule.name, finding.urn, "\n".join([verdict.rule.description, *finding_lines(verdict.rule, finding)]))
        for verdict in both.dry.with_status(Status.FAIL)
        for finding in verdict.findings
    )
    assert (
        sorted((one.policy, one.urn, one.message) for one in both.said if "cannot be decided" not in one.message) == dry
    )


def test_the_same_rules_are_undecided(both: BothWays) -> None:
    dry = {verdict.rule.name for verdict in both.dry.with_status(Status.UNDECIDED)}
    assert {one.policy for one in both.said if "cannot be decided" in one.message} == dry


def test_the_same_stack_rules_are_not_applicable(both: BothWays) -> None:
    statuses = {rule.name: both.dry.status(rule) for rule in both.dry.enabled if rule.phase is Phase.STACK}
    dry = {name for name, status in statuses.items() if status in {Status.NOT_APPLICABLE, Status.UNDECIDED}}
    assert both.not_applicable == dry
