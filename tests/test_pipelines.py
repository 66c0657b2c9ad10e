"""The ready pipelines are what their services take, and run what is there."""

from __future__ import annotations

import importlib.resources
import json
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from policypack.cli.arguments import parser

ROOT = Path(__file__).parents[1]
SCHEMAS = {
    "action.yml": "github-actions",
    "pipelines/github-actions.yaml": "github-workflows",
    "stacks/bootstrap/workflow.yaml": "github-workflows",
    "pipelines/gitlab-ci.yaml": "gitlab-ci",
    "pipelines/cloudbuild.yaml": "cloudbuild",
}
"""File, to the schema of its kind."""


class Strings(yaml.SafeLoader):
    """Reads YAML as these services do: `on` is a word."""


Strings.yaml_implicit_resolvers = {
    first: [(tag, form) for tag, form in forms if tag != "tag:yaml.org,2002:bool"]
    for first, forms in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
Strings.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile(r"^(true|false)$"), list("tf"))


def read(name: str) -> Any:
    return yaml.load((ROOT / name).read_text(encoding="utf-8"), Loader=Strings)


def scripts(name: str) -> list[str]:
    """Give every piece of shell in a pipeline."""
    found: list[str] = []

    def walk(part: Any, key: str = "") -> None:
        if isinstance(part, dict):
            for inner, value in part.items():
                walk(value, str(inner))
        elif isinstance(part, list) and key == "script":
            found.append("\n".join(part))
        elif isinstance(part, list):
            for value in part:
                walk(value, key)
        elif key == "run" or (key == "args" and "\n" in str(part)):
            found.append(str(part))

    walk(read(name))
    return found


@pytest.mark.parametrize(("name", "schema"), SCHEMAS.items())
def test_a_pipeline_is_what_its_service_takes(name: str, schema: str) -> None:
    vendored = importlib.resources.files("check_jsonschema") / "builtin_schemas" / "vendor" / f"{schema}.json"
    official = json.loads(vendored.read_text(encoding="utf-8"))
    jsonschema.validators.validator_for(official)(official).validate(read(name))


@pytest.mark.parametrize("name", SCHEMAS)
def test_the_shell_in_a_pipeline_is_sound(name: str) -> None:
    assert scripts(name)
    for script in scripts(name):
        done = subprocess.run(
            [Path(sys.executable).with_name("shellcheck"), "--shell=bash", "--severity=warning", "-"],
            input=script,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("name", ["pipelines/gitlab-ci.yaml", "pipelines/cloudbuild.yaml"])
def test_the_command_in_a_pipeline_is_one(name: str) -> None:
    text = "\n".join(scripts(name)).replace("\\\n", " ")
    (line,) = re.findall(r"multiregion-guard (check .*)", text)
    chosen = parser().parse_args(shlex.split(line))
    assert {wanted.format for wanted in chosen.report} >= {"html", "json", "sarif"}


def judge(folder: Path, program: str) -> subprocess.CompletedProcess[str]:
    """Run the step of the action that judges, as a runner does."""
    (step,) = [one for one in read("action.yml")["runs"]["steps"] if one.get("id") == "judge"]
    installed = folder / "multiregion-guard" / "bin"
    installed.mkdir(parents=True)
    (installed / "multiregion-guard").write_text(f'#!/bin/sh\nexec {sys.executable} -m policypack.cli "$@"\n')
    (installed / "multiregion-guard").chmod(0o755)
    environment = {
        **os.environ,
        "PYTHONPATH": str(ROOT),
        "RUNNER_TEMP": str(folder),
        "GITHUB_OUTPUT": str(folder / "output"),
        "GITHUB_STEP_SUMMARY": str(folder / "summary"),
        "PROGRAM": str(ROOT / "examples" / program),
        "STACK": "",
        "POLICY_CONFIG": "",
        "PROGRAM_PYTHON": sys.executable,
        "PROGRAM_TIMEOUT": "120",
        "REPORTS": "reports",
    }
    command = ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"]]
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)


def test_the_action_fails_where_something_mandatory_is_found_and_writes_every_report(tmp_path: Path) -> None:
    done = judge(tmp_path, "starting_program")
    assert done.returncode == 1, done.stderr
    written = {file.name for file in (tmp_path / "reports").iterdir()}
    assert written == {"report.sarif", "report.html", "report.json", "report.xml", "report.md", "annotations.txt"}
    assert "::error " in done.stdout
    assert "Mandatory" in (tmp_path / "summary").read_text(encoding="utf-8")
    assert "sarif=reports/report.sarif" in (tmp_path / "output").read_text(encoding="utf-8")


def test_the_action_ends_with_2_and_no_report_where_nothing_could_be_judged(tmp_path: Path) -> None:
    done = judge(tmp_path, "no_such_program")
    assert done.returncode == 2
    assert not (tmp_path / "summary").exists()


def test_the_hook_is_one_that_pre_commit_takes() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "pre_commit", "validate-manifest", ".pre-commit-hooks.yaml"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout
