"""Profiles, waivers and the baseline under the real command line: nobody is stopped on the first day, debt is known."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from policypack.cli import main
from policypack.engine.profiles import PROFILES, profile
from tests.e2e.workspace import REPOSITORY, STACK, Outcome, Project, Workspace, copy_pack, violations

PROGRAM = REPOSITORY / "examples" / "starting_program"
EUROPE, ASIA = "backend-service-europe", "backend-service-asia"
CHECKED = "backend-service-has-health-check"
ON_A_DAY = """from datetime import date

from policypack.sources.crossguard import main

main(today=date(2026, 11, 24))
"""


@pytest.fixture(scope="module")
def pack_on_a_day(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The pack on 24 November 2026."""
    copy = copy_pack(tmp_path_factory.mktemp("pack"))
    (copy / "__main__.py").write_text(ON_A_DAY, encoding="utf-8")
    return copy


@pytest.fixture(scope="module")
def project(module_workspace: Workspace) -> Project:
    return module_workspace.project(PROGRAM)


def mandatory(outcome: Outcome) -> list[tuple[str, str]]:
    return [(each.policy, each.resource) for each in violations(outcome) if each.level == "mandatory"]


def waiver(rules: Any, resources: Any, **changed: Any) -> dict[str, Any]:
    base = {"reason": "replaced in December", "owner": "team-edge", "ticket": "EDGE-7", "expires": "2026-12-24"}
    return {"rules": rules, "resources": resources, **base, **changed}


def guard(**settings: Any) -> dict[str, Any]:
    return {"guard": settings}


def test_the_advisory_profile_shows_everything_and_stops_nobody(project: Project, pack: Path) -> None:
    outcome = project.preview(pack=pack, config=profile("advisory"))
    assert outcome.code == 0, str(outcome)
    assert {each.level for each in violations(outcome)} == {"advisory"}
    assert {each.resource for each in violations(outcome) if each.policy == CHECKED} == {EUROPE, ASIA}


@pytest.mark.parametrize("name", PROFILES[1:])
def test_a_stricter_profile_stops(project: Project, pack: Path, name: str) -> None:
    outcome = project.preview(pack=pack, config=guard(extends=name))
    assert outcome.code != 0, str(outcome)
    assert (CHECKED, EUROPE) in mandatory(outcome)
    assert "guard" not in {each.policy for each in violations(outcome)}


def test_all_advisory_calms_down_even_the_strictest_profile(project: Project, pack: Path) -> None:
    config = {"all": {"enforcementLevel": "advisory"}, **guard(extends="regulated", onUndecided="advisory")}
    assert project.preview(pack=pack, config=config).code == 0


def test_a_selection_holds(project: Project, pack: Path) -> None:
    select = [{"rules": "*", "level": "disabled"}, {"areas": "health", "level": "default"}]
    outcome = project.preview(pack=pack, config=guard(select=select))
    assert {policy for policy, _ in mandatory(outcome)} <= {CHECKED, "lb-backend-service-has-backends"}, str(outcome)
    assert (CHECKED, EUROPE) in mandatory(outcome)


def test_waivers_let_a_preview_pass_and_every_finding_says_so(project: Project, pack_on_a_day: Path) -> None:
    outcome = project.preview(pack=pack_on_a_day, config=guard(waivers=[waiver("*", "*", stacks="*/dev")]))
    assert outcome.code == 0, str(outcome)
    for finding in violations(outcome):
        assert finding.level == "advisory"
        assert "waived until 2026-12-24 (30 days left): replaced in December; team-edge; EDGE-7" in finding.text


def test_what_is_not_waived_stops(project: Project, pack_on_a_day: Path) -> None:
    outcome = project.preview(pack=pack_on_a_day, config=guard(waivers=[waiver("*", EUROPE)]))
    assert outcome.code != 0, str(outcome)
    assert (CHECKED, ASIA) in mandatory(outcome)
    assert EUROPE not in {resource for _, resource in mandatory(outcome)}


