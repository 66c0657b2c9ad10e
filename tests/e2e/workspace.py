"""A place to run the real `pulumi` command line in: offline, with no account, and with nothing of the user's.

Each workspace has its own state backend, its own home for Pulumi, and an environment built from nothing, so
that neither credentials nor settings of the machine reach a test.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import stat
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import yaml

from tests.e2e.pulumi_cli import PulumiCli

REPOSITORY = Path(__file__).resolve().parents[2]
STAND_IN_HOST = Path(__file__).parent / "language_host.py"
TIME_LIMIT = 120  # seconds for one command; the usual one takes 3
STACK = "dev"
# What makes up the pack: the files that the engine reads and the packages that they import.
PACK_FILES = ("PulumiPolicy.yaml", "__main__.py", "requirements.txt", "policypack")
PROJECT = "example-project"
# What a copy of a program or of the pack does not need, and would take long to copy.
LEFT_OUT = shutil.ignore_patterns("venv", ".venv", "__pycache__", ".git", ".*_cache", "node_modules")


@dataclass(frozen=True)
class Outcome:
    """How a command ended: its exit code and everything it wrote, in the order it wrote it."""

    command: str
    code: int
    text: str

    def __str__(self) -> str:
        return f"$ {self.command}\n{self.text}\nexit {self.code}"


@dataclass(frozen=True)
class Violation:
    """One line of the command line's list of policy violations.

    Attributes:
        level: `mandatory` or `advisory`.
        severity: As displayed; empty when the policy has none.
        policy: The policy's name.
        resource: The name of the resource it is about.
        text: The lines below it: description and message.
    """

    level: str
    severity: str
    policy: str
    resource: str
    text: str


@dataclass
class Workspace:
    """Runs commands of one `pulumi` command line on programs copied into a directory of their own."""

    cli: PulumiCli
    directory: Path
    environ: dict[str, str] = field(init=False)

    def __post_init__(self) -> None:
        tools = self.directory / "bin"
        if not self.cli.own_python_host:
            write_executable(tools / "pulumi-language-python", [sys.executable, str(STAND_IN_HOST)])
        write_executable(
            tools / "gcp" / "pulumi-resource-gcp",
            ["env", f"PYTHONPATH={REPOSITORY}", sys.executable, "-m", "tests.e2e.gcp_provider"],
        )
        backend = self.directory / "backend"
        backend.mkdir()
        path = [str(tools), str(self.cli.executable.parent), os.environ.get("PATH", os.defpath)]
        self.environ = {
            "PATH": os.pathsep.join(path),
            "HOME": str(self.directory),
            "TMPDIR": tempfile.gettempdir(),
            "LANG": "C.UTF-8",
            "PULUMI_HOME": str(self.directory / "pulumi-home"),
            "PULUMI_BACKEND_URL": f"file://{backend}",
            "PULUMI_CONFIG_PASSPHRASE": "only-for-tests",
            "PULUMI_SKIP_UPDATE_CHECK": "true",
            "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",
            "STAND_IN_GCP_RECORD": str(self.record),
        }

    @property
    def record(self) -> Path:
        """The file in which the stand-in provider notes what it created, updated and deleted, in order."""
        return self.directory / "operations.jsonl"

    def operations(self) -> list[dict[str, str]]:
        """What the stand-in provider created, updated and deleted so far, in order."""
        if not self.record.exists():
            return []
        return [json.loads(line) for line in self.record.read_text(encoding="utf-8").splitlines()]

    def project(self, source: Path, *, config: Mapping[str, str] | None = None) -> Project:
        """A copy of a program, wired to the stand-in provider and to the tests' interpreter, with a stack.

        Args:
            source: The program's directory, with its Pulumi.yaml.
            config: Stack configuration; project, region and zone of the provider have defaults.
        """
        target = Path(tempfile.mkdtemp(prefix=f"{source.name}-", dir=self.directory))
        shutil.copytree(source, target, ignore=LEFT_OUT, dirs_exist_ok=True)
        description_file = target / "Pulumi.yaml"
        description = yaml.safe_load(description_file.read_text(encoding="utf-8"))
        description["runtime"] = {"name": "python", "options": {"toolchain": "pip", "virtualenv": "venv"}}
        provider = {"name": "gcp", "path": str(self.directory / "bin" / "gcp")}
        description["plugins"] = {"providers": [provider]}
        description_file.write_text(yaml.safe_dump(description), encoding="utf-8")
        link_virtualenv(target)
        project = Project(self, target)
        settings = {"gcp:project": PROJECT, "gcp:region": "europe-west1", **(config or {})}
        project.initialise(settings)
        return project

    def run(
        self,
        arguments: Sequence[str],
        cwd: Path,
        *,
        time_limit: float = TIME_LIMIT,
        extra_environ: Mapping[str, str] | None = None,
    ) -> Outcome:
        """Runs `pulumi ARGUMENTS`.

        Raises:
            subprocess.TimeoutExpired: It did not end in the time limit (a language host that waits for a
                virtualenv that is not there, for instance).
        """
        command = [str(self.cli.executable), *arguments, "--non-interactive", "--color", "never"]
        done = subprocess.run(
            command,
            cwd=cwd,
            env={**self.environ, **(extra_environ or {})},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=time_limit,
            check=False,
        )
        return Outcome("pulumi " + " ".join(arguments), done.returncode, done.stdout)


@dataclass(frozen=True)
class Project:
    """A program in a workspace, with one stack."""

    workspace: Workspace
    directory: Path

    def initialise(self, config: Mapping[str, str]) -> None:
        """Makes the stack and adds to the configuration that the program's own stack file has."""
        self._must("stack", "init", STACK)
        settings = [part for key, value in config.items() for part in ("--plaintext", f"{key}={value}")]
        self._must("config", "set-all", "--stack", STACK, "--path", *settings)

    def preview(self, *arguments: str, pack: Path | None = None, config: Any = None) -> Outcome:
        """`pulumi preview`, judged by a pack where one is given; `config` is the pack's JSON document."""
        return self._operation("preview", arguments, pack, config)

    def up(self, *arguments: str, pack: Path | None = None, config: Any = None) -> Outcome:
        """`pulumi up --yes`, judged by a pack where one is given."""
        return self._operation("up", ("--yes", *arguments), pack, config)

    def refresh(self) -> Outcome:
        """`pulumi refresh --yes`."""
        return self._operation("refresh", ("--yes",), None, None)

    def configure(self, **settings: str) -> None:
        """Change settings of the program's own namespace."""
        for key, value in settings.items():
            self._must("config", "set", "--stack", STACK, "--plaintext", key, value)

    def destroy(self) -> Outcome:
        """`pulumi destroy --yes`."""
        return self._operation("destroy", ("--yes",), None, None)

    def export(self) -> dict[str, Any]:
        """The stack's state, as `pulumi stack export` writes it."""
        exported: dict[str, Any] = json.loads(self._must("stack", "export", "--stack", STACK).text)
        return exported

    def analyze(self, pack: Path, config: Any = None) -> Outcome:
        """`pulumi policy analyze` on the exported state: no program runs; `config` is the pack's JSON document."""
        file = self.directory / "export.json"
        file.write_text(json.dumps(self.export()), encoding="utf-8")
        command = ["policy", "analyze", "--policy-pack", str(pack), "--file", str(file)]
        return self.workspace.run([*command, *self._policy_config(config)], self.directory)

    def outputs(self) -> dict[str, Any]:
        """The stack's outputs."""
        outputs: dict[str, Any] = json.loads(self._must("stack", "output", "--json", "--stack", STACK).text)
        return outputs

    def _operation(self, verb: str, arguments: Sequence[str], pack: Path | None, config: Any) -> Outcome:
        command = [verb, "--stack", STACK, *arguments]
        if pack is not None:
            command += ["--policy-pack", str(pack)]
        return self.workspace.run([*command, *self._policy_config(config)], self.directory)

    def _policy_config(self, config: Any) -> list[str]:
        if config is None:
            return []
        file = self.directory / "policy-config.json"
        file.write_text(json.dumps(config), encoding="utf-8")
        return ["--policy-pack-config", str(file)]

    def _must(self, *arguments: str) -> Outcome:
        outcome = self.workspace.run(arguments, self.directory)
        assert outcome.code == 0, str(outcome)
        return outcome


