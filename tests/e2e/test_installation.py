"""The pack where users put it: after `pulumi install`, and as the slim copy of `make pack`.

These tests install the pack's requirements into new virtualenvs, with pip as it is set up on this machine.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.e2e.workspace import LEFT_OUT, PACK_FILES, REPOSITORY, Project, Violation, Workspace, violations

INSTALL_TIME_LIMIT = 300  # seconds; about 15 with pip's cache
# What pip needs of the machine's own environment.
PIP_VARIABLES = ("HOME", "SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "HTTPS_PROXY", "https_proxy", "NO_PROXY")


@pytest.fixture(scope="module")
def project(module_workspace: Workspace) -> Project:
    return module_workspace.project(REPOSITORY / "examples" / "starting_program")


@pytest.fixture(scope="module")
def expected(project: Project, pack: Path) -> list[Violation]:
    """What the pack of the working tree says of the starting program."""
    found = violations(project.preview(pack=pack))
    assert found
    return found


@pytest.fixture(scope="module")
def installed(module_workspace: Workspace, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the repository after `pulumi install`."""
    copy = tmp_path_factory.mktemp("installed") / "multiregion-guard"
    shutil.copytree(REPOSITORY, copy, ignore=LEFT_OUT)
    machine = {name: value for name, value in os.environ.items() if name.startswith("PIP_") or name in PIP_VARIABLES}
    outcome = module_workspace.run(["install"], copy, time_limit=INSTALL_TIME_LIMIT, extra_environ=machine)
    assert outcome.code == 0, str(outcome)
    return copy


def make_pack(directory: Path) -> Path:
    """Runs `make pack` and returns the directory it filled."""
    command = ["make", "--no-print-directory", "pack", f"DIR={directory}", f"PYTHON={sys.executable}"]
    subprocess.run(command, cwd=REPOSITORY, check=True, capture_output=True)
    return directory


def install(directory: Path, *options: str) -> subprocess.CompletedProcess[str]:
    """Install the requirements of a pack into a virtualenv of its own; every file must have a hash that is listed."""
    subprocess.run([sys.executable, "-m", "venv", str(directory / "venv")], check=True)
    pip = [str(directory / "venv" / "bin" / "python"), "-m", "pip", "install", "--quiet", "--require-hashes"]
    return subprocess.run(
        [*pip, *options, "-r", "requirements.txt"],
        cwd=directory,
        check=False,
        timeout=INSTALL_TIME_LIMIT,
        capture_output=True,
        text=True,
    )


@pytest.fixture(scope="module")
def slim(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The pack that `make pack` writes, with a virtualenv that holds its requirements and nothing else."""
    directory = make_pack(tmp_path_factory.mktemp("slim") / "pack")
    done = install(directory)
    assert done.returncode == 0, done.stderr
    return directory


def test_the_pack_gives_the_same_verdicts_after_pulumi_install(
    project: Project, installed: Path, expected: list[Violation]
) -> None:
    assert violations(project.preview(pack=installed)) == expected


def test_the_slim_pack_gives_the_same_verdicts_in_a_clean_virtualenv(
    project: Project, slim: Path, expected: list[Violation]
) -> None:
    assert violations(project.preview(pack=slim)) == expected


def test_pulumi_installs_the_slim_pack(module_workspace: Workspace, slim: Path, tmp_path: Path) -> None:
    shutil.copytree(slim, tmp_path / "pack", ignore=LEFT_OUT)
    machine = {name: value for name, value in os.environ.items() if name.startswith("PIP_") or name in PIP_VARIABLES}
    outcome = module_workspace.run(["install"], tmp_path / "pack", time_limit=INSTALL_TIME_LIMIT, extra_environ=machine)
    assert outcome.code == 0, str(outcome)
    python = tmp_path / "pack" / "venv" / "bin" / "python"
    listed = subprocess.run([str(python), "-m", "pip", "freeze"], capture_output=True, text=True, check=True).stdout
    pins = set(re.findall(r"^\S+==\S+", (slim / "requirements.txt").read_text(encoding="utf-8"), re.MULTILINE))
    assert {line.lower().replace("_", "-") for line in listed.splitlines()} == {
        pin.lower().replace("_", "-") for pin in pins if not pin.startswith("setuptools")
    }


def test_a_file_that_is_not_the_one_that_was_pinned_is_refused(slim: Path, tmp_path: Path) -> None:
    text = (slim / "requirements.txt").read_text(encoding="utf-8")
    (entry,) = re.findall(r"^semver==(?:.*\\\n)+.*\n", text, re.MULTILINE)
    forged = re.sub(r"sha256:[0-9a-f]{64}", f"sha256:{'0' * 64}", entry)
    (tmp_path / "requirements.txt").write_text(forged, encoding="utf-8")
    done = install(tmp_path, "--no-deps")
    assert done.returncode != 0
    assert "HASHES" in done.stderr


def test_the_slim_pack_holds_the_pack_its_licence_and_its_readme_and_nothing_else(tmp_path: Path) -> None:
    held = {path.name for path in make_pack(tmp_path / "pack").iterdir()}
    assert held == {*PACK_FILES, "LICENSE", "README.md", ".gitignore"}


def test_a_pack_whose_virtualenv_is_missing_is_refused_at_once_and_the_text_names_it(
    module_workspace: Workspace, project: Project, tmp_path: Path
) -> None:
    if module_workspace.cli.own_python_host:
        pytest.skip("the Python host of this `pulumi` waits for ever then; the stand-in does not")
    for name in ("PulumiPolicy.yaml", "requirements.txt"):
        shutil.copy2(REPOSITORY / name, tmp_path / name)
    (tmp_path / "__main__.py").write_text("")
    outcome = project.preview(pack=tmp_path)
    assert outcome.code != 0, str(outcome)
    assert "virtualenv" in outcome.text