def test_an_expired_waiver_stops_and_says_so(project: Project, pack_on_a_day: Path) -> None:
    config = guard(waivers=[waiver("*", "*", expires="2026-11-23")])
    outcome = project.preview(pack=pack_on_a_day, config=config)
    assert outcome.code != 0, str(outcome)
    assert "its waiver expired on 2026-11-23 (1 day ago)" in outcome.text


def test_a_waiver_with_a_mistake_is_a_finding_of_its_own(project: Project, pack_on_a_day: Path) -> None:
    outcome = project.preview(pack=pack_on_a_day, config=guard(waivers=[waiver(CHECKED, EUROPE, expires="soon")]))
    (mistake,) = [each for each in violations(outcome) if each.policy == "guard"]
    assert "guard.waivers[0].expires: is 'soon'" in mistake.text
    assert (CHECKED, EUROPE) in mandatory(outcome)


def test_a_stale_waiver_is_told_of(project: Project, pack_on_a_day: Path) -> None:
    config = guard(waivers=[waiver("*", "*"), waiver("disk-cmek", "orders", stacks="starting-program/*")])
    outcome = project.preview(pack=pack_on_a_day, config=config)
    assert outcome.code == 0, str(outcome)
    (stale,) = [each for each in violations(outcome) if each.policy == "guard"]
    assert "waives nothing: no resource matches it" in stale.text


def test_an_update_makes_what_is_waived_and_the_analysis_of_it_passes(
    workspace: Workspace, pack_on_a_day: Path
) -> None:
    project = workspace.project(PROGRAM)
    config = guard(waivers=[waiver("*", "*")])
    assert project.up(pack=pack_on_a_day, config=config).code == 0
    assert EUROPE in {each["name"] for each in workspace.operations()}
    outcome = project.analyze(pack_on_a_day, config)
    assert outcome.code == 0, str(outcome)
    assert "waived until 2026-12-24" in outcome.text


def bundle(project: Project, *words: str) -> dict[str, Any]:
    """Write what is found offline into a baseline, and the configuration with it for Pulumi."""
    baseline, policy = project.directory / "baseline.json", project.directory / "bundle.json"
    program = ["check", str(project.directory), "--stack", STACK]
    assert main([*program, "--write-baseline", str(baseline), *words]) == 0
    assert main(["config", "bundle", "production", "--baseline", str(baseline), "--output", str(policy)]) == 0
    document: dict[str, Any] = json.loads(policy.read_text(encoding="utf-8"))
    return document


def test_a_baseline_that_was_written_offline_is_known_to_pulumi(workspace: Workspace, pack: Path) -> None:
    project = workspace.project(PROGRAM)
    config = bundle(project)
    outcome = project.preview(pack=pack, config=config)
    assert outcome.code == 0, str(outcome)
    for finding in violations(outcome):
        assert "known: it is in the baseline" in finding.text, finding


def test_a_new_finding_stops_beside_known_ones(workspace: Workspace, pack: Path) -> None:
    project = workspace.project(PROGRAM)
    config = bundle(project)
    with (project.directory / "__main__.py").open("a", encoding="utf-8") as file:
        file.write('\ncompute.RegionBackendService("brand-new", region="europe-west1")\n')
    outcome = project.preview(pack=pack, config=config)
    assert outcome.code != 0
    assert {resource for _, resource in mandatory(outcome)} == {"brand-new"}, str(outcome)


def test_a_deployed_resource_that_gets_another_name_stays_known(workspace: Workspace, pack: Path) -> None:
    project = workspace.project(PROGRAM)
    config = bundle(project)
    assert project.up().code == 0
    file = project.directory / "__main__.py"
    options = f'opts=pulumi.ResourceOptions(aliases=[pulumi.Alias(name="{EUROPE}")])'
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace(f'"{EUROPE}"', f'"paris", {options}'), encoding="utf-8")
    outcome = project.preview(pack=pack, config=config)
    assert "paris" in {each.resource for each in violations(outcome)}, str(outcome)
    assert mandatory(outcome) == [], str(outcome)