def link_virtualenv(directory: Path) -> None:
    """Gives a directory a `venv` that is the environment the tests run in."""
    (directory / "venv").symlink_to(sys.prefix, target_is_directory=True)


def copy_pack(directory: Path) -> Path:
    """Copies the pack into a directory, to be run in the environment of the tests, and returns that directory."""
    for name in PACK_FILES:
        source = REPOSITORY / name
        if source.is_dir():
            shutil.copytree(source, directory / name, ignore=LEFT_OUT)
        else:
            shutil.copy2(source, directory / name)
    link_virtualenv(directory)
    return directory


def write_executable(path: Path, command: Sequence[str]) -> None:
    """Writes an executable that hands its arguments to a command and becomes it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    quoted = " ".join("'" + part.replace("'", "'\\''") + "'" for part in command)
    path.write_text(f'#!/bin/sh\nexec {quoted} "$@"\n', encoding="utf-8")
    path.chmod(path.stat().st_mode | stat.S_IXUSR | stat.S_IXGRP | stat.S_IXOTH)


_VIOLATION = re.compile(
    r"^\s+- \[(?P<level>\w+)\](?:\s+\[severity: (?P<severity>\w+)\])?\s+(?P<policy>\S+)\s+\((?P<subject>.*)\)\s*$"
)


def violations(outcome: Outcome) -> list[Violation]:
    """The policy violations that a preview or an update displayed."""
    found: list[Violation] = []
    text: list[str] | None = None  # the lines of the last violation; None outside of the list
    for line in [*outcome.text.splitlines(), ""]:
        match = _VIOLATION.match(line)
        if text is not None and (match or not line.startswith(" " * 10)):
            found[-1] = replace(found[-1], text="\n".join(text))
            text = None
        if match:
            resource = match["subject"].rpartition(": ")[2]
            found.append(Violation(match["level"], match["severity"] or "", match["policy"], resource, ""))
            text = []
        elif text is not None:
            text.append(line.strip())
    return found
