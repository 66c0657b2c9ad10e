"""The net for false alarms: no rule alarms on a stack that is sound, before its first deployment or after it."""

from __future__ import annotations

import ast
import re
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from policypack.engine.deployment import deployment_of
from policypack.engine.verdict import Status
from policypack.gcp import types as t
from policypack.topology.kinds import BackendKind, FrontendKind
from tests.examples.running import EXAMPLES, UNSOUND, record_example, sound_examples
from tests.whole.stacks import judge_all

if TYPE_CHECKING:
    from collections.abc import Iterable

    from policypack.model.resource import Resource
    from policypack.topology import Deployment
    from tests.rules.farm import Farm

CLEAN = (Status.PASS, Status.NOT_APPLICABLE)
MOST_LINES = 200


@pytest.fixture(scope="module", params=sound_examples())
def before(request: pytest.FixtureRequest, farm: Farm) -> Deployment:
    """Each example before its first deployment, one after the other."""
    return record_example(request.param, farm)


@pytest.fixture(scope="module", params=sound_examples())
def after(request: pytest.FixtureRequest, farm: Farm) -> Deployment:
    """Each example after its deployment."""
    return record_example(request.param, farm, deployed=True)


def test_no_rule_alarms_or_doubts_before_the_first_deployment(before: Deployment) -> None:
    assert _alarms(before) == []


def test_no_rule_alarms_or_doubts_after_the_deployment(after: Deployment) -> None:
    assert _alarms(after) == []


def test_no_rule_alarms_where_only_ids_tell_what_refers_to_what(after: Deployment) -> None:
    bare = (replace(one, property_dependencies={}, dependencies=()) for one in after.graph.resources)
    assert _alarms(_anew(bare)) == []


def test_no_rule_alarms_where_only_the_answers_of_the_provider_are_known(after: Deployment) -> None:
    there = (one for one in after.graph.resources if one.custom and one.outputs)
    assert _alarms(_anew(replace(one, inputs=None, property_dependencies={}, dependencies=()) for one in there)) == []


def test_no_reference_that_decides_is_unknown_after_the_deployment(after: Deployment) -> None:
    plane = after.load_balancing
    regions = [view.regions for view in plane.frontends] + [view.regions for view in plane.services]
    assert [found for found in regions if not (found.exact and found.known == found.certain)] == []


def test_the_examples_hold_every_kind_of_load_balancer_and_backend(farm: Farm) -> None:
    front_ends: set[tuple[bool, str, FrontendKind]] = set()
    backends: set[BackendKind] = set()
    for name in sound_examples():
        plane = record_example(name, farm, deployed=True).load_balancing
        front_ends |= {(view.is_global, view.scheme(), view.kind()) for view in plane.frontends}
        backends |= {kind for view in plane.services for kind in view.kinds.certain}
    assert front_ends >= {
        (True, "EXTERNAL_MANAGED", FrontendKind.HTTPS),
        (True, "EXTERNAL_MANAGED", FrontendKind.SSL),
        (True, "EXTERNAL", FrontendKind.HTTPS),
        (True, "EXTERNAL", FrontendKind.TCP),
        (True, "INTERNAL_MANAGED", FrontendKind.HTTPS),
        (True, "INTERNAL_MANAGED", FrontendKind.TCP),
        (True, "", FrontendKind.GOOGLE_APIS),
        (False, "EXTERNAL_MANAGED", FrontendKind.HTTPS),
        (False, "EXTERNAL_MANAGED", FrontendKind.TCP),
        (False, "INTERNAL_MANAGED", FrontendKind.HTTPS),
        (False, "INTERNAL_MANAGED", FrontendKind.TCP),
        (False, "EXTERNAL", FrontendKind.PASSTHROUGH),
        (False, "EXTERNAL", FrontendKind.OTHER),
        (False, "INTERNAL", FrontendKind.PASSTHROUGH),
        (False, "", FrontendKind.PSC_ENDPOINT),
    }
    assert backends >= {
        BackendKind.INSTANCE_GROUP,
        BackendKind.ZONAL_NEG,
        BackendKind.HYBRID_NEG,
        BackendKind.SERVERLESS_NEG,
        BackendKind.PSC_NEG,
        BackendKind.INTERNET_NEG,
    }


@pytest.mark.parametrize("name", sound_examples())
class TestFolder:
    def test_it_holds_what_pulumi_needs_and_no_more(self, name: str) -> None:
        files = {path.name for path in (EXAMPLES / name).iterdir() if path.name != "__pycache__"}
        assert files == {"Pulumi.yaml", "__main__.py", "requirements.txt"}

    def test_its_text_says_why_it_is_sound(self, name: str) -> None:
        said = ast.get_docstring(ast.parse(_program(name))) or ""
        assert "Why it is sound:" in said

    def test_it_is_short(self, name: str) -> None:
        assert len(_program(name).splitlines()) <= MOST_LINES

    def test_the_project_is_named_as_the_folder(self, name: str) -> None:
        first = (EXAMPLES / name / "Pulumi.yaml").read_text(encoding="utf-8").splitlines()[0]
        assert first == f"name: {name.replace('_', '-')}"


def test_the_index_lists_every_folder_once() -> None:
    listed = re.findall(r"^\| \[(\w+)\]\(\1\)", (EXAMPLES / "README.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert sorted(listed) == sorted({*sound_examples(), *UNSOUND})


def _alarms(deployment: Deployment) -> list[str]:
    judgement = judge_all(deployment)
    assert any(verdict.status is Status.PASS for verdict in judgement.verdicts) or not _judged(deployment)
    return [
        f"{verdict.status.value}: {verdict.rule.name} of {verdict.urn.split('::')[-1]}: "
        f"{[finding.found for finding in verdict.findings] or [str(why) for why in verdict.undecided] or verdict.crash}"
        for verdict in judgement.verdicts
        if verdict.status not in CLEAN
    ]


def _anew(resources: Iterable[Resource]) -> Deployment:
    return deployment_of(resources, project="shop", stack="dev")


def _judged(deployment: Deployment) -> bool:
    """Tell whether there is anything that the rules look at closely."""
    return bool(deployment.graph.of_type(*t.BACKEND_SERVICES))


def _program(name: str) -> str:
    return (EXAMPLES / name / "__main__.py").read_text(encoding="utf-8")
