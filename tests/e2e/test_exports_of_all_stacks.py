"""The commands of docs/audit-many-stacks.md that export every stack, with the real command line."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from policypack.cli import main
from tests.e2e.workspace import REPOSITORY, TIME_LIMIT, Project, Workspace, write_executable

GUIDE = REPOSITORY / "docs" / "audit-many-stacks.md"
STARTING = REPOSITORY / "examples" / "starting_program"
NAMES_OF = (
    "import json, sys; assert sys.argv[1:] == ['-r', '.[].name']; [print(one['name']) for one in json.load(sys.stdin)]"
)
"""What the guide asks of jq: nothing else of it is needed here."""


@pytest.fixture
def deployed(workspace: Workspace) -> Project:
    """A project with a stack that is deployed, and one that is not."""
    project = workspace.project(STARTING)
    outcome = project.up()
    assert outcome.code == 0, str(outcome)
    for words in (["stack", "init", "empty"], ["stack", "tag", "set", "team", "web", "--stack", "dev"]):
        outcome = workspace.run(words, project.directory)
        assert outcome.code == 0, str(outcome)
    return project


def test_all_stacks_are_exported_with_their_tags_and_can_be_judged(
    deployed: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (script,) = re.findall(r"^```sh\n(pulumi stack ls --all .*?)^```$", GUIDE.read_text("utf-8"), re.M | re.S)
    place = tmp_path / "place"
    (place / "exports").mkdir(parents=True)
    write_executable(tmp_path / "bin" / "jq", [sys.executable, "-c", NAMES_OF])
    environ = deployed.workspace.environ
    subprocess.run(["bash", "-euc", script], cwd=place, env=environ, check=True, timeout=TIME_LIMIT)
    monkeypatch.chdir(place)
    assert main(["audit", "exports", "--format", "json"]) == 1
    stacks = {row["name"]: row for row in json.loads(capsys.readouterr().out)["stacks"]}
    assert stacks["starting-program/dev"]["owner"] == {"name": "web", "source": "tag"}
    assert {row["result"] for row in stacks.values()} == {"failed", "empty"}
