"""What a preview says of values nobody can know yet, of secrets, and of a rule with a defect."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.e2e.workspace import Outcome, Project, Workspace, copy_pack, violations

UNDECIDED = """
import pulumi
from pulumi_gcp import compute, storage

source = storage.Bucket("source", location="EU")
for name in ("one", "two"):
    compute.SSLPolicy(name, profile="MODERN", min_tls_version=source.url)
"""

BROKEN_RULE = '''"""A rule with a defect."""

from policypack.gcp.types import REGION_BACKEND_SERVICE
from policypack.rules.contract import Findings, Resource, Severity, rule


@rule(severity=Severity.HIGH, subjects=(REGION_BACKEND_SERVICE,), fix="Mend the rule.")
def always_breaks(service: Resource) -> Findings:
    """Backend services are judged by a rule that breaks."""
    yield from {}["no such key"]
'''

WITH_A_SECRET = """
import pulumi
from pulumi_gcp import compute

compute.RegionBackendService("service", region="europe-west1")
compute.GlobalForwardingRule("front", port_range="443", target=pulumi.Output.secret("hush-hush-proxy"))
"""


def program(workspace: Workspace, text: str) -> Project:
    source = workspace.directory / "program"
    source.mkdir()
    (source / "Pulumi.yaml").write_text("name: judged\nruntime: python\n", encoding="utf-8")
    (source / "__main__.py").write_text(text, encoding="utf-8")
    return workspace.project(source)


@pytest.fixture(scope="module")
def undecided(module_workspace: Workspace, pack: Path) -> Outcome:
    return program(module_workspace, UNDECIDED).preview(pack=pack)


def test_what_cannot_be_known_yet_is_said_once_per_rule_and_as_advisory(undecided: Outcome) -> None:
    lines = [each.level for each in violations(undecided) if each.policy == "tls-policy-min-version"]
    assert lines == ["advisory"], str(undecided)


def test_an_undecided_rule_names_the_property_that_would_decide_it(undecided: Outcome) -> None:
    (line,) = [each for each in violations(undecided) if each.policy == "tls-policy-min-version"]
    assert "minTlsVersion" in line.text


def test_an_undecided_rule_does_not_stop_the_operation(undecided: Outcome) -> None:
    assert undecided.code == 0, str(undecided)


def test_undecided_rules_can_be_made_to_stop_the_operation(workspace: Workspace, pack: Path) -> None:
    outcome = program(workspace, UNDECIDED).preview(pack=pack, config={"guard": {"onUndecided": "fail"}})
    assert outcome.code != 0, str(outcome)


@pytest.fixture(scope="module")
def pack_with_a_defect(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the pack with one more rule, which raises an exception."""
    copy = copy_pack(tmp_path_factory.mktemp("pack"))
    rule = copy / "policypack" / "rules" / "regions" / "always_breaks.py"
    rule.write_text(BROKEN_RULE, encoding="utf-8")
    return copy


ONE_SERVICE = """
from pulumi_gcp import compute

compute.RegionBackendService("service", region="europe-west1")
"""
ADVISORY = {"all": {"enforcementLevel": "advisory"}}


def test_a_rule_that_breaks_is_reported_with_its_place_and_the_operation_goes_on(
    workspace: Workspace, pack_with_a_defect: Path
) -> None:
    outcome = program(workspace, ONE_SERVICE).preview(pack=pack_with_a_defect, config=ADVISORY)
    assert outcome.code == 0, str(outcome)
    (crash,) = [each for each in violations(outcome) if each.policy == "always-breaks"]
    assert crash.level == "advisory"
    assert "always_breaks.py:" in crash.text


def test_a_rule_that_breaks_silences_no_other_rule(workspace: Workspace, pack_with_a_defect: Path) -> None:
    outcome = program(workspace, ONE_SERVICE).preview(pack=pack_with_a_defect, config=ADVISORY)
    assert "lb-backend-service-has-backends" in {each.policy for each in violations(outcome)}


def test_a_secret_is_never_displayed(workspace: Workspace, pack: Path) -> None:
    outcome = program(workspace, WITH_A_SECRET).preview(pack=pack)
    assert "lb-no-dangling-reference" in {each.policy for each in violations(outcome)}, str(outcome)
    assert "hush-hush-proxy" not in outcome.text
