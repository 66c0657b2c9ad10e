"""The starting program under `pulumi preview --policy-pack`: what users see, and what the configuration changes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.e2e.workspace import REPOSITORY, Outcome, Project, Workspace, violations

FORWARDING_RULE = "global-forwarding-rule"
EUROPE, ASIA = "backend-service-europe", "backend-service-asia"

# (level, policy, resource): each once, and nothing else.
FINDINGS = [
    ("mandatory", "backend-service-has-health-check", ASIA),
    ("mandatory", "backend-service-has-health-check", EUROPE),
    ("mandatory", "backend-service-two-regions", FORWARDING_RULE),
    ("mandatory", "forwarding-rule-port-matches-proxy", FORWARDING_RULE),
    ("mandatory", "lb-backend-service-has-backends", ASIA),
    ("mandatory", "lb-backend-service-has-backends", EUROPE),
    ("mandatory", "lb-no-dangling-reference", FORWARDING_RULE),
    ("advisory", "lb-no-orphan-components", ASIA),
    ("advisory", "lb-no-orphan-components", EUROPE),
]
MANDATORY_POLICIES = sorted({policy for level, policy, _ in FINDINGS if level == "mandatory"})


@pytest.fixture(scope="module")
def project(module_workspace: Workspace) -> Project:
    return module_workspace.project(REPOSITORY / "examples" / "starting_program")


@pytest.fixture(scope="module")
def preview(project: Project, pack: Path) -> Outcome:
    return project.preview(pack=pack)


def found(outcome: Outcome) -> list[tuple[str, str, str]]:
    """Level, policy and resource of everything displayed, mandatory first."""
    listed = [(each.level, each.policy, each.resource) for each in violations(outcome)]
    return sorted(listed, key=lambda one: (one[0] != "mandatory", one))


def settings(level: str, *policies: str) -> dict[str, Any]:
    return {policy: {"enforcementLevel": level} for policy in policies}


def test_the_starting_program_has_its_nine_findings_each_once_and_nothing_else(preview: Outcome) -> None:
    assert found(preview) == FINDINGS, str(preview)


def test_a_mandatory_finding_makes_the_exit_code_non_zero(preview: Outcome) -> None:
    assert preview.code != 0, str(preview)


@pytest.mark.parametrize(
    ("policy", "resource", "word"),
    [
        ("forwarding-rule-port-matches-proxy", FORWARDING_RULE, "80-8080"),
        ("forwarding-rule-port-matches-proxy", FORWARDING_RULE, "443"),
        ("lb-no-dangling-reference", FORWARDING_RULE, "my-target-proxy"),
        ("backend-service-two-regions", FORWARDING_RULE, "no serving region"),
        ("lb-no-orphan-components", EUROPE, "INTERNAL"),
        ("lb-backend-service-has-backends", EUROPE, "backends"),
        ("backend-service-has-health-check", EUROPE, "health check"),
    ],
)
def test_a_finding_names_what_is_wrong(preview: Outcome, policy: str, resource: str, word: str) -> None:
    (finding,) = [each for each in violations(preview) if (each.policy, each.resource) == (policy, resource)]
    assert word in finding.text


def test_each_finding_says_how_to_mend_it_and_where_to_read_more(preview: Outcome) -> None:
    for finding in violations(preview):
        assert "fix: " in finding.text
        assert f"multiregion-guard explain {finding.policy}" in finding.text


def test_the_pack_writes_nothing_of_its_own_into_the_users_terminal(preview: Outcome) -> None:
    diagnostics = preview.text.rpartition("Diagnostics:")[2].partition("Outputs:")[0]
    lines = [line.strip() for line in diagnostics.splitlines() if line.strip()]
    foreign = ("pulumi:pulumi:Stack (", "error: preview failed", "warning: using pulumi-language-python")
    assert [line for line in lines if not line.startswith(foreign)] == []


def test_a_program_with_only_advisory_findings_exits_with_zero(project: Project, pack: Path) -> None:
    outcome = project.preview(pack=pack, config=settings("advisory", *MANDATORY_POLICIES))
    assert outcome.code == 0, str(outcome)
    assert {level for level, _, _ in found(outcome)} == {"advisory"}


def test_a_disabled_rule_says_nothing_and_the_others_still_speak(project: Project, pack: Path) -> None:
    outcome = project.preview(pack=pack, config=settings("disabled", "lb-no-dangling-reference"))
    expected = [finding for finding in FINDINGS if finding[1] != "lb-no-dangling-reference"]
    assert found(outcome) == expected, str(outcome)


def test_a_rule_made_mandatory_is_mandatory(project: Project, pack: Path) -> None:
    config = {
        **settings("advisory", *MANDATORY_POLICIES),
        **settings("mandatory", "lb-no-orphan-components"),
    }
    outcome = project.preview(pack=pack, config=config)
    assert outcome.code != 0, str(outcome)
    mandatory = {policy for level, policy, _ in found(outcome) if level == "mandatory"}
    assert mandatory == {"lb-no-orphan-components"}


def test_all_set_to_advisory_shows_everything_and_exits_with_zero(project: Project, pack: Path) -> None:
    outcome = project.preview(pack=pack, config={"all": {"enforcementLevel": "advisory"}})
    assert outcome.code == 0, str(outcome)
    assert sorted(each[1:] for each in found(outcome)) == sorted(each[1:] for each in FINDINGS)


def test_a_misspelt_rule_in_the_configuration_is_one_finding_that_names_the_near_match(
    project: Project, pack: Path
) -> None:
    outcome = project.preview(pack=pack, config=settings("advisory", "lb-no-dangling-refrence"))
    (mistake,) = [each for each in violations(outcome) if each.policy == "guard"]
    assert mistake.level == "mandatory"
    assert "lb-no-dangling-refrence" in mistake.text
    assert "lb-no-dangling-reference" in mistake.text.replace("lb-no-dangling-refrence", "")


def test_up_stops_before_a_resource_that_a_mandatory_rule_forbids_is_created(workspace: Workspace, pack: Path) -> None:
    project = workspace.project(REPOSITORY / "examples" / "starting_program")
    outcome = project.up("--skip-preview", pack=pack)
    assert outcome.code != 0, str(outcome)
    assert [each for each in workspace.operations() if each["name"] in {EUROPE, ASIA}] == []


def test_the_analysis_of_the_deployed_stack_has_the_same_findings_and_exits_with_non_zero(
    workspace: Workspace, pack: Path
) -> None:
    project = workspace.project(REPOSITORY / "examples" / "starting_program")
    assert project.up().code == 0
    outcome = project.analyze(pack)
    assert found(outcome) == FINDINGS, str(outcome)
    assert outcome.code != 0
