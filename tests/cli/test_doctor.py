"""`multiregion-guard doctor`: what it finds, and what it tells people to do."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest

from policypack.cli import examination, main
from policypack.cli.examination import satisfies

DESCRIPTION = """\
name: some-pack
version: 1.2.3
requiredPulumiVersion: ">=3.204.0"
runtime: {name: python, options: {toolchain: pip, virtualenv: venv}}
"""


@pytest.fixture
def pack(tmp_path: Path) -> Path:
    """Make a pack with a virtualenv, whose interpreter is this one."""
    folder = tmp_path / "pack"
    (folder / "policypack").mkdir(parents=True)
    (folder / "PulumiPolicy.yaml").write_text(DESCRIPTION, encoding="utf-8")
    (folder / "__main__.py").touch()
    (folder / "requirements.txt").touch()
    (folder / "policypack" / "__init__.py").write_text('__version__ = "1.2.3"\n', encoding="utf-8")
    program(folder / "venv" / "bin" / "python", f'exec {sys.executable} "$@"')
    return folder


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Make a PATH with nothing on it but a `pulumi` of a version that will do."""
    folder = tmp_path / "path"
    program(folder / "pulumi", "echo v3.204.0")
    monkeypatch.setenv("PATH", str(folder))
    return folder


def program(file: Path, line: str) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(f"#!/bin/sh\n{line}\n", encoding="utf-8")
    file.chmod(0o755)


def said(capsys: pytest.CaptureFixture[str], *words: str, code: int) -> str:
    assert main(["doctor", *words]) == code
    return " ".join(capsys.readouterr().out.split())


