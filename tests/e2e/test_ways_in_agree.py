"""One deployment, four ways in: the verdicts on it are the same.

The ways are the offline check of the program, the audit of what `pulumi preview --json` writes, the audit of the
deployed stack's export, and the policy pack in `pulumi preview`, which names its findings and nothing else.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.pulumi_cli import PulumiCli
from tests.e2e.workspace import REPOSITORY, STACK, TIME_LIMIT, Outcome, Workspace, violations

EXAMPLE = REPOSITORY / "examples" / "starting_program"
REFERENCE = REPOSITORY / "stacks" / "reference"
DEPLOYMENTS = {
    "starting program": (EXAMPLE, {}),
    "regional-psc": (REFERENCE, {"topology": "regional-psc"}),
    "global-direct": (REFERENCE, {"topology": "global-direct"}),
}
COMMAND = "import sys; from policypack.cli import main; sys.exit(main())"

Report = dict[str, Any]


@dataclass(frozen=True)
class Ways:
    """What each way in says of one deployment."""

    check: Report
    planned: Report
    deployed: Report
    preview: Outcome


@pytest.fixture(scope="module", params=DEPLOYMENTS)
def ways(request: pytest.FixtureRequest, cli: PulumiCli, pack: Path, tmp_path_factory: pytest.TempPathFactory) -> Ways:
    program, config = DEPLOYMENTS[request.param]
    project = Workspace(cli, tmp_path_factory.mktemp("pulumi")).project(program, config=config)
    planned = project.preview("--json")
    assert planned.code == 0, str(planned)
    preview = project.preview(pack=pack)
    up = project.up("--skip-preview")
    assert up.code == 0, str(up)
    # The command line writes its warnings before the document.
    plan_file = written(project.directory / "plan.json", planned.text[planned.text.index("{\n") :])
    state_file = written(project.directory / "state.json", json.dumps(project.export()))
    return Ways(
        check=report(["check", str(project.directory), "--stack", STACK]),
        planned=report(["audit", str(plan_file)]),
        deployed=report(["audit", str(state_file)]),
        preview=preview,
    )


def written(file: Path, text: str) -> Path:
    file.write_text(text, encoding="utf-8")
    return file


def report(arguments: Sequence[str]) -> Report:
    """The JSON report of one run of the pack's own command."""
    done = subprocess.run(
        [sys.executable, "-c", COMMAND, *arguments, "--format", "json"],
        cwd=REPOSITORY,  # so that the code of this tree is what runs
        capture_output=True,
        text=True,
        timeout=TIME_LIMIT,
        check=False,
    )
    assert done.returncode in {0, 1}, done.stderr
    document: Report = json.loads(done.stdout)
    # An audit holds one such document for each file.
    return document["audits"][0] if "audits" in document else document


def verdicts(document: Report) -> set[tuple[str, str, str, str]]:
    """Rule, subject, place in it, and answer."""
    return {(one["rule"], one["urn"], one["place"], one["status"]) for one in document["verdicts"]}


def findings(document: Report) -> set[tuple[str, str]]:
    """Rule and name of the resource, of every finding."""
    return {(one["rule"], one["name"]) for one in document["verdicts"] if one["findings"]}


def test_the_audit_of_a_preview_says_what_the_check_of_the_program_says(ways: Ways) -> None:
    assert verdicts(ways.planned) == verdicts(ways.check)


def test_the_audit_of_the_deployed_stack_says_what_the_check_of_the_program_says(ways: Ways) -> None:
    assert verdicts(ways.deployed) == verdicts(ways.check)


def test_the_policy_pack_finds_what_the_check_of_the_program_finds(ways: Ways) -> None:
    assert {(one.policy, one.resource) for one in violations(ways.preview)} == findings(ways.check)


def test_the_policy_pack_and_the_check_of_the_program_end_alike(ways: Ways) -> None:
    assert (ways.preview.code != 0) == (ways.check["exitCode"] != 0)
