"""The guide to policy groups, run as it stands: the real command line, and a stand-in for Pulumi Cloud."""

from __future__ import annotations

import io
import json
import shlex
import subprocess
import sys
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import policypack
from policypack.cli import main
from policypack.engine.settings import from_document
from policypack.rules.contract import Level
from policypack.rules.registry import all_rules
from tests.cli.test_guides import BLOCK
from tests.e2e.pulumi_cloud import Cloud, pulumi_cloud
from tests.e2e.workspace import REPOSITORY, Outcome, Project, Workspace, copy_pack, link_virtualenv, violations

GUIDE = REPOSITORY / "docs" / "policy-groups.md"
FORMER = "0.0.9"
PUBLISHED = policypack.__version__
STARTING = REPOSITORY / "examples" / "starting_program"


def commands(text: str) -> Iterator[tuple[str, str]]:
    """Give what the guide shows in its order: files with their names, and commands."""
    for block in BLOCK.finditer(text):
        if block["name"]:
            yield block["name"], block["text"]
        elif block["kind"] == "sh":
            yield from (("", line) for line in block["text"].splitlines())


def run(words: list[str], folder: Path, workspace: Workspace, cloud: Cloud) -> None:
    """Run one command of the guide in a folder."""
    if words[0] == "make":
        shown = [word.replace("$PWD", str(folder)) for word in words[3:]]
        subprocess.run(["make", "--no-print-directory", *shown, f"PYTHON={sys.executable}"], cwd=REPOSITORY, check=True)
    elif words == ["pulumi", "-C", "pack", "install"]:
        # How this goes is the matter of test_installation.py.
        link_virtualenv(folder / "pack")
    elif words[0] == "pulumi":
        online = {"PULUMI_BACKEND_URL": cloud.url, "PULUMI_ACCESS_TOKEN": "only-for-tests"}
        outcome = workspace.run(words[1:], folder, extra_environ=online)
        assert outcome.code == 0, str(outcome)
    else:
        assert words[0] == "multiregion-guard"
        assert main(words[1:]) == 0


@pytest.fixture(scope="module")
def told(module_workspace: Workspace, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cloud]:
    """What Pulumi Cloud has heard when the whole guide was run."""
    folder = tmp_path_factory.mktemp("guide")
    with pulumi_cloud() as cloud, pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        for name, text in commands(GUIDE.read_text(encoding="utf-8")):
            if name:
                (folder / name).write_text(text, encoding="utf-8")
            else:
                line = text.replace("VERSION", PUBLISHED).replace("FORMER", FORMER)
                run(shlex.split(line), folder, module_workspace, cloud)
        yield cloud


def levels(config: Any) -> set[Level]:
    """Give the levels that rules have under a configuration."""
    settings = from_document(config, all_rules())
    assert settings.problems == ()
    return {settings.level(rule) for rule in all_rules()}


def test_the_pack_is_published_once_and_whole(told: Cloud) -> None:
    assert told.complete == [PUBLISHED]
    assert {policy["name"] for policy in told.described[PUBLISHED]["policies"]} >= {rule.name for rule in all_rules()}


def test_what_is_published_is_the_slim_pack_without_its_virtualenv(told: Cloud) -> None:
    with tarfile.open(fileobj=io.BytesIO(told.archive)) as archive:
        names = {name.split("/")[1] for name in archive.getnames() if "/" in name}
        requirements = archive.extractfile("package/requirements.txt")
        assert requirements is not None
        text = requirements.read()
    assert names >= {"PulumiPolicy.yaml", "__main__.py", "requirements.txt", "policypack"}
    assert not names & {"venv", "tests", "stacks", "docs", ".git"}
    assert text == (REPOSITORY / "requirements-hashed.txt").read_bytes()


def test_what_was_published_starts_and_judges(told: Cloud, module_workspace: Workspace, tmp_path: Path) -> None:
    with tarfile.open(fileobj=io.BytesIO(told.archive)) as archive:
        archive.extractall(tmp_path, filter="data")
    link_virtualenv(tmp_path / "package")
    outcome = module_workspace.project(STARTING).preview(pack=tmp_path / "package")
    assert len(violations(outcome)) == 9, str(outcome)


def test_the_groups_are_changed_in_the_order_of_the_guide(told: Cloud) -> None:
    added = [
        (group, change["addPolicyPack"]["versionTag"]) for group, change in told.changes if "addPolicyPack" in change
    ]
    assert added == [
        ("trial", PUBLISHED),
        ("production", PUBLISHED),
        ("production", FORMER),
        ("production", PUBLISHED),
    ]
    assert [group for group, change in told.changes if "removePolicyPack" in change] == ["production"]


def test_nobody_of_the_trial_is_stopped(told: Cloud) -> None:
    assert Level.MANDATORY not in levels(told.changes[0][1]["addPolicyPack"]["config"])


def test_production_is_stopped(told: Cloud) -> None:
    assert Level.MANDATORY in levels(told.changes[1][1]["addPolicyPack"]["config"])


def test_the_kill_switch_leaves_nothing_mandatory(told: Cloud) -> None:
    assert Level.MANDATORY not in levels(told.changes[3][1]["addPolicyPack"]["config"])


def test_the_kill_switch_calms_a_pack_that_a_pipeline_names(workspace: Workspace, pack: Path) -> None:
    shown = dict(commands(GUIDE.read_text(encoding="utf-8")))
    outcome = workspace.project(STARTING).preview(pack=pack, config=json.loads(shown["calm.json"]))
    assert outcome.code == 0, str(outcome)
    assert {one.level for one in violations(outcome)} == {"advisory"}


def both(project: Project, pack: Path, other: Path, *configs: Any) -> Outcome:
    """Preview with two packs at once, each with a configuration."""
    words = ["--policy-pack", str(pack), "--policy-pack", str(other)]
    for number, config in enumerate(configs):
        file = project.directory / f"{number}.json"
        file.write_text(json.dumps(config), encoding="utf-8")
        words += ["--policy-pack-config", str(file)]
    return project.preview(*words)


ADVISORY = {"guard": {"extends": "advisory"}}


def test_of_two_packs_each_has_its_say_and_the_stricter_stops(
    workspace: Workspace, pack: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    other = copy_pack(tmp_path_factory.mktemp("other"))
    project = workspace.project(STARTING)
    alone = violations(project.preview(pack=pack))
    outcome = both(project, pack, other, ADVISORY, {"guard": {}})
    found = violations(outcome)
    assert outcome.code != 0, str(outcome)
    assert len(found) == 2 * len(alone)
    assert {one.level for one in found if one.policy == "backend-service-has-health-check"} == {"advisory", "mandatory"}


def test_of_two_packs_neither_stops_where_both_are_advisory(
    workspace: Workspace, pack: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    other = copy_pack(tmp_path_factory.mktemp("other"))
    assert both(workspace.project(STARTING), pack, other, ADVISORY, ADVISORY).code == 0
