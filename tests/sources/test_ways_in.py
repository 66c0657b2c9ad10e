"""The same deployment, through each way in, gets the same definite verdicts.

What a way does not carry, and what follows from that, is listed in docs/ways-in.md.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any, TypeAlias

import pytest
from pulumi.runtime.proto import analyzer_pb2

from policypack.engine.deployment import deployment_of
from policypack.engine.evaluator import Running
from policypack.engine.judgement import judge_deployment
from policypack.engine.settings import Settings
from policypack.engine.verdict import Status, Verdict
from policypack.model.graph import urn_name
from policypack.model.resource import Resource
from policypack.rules.contract import Level
from policypack.rules.registry import all_rules
from policypack.sources.crossguard import analyzer
from policypack.sources.state import read_state
from tests.rules.farm import Farm
from tests.sources import ways
from tests.whole.stacks import DIRECT, PSC, REFERENCE, ROOT, stack_names

Key: TypeAlias = tuple[str, str, str]
Answers: TypeAlias = dict[Key, Status]
Recorded: TypeAlias = Callable[..., tuple[Resource, ...]]

# In a first preview, what a URL map sends requests to and what it only mirrors them to cannot be told apart.
MIRRORED = {("examples/url_map_many_routes", "shadow")}

# Every rule speaks, those too that are off by default.
SETTINGS = Settings(levels={rule.name: Level.ADVISORY for rule in all_rules()})
DEFINITE = {Status.PASS, Status.FAIL}


@pytest.fixture(scope="module")
def farm() -> Iterator[Farm]:
    running = Farm()
    yield running
    running.close()


@pytest.fixture(scope="module")
def recorded(farm: Farm) -> Recorded:
    """Gives the resources of a stack, in a first preview or deployed; a program is run once for each."""

    @functools.cache
    def record(name: str, *, deployed: bool = False) -> tuple[Resource, ...]:
        topology = {"topology": name} if name in {PSC, DIRECT} else {}
        return ways.record(REFERENCE if topology else ROOT / name, topology, farm, deployed=deployed)

    return record


def definite(verdicts: Sequence[Verdict]) -> Answers:
    """Give the verdicts that no unknown value can overturn, by rule, resource and place in it."""
    return {(one.rule.name, one.urn, one.place): one.status for one in verdicts if one.status in DEFINITE}


def from_program(resources: Sequence[Resource]) -> Answers:
    return definite(judge_deployment(deployment_of(resources), all_rules(), SETTINGS).verdicts)


def from_file(file: Path, document: dict[str, Any]) -> Answers:
    file.write_text(json.dumps(document), encoding="utf-8")
    read = read_state(file)
    deployment = deployment_of(read.resources, project=read.project, stack=read.stack)
    return definite(judge_deployment(deployment, all_rules(), SETTINGS).verdicts)


def from_engine(resources: Sequence[Resource], monkeypatch: pytest.MonkeyPatch, *, deployed: bool) -> Answers:
    """Let the analyzer service answer the requests of an engine, and give the verdicts its answers were made of."""
    heard: list[Verdict] = []

    def listen(holder: Any, name: str) -> None:
        evaluate = getattr(holder, name)

        def evaluated(*arguments: Any, briefly: bool = False) -> Any:
            verdicts = evaluate(*arguments)  # all of them, for a look at what was passed, too
            heard.extend(verdicts)
            return verdicts

        monkeypatch.setattr(holder, name, evaluated)

    listen(analyzer, "evaluate_resource")
    listen(Running, "evaluate")
    server = analyzer.Analyzer(all_rules())
    context: Any = SimpleNamespace(add_callback=lambda done: done() or True)
    levels = {name: analyzer_pb2.PolicyConfig(enforcementLevel=analyzer_pb2.ADVISORY) for name in SETTINGS.levels}
    server.Configure(analyzer_pb2.ConfigureAnalyzerRequest(policyConfig=levels), context)
    made = [ways.sent(resource, deployed=deployed) for resource in resources if not resource.external]
    for one in made:
        server.Analyze(one.alone(), context)
    request = analyzer_pb2.AnalyzeStackRequest(resources=[one.in_stack() for one in made])
    server.AnalyzeStack(request, context)
    return definite(heard)


each_stack = pytest.mark.parametrize("name", stack_names())


@each_stack
def test_a_preview_as_json_is_judged_like_the_program(name: str, recorded: Recorded, tmp_path: Path) -> None:
    resources = recorded(name)
    found = from_file(tmp_path / "preview.json", ways.preview_document(resources))
    assert found == from_program(resources)


@each_stack
def test_the_engine_hears_in_a_preview_what_the_program_is_judged_to_be(
    name: str, recorded: Recorded, monkeypatch: pytest.MonkeyPatch
) -> None:
    resources = recorded(name)
    assert from_engine(resources, monkeypatch, deployed=False) == from_program(resources)


@each_stack
def test_a_deployed_stack_gets_every_definite_verdict_of_its_program(
    name: str, recorded: Recorded, tmp_path: Path
) -> None:
    mirrored = {resource for stack, resource in MIRRORED if stack == name}
    planned = {key: status for key, status in from_program(recorded(name)).items() if urn_name(key[1]) not in mirrored}
    found = from_file(tmp_path / "state.json", ways.export_document(recorded(name, deployed=True)))
    # Once the values are known, what was undecided can be decided as well.
    assert {key: found.get(key) for key in planned} == planned


@each_stack
def test_the_engine_hears_of_a_deployed_stack_what_its_export_says(
    name: str, recorded: Recorded, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    resources = recorded(name, deployed=True)
    found = from_file(tmp_path / "state.json", ways.export_document(resources))
    assert from_engine(resources, monkeypatch, deployed=True) == found


READS = """\
import pulumi_gcp as gcp

proxy = gcp.compute.TargetHttpsProxy.get("proxy", "projects/p/global/targetHttpsProxies/proxy")
gcp.compute.GlobalForwardingRule(
    "front", target=proxy.id, port_range="443", load_balancing_scheme="EXTERNAL_MANAGED"
)
gcp.compute.GlobalForwardingRule("bare", target="proxy", port_range="80-81")
"""


def test_what_is_only_read_is_external_in_every_way(
    farm: Farm, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "Pulumi.yaml").write_text("name: shop\nruntime: python\n", encoding="utf-8")
    (tmp_path / "__main__.py").write_text(READS, encoding="utf-8")
    planned = ways.record(tmp_path, {}, farm, deployed=False)
    deployed = ways.record(tmp_path, {}, farm, deployed=True)
    answers = from_program(planned)
    assert {urn_name(urn) for _, urn, _ in answers} == {"front", "bare"}
    assert from_engine(planned, monkeypatch, deployed=False) == answers
    assert from_file(tmp_path / "preview.json", ways.preview_document(planned)) == answers
    assert from_file(tmp_path / "state.json", ways.export_document(deployed)) == answers