def test_all_is_well(pack: Path, path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    shown = said(capsys, "--pack", str(pack), code=0)
    assert f"ok pulumi 3.204.0 ({path / 'pulumi'})" in shown
    assert f"ok pack some-pack 1.2.3 ({pack})" in shown
    assert f"ok virtualenv {pack / 'venv'}" in shown
    assert shown.endswith("All is well.")


def test_the_pack_in_the_current_folder_is_found(
    pack: Path, path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(pack)
    assert "ok pack some-pack" in said(capsys, code=0)


def test_without_pulumi(pack: Path, path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (path / "pulumi").unlink()
    shown = said(capsys, "--pack", str(pack), code=1)
    assert "mend pulumi not on PATH do: Install the Pulumi command line." in shown
    assert shown.endswith("1 to mend.")


def test_with_a_pulumi_that_is_too_old(pack: Path, path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    program(path / "pulumi", "echo v3.100.0")
    shown = said(capsys, "--pack", str(pack), code=1)
    assert "mend pulumi 3.100.0; the pack requires >=3.204.0 do: Update" in shown


@pytest.mark.parametrize("line", ["exit 3", "echo hello"])
def test_with_a_pulumi_that_does_not_answer(
    line: str, pack: Path, path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    program(path / "pulumi", line)
    assert "does not tell its version" in said(capsys, "--pack", str(pack), code=1)


def test_with_a_pulumi_that_hangs(
    pack: Path, path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    program(path / "pulumi", "exec /bin/sleep 30")
    program(pack / "venv" / "bin" / "python", "exit 0")
    monkeypatch.setattr(examination, "_PATIENCE", 0.5)
    assert "does not tell its version" in said(capsys, "--pack", str(pack), code=1)


def test_a_folder_that_is_no_pack(tmp_path: Path, path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    shown = said(capsys, "--pack", str(tmp_path), code=1)
    assert f"mend pack {tmp_path} has no PulumiPolicy.yaml do: Name the pack's folder" in shown


def test_an_install_without_a_pack_beside_it(
    tmp_path: Path, path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(examination, "PACK_ROOT", tmp_path)
    assert "neither here nor beside this command is a PulumiPolicy.yaml" in said(capsys, code=1)


@pytest.mark.parametrize("text", ["name: [", "just a text", "- a list"])
def test_a_description_that_cannot_be_read(
    text: str, pack: Path, path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (pack / "PulumiPolicy.yaml").write_text(text, encoding="utf-8")
    shown = said(capsys, "--pack", str(pack), code=1)
    assert "mend pack" in shown
    assert "do: Restore the file." in shown


def test_a_description_of_another_version_than_the_code(
    pack: Path, path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (pack / "policypack" / "__init__.py").write_text('__version__ = "2.0.0"\n', encoding="utf-8")
    shown = said(capsys, "--pack", str(pack), code=1)
    assert "but its code is version 2.0.0 do: Write `version: 2.0.0` in" in shown


def test_a_pack_with_a_file_missing(pack: Path, path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (pack / "requirements.txt").unlink()
    assert "lacks requirements.txt do: Restore the files" in said(capsys, "--pack", str(pack), code=1)


def test_a_virtualenv_that_is_missing_is_named_as_what_hangs_previews(
    pack: Path, path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (pack / "venv").rename(pack / "elsewhere")
    shown = said(capsys, "--pack", str(pack), code=1)
    assert f"{pack / 'venv'} does not exist: pulumi preview would hang without a word" in shown
    assert f"Run `make check` or `pulumi install` in {pack}." in shown


def test_a_system_without_the_means_to_make_virtualenvs_is_told_what_to_install(
    pack: Path, path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    (pack / "venv").rename(pack / "elsewhere")
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    assert "First install the package python3-venv" in said(capsys, "--pack", str(pack), code=1)


def test_a_virtualenv_without_an_interpreter(pack: Path, path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (pack / "venv" / "bin" / "python").unlink()
    assert "has no interpreter: pulumi preview would hang" in said(capsys, "--pack", str(pack), code=1)


def test_a_virtualenv_without_what_the_pack_needs(pack: Path, path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    program(pack / "venv" / "bin" / "python", "echo \"No module named 'pulumi_policy'\" >&2; exit 1")
    shown = said(capsys, "--pack", str(pack), code=1)
    assert "cannot import pulumi_policy (No module named 'pulumi_policy')" in shown
    assert f"do: Remove {pack / 'venv'}, then run `make check` or `pulumi install`" in shown


def test_a_pack_that_names_no_virtualenv_is_judged_by_the_python_on_the_path(
    pack: Path, path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (pack / "PulumiPolicy.yaml").write_text("name: some-pack\nversion: 1.2.3\nruntime: python\n", encoding="utf-8")
    program(path / "python3", f'exec {sys.executable} "$@"')
    assert f"none named: the engine takes {path / 'python3'}" in said(capsys, "--pack", str(pack), code=0)


def test_a_readable_configuration_is_well(
    pack: Path, path: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config = tmp_path / "policy.json"
    config.write_text('{"all": "advisory"}', encoding="utf-8")
    shown = said(capsys, "--pack", str(pack), "--policy-pack-config", str(config), code=0)
    assert f"ok policy configuration {config}" in shown


@pytest.mark.parametrize(
    ("text", "message"),
    [("{", "is no JSON"), ("[]", "must be a JSON object"), ('{"disk-cmk": "advisory"}', "did you mean disk-cmek?")],
)
def test_a_configuration_to_be_mended(
    text: str, message: str, pack: Path, path: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config = tmp_path / "policy.json"
    config.write_text(text, encoding="utf-8")
    assert message in said(capsys, "--pack", str(pack), "--policy-pack-config", str(config), code=1)


@pytest.mark.parametrize(
    ("version", "required", "fits"),
    [
        ((3, 204, 0), ">=3.204.0", True),
        ((3, 203, 9), ">=3.204.0", False),
        ((4, 0, 0), ">=3.204.0 <4", False),
        ((3, 300, 1), ">=3.204.0, <4", True),
        ((3, 204, 0), ">3.204.0", False),
        ((3, 204, 0), "3.204.0", True),
        ((3, 204, 1), "=3.204.0", False),
        ((3, 204, 1), "<=3.204.0", False),
        ((1, 0, 0), "", True),
    ],
)
def test_version_ranges(version: tuple[int, int, int], required: str, fits: bool) -> None:
    assert satisfies(version, required) is fits


def test_the_pack_of_this_tree_agrees_with_its_description() -> None:
    root = Path(__file__).parents[2]
    answers = {answer.what: answer for answer in examination.examine(root)}
    assert answers["pack"].well
    assert re.match(r"multiregion-guard \d", answers["pack"].found)
