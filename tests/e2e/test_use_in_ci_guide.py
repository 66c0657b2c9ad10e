"""The commands of the guide to CI, run as they stand, with the real command line."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.e2e.workspace import REPOSITORY, TIME_LIMIT, Outcome, Workspace, violations

GUIDE = REPOSITORY / "docs" / "use-in-ci.md"


def commands() -> list[str]:
    """Give the commands below "With pulumi preview", whole."""
    _, _, part = GUIDE.read_text(encoding="utf-8").partition("\n## With pulumi preview\n")
    (shown,) = re.findall(r"^```sh\n(.*?)^```$", part.partition("\n## ")[0], re.MULTILINE | re.DOTALL)
    return str(shown).replace("\\\n", " ").splitlines()


@pytest.fixture(scope="module")
def folder(module_workspace: Workspace, pack: Path) -> Path:
    """What a pipeline has: the pack, a program with a stack `prod`, and the configuration that the guide shows."""
    project = module_workspace.project(REPOSITORY / "examples" / "starting_program")
    project._must("stack", "init", "prod")
    project._must("config", "set-all", "--stack", "prod", "--plaintext", "gcp:project=example-project")
    place = module_workspace.directory / "pipeline"
    place.mkdir()
    (place / "infrastructure").symlink_to(project.directory)
    (place / "multiregion-guard").symlink_to(pack)
    (shown,) = re.findall(r"^```json\n(.*?)^```$", GUIDE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    (place / "policy.json").write_text(shown, encoding="utf-8")
    return place


def run(line: str, folder: Path, workspace: Workspace) -> Outcome:
    """Run a line in a shell, as a pipeline does."""
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", line],
        cwd=folder,
        env=workspace.environ,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=TIME_LIMIT,
        check=False,
    )
    return Outcome(line, done.returncode, done.stdout)


def test_the_pack_can_be_made_ready_as_the_guide_says(folder: Path, module_workspace: Workspace) -> None:
    make, _, _ = commands()
    # Dry: what it does is done for these tests already, and `make check` runs at the start of every pipeline.
    outcome = run(make.replace("make ", f"make --dry-run PYTHON={sys.executable} ", 1), folder, module_workspace)
    assert outcome.code == 0, str(outcome)
    assert "tools/bootstrap.py check" in outcome.text
    assert "multiregion-guard check" in outcome.text


def test_the_doctor_of_the_guide_finds_all_well(folder: Path, module_workspace: Workspace) -> None:
    _, doctor, _ = commands()
    outcome = run(doctor, folder, module_workspace)
    assert outcome.code == 0, str(outcome)
    assert "All is well." in outcome.text


def test_the_preview_of_the_guide_is_judged_with_its_configuration(folder: Path, module_workspace: Workspace) -> None:
    _, _, preview = commands()
    outcome = run(f"{preview} --color never", folder, module_workspace)
    assert outcome.code not in {0, 124}, str(outcome)
    found = {each.policy for each in violations(outcome)}
    assert "backend-service-two-regions" in found
    configured = json.loads((folder / "policy.json").read_text(encoding="utf-8"))
    off = {name for name, level in configured.items() if level == "disabled"}
    assert off
    assert off & found == set()
