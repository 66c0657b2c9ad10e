"""What cannot be used is told clearly, on standard error, with exit code 2 and without a traceback."""

from __future__ import annotations

import builtins
import re
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from policypack.cli import main


def refused(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    """Run a command that must be refused; give what it said."""
    try:
        code = main(list(words))
    except SystemExit as stopped:
        code = int(stopped.code or 0)
    captured = capsys.readouterr()
    assert code == 2
    assert captured.out == ""
    assert "Traceback" not in captured.err
    assert captured.err.count("error: ") == 1
    return captured.err


def with_config(tmp_path: Path, text: str | bytes, name: str = "policy.json") -> tuple[str, ...]:
    file = tmp_path / name
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    return ("check", str(tmp_path), "--policy-pack-config", str(file))


def test_a_missing_path(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    said = refused(capsys, "check", str(tmp_path / "nowhere"))
    assert "nowhere does not exist" in said
    assert "\n  do: " in said


def test_a_configuration_that_is_not_there(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    said = refused(capsys, "check", str(tmp_path), "--policy-pack-config", str(tmp_path / "lost.json"))
    assert "the policy configuration cannot be read: No such file or directory" in said
    assert "lost.json" in said


def test_a_configuration_that_is_a_folder(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert "cannot be read: Is a directory" in refused(
        capsys, "check", str(tmp_path), "--policy-pack-config", str(tmp_path)
    )


def test_a_configuration_that_is_no_json_names_the_line(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    said = refused(capsys, *with_config(tmp_path, '{\n  "all": advisory\n}'))
    assert "the policy configuration is no JSON" in said
    assert "policy.json:2:10" in said


def test_a_configuration_that_is_no_yaml_names_the_line(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    said = refused(capsys, *with_config(tmp_path, "all: advisory\n  odd: [\n", "policy.yaml"))
    assert "the policy configuration is no YAML" in said
    assert "policy.yaml:2:6" in said


def test_a_configuration_that_is_no_text(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert "no UTF-8 text" in refused(capsys, *with_config(tmp_path, b"\xff\xfe{}"))


@pytest.mark.parametrize("text", ["[]", '"advisory"', "1", "null"])
def test_a_configuration_that_is_no_object(text: str, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    said = refused(capsys, *with_config(tmp_path, text))
    assert "the policy configuration must be a JSON object of policy names" in said


def test_a_configuration_of_a_later_version(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    said = refused(capsys, *with_config(tmp_path, '{"guard": {"version": 99}}'))
    assert "guard.version is 99, and this pack reads version 1" in said


def test_an_output_in_a_folder_that_is_not_there(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    said = refused(capsys, "check", str(tmp_path), "--output", str(tmp_path / "lost" / "report.json"))
    assert "the output is in a folder that does not exist" in said


def test_an_output_that_is_a_folder(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert "the output is a folder" in refused(capsys, "check", str(tmp_path), "--output", str(tmp_path))


@pytest.mark.parametrize("pair", ["region", "=europe-west1", ""])
def test_config_without_key_or_value(pair: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert "is not of the form KEY=VALUE" in refused(capsys, "check", "shop", "--config", pair)


@pytest.mark.parametrize("seconds", ["soon", "0", "-3", "nan", "inf"])
def test_a_time_limit_that_is_none(seconds: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert "is no number of seconds above 0" in refused(capsys, "check", "shop", f"--timeout={seconds}")


def test_an_unknown_format(capsys: pytest.CaptureFixture[str]) -> None:
    assert "invalid choice: 'xml'" in refused(capsys, "check", "shop", "--format", "xml")


def test_no_command(capsys: pytest.CaptureFixture[str]) -> None:
    assert "COMMAND" in refused(capsys)


def test_an_unknown_command(capsys: pytest.CaptureFixture[str]) -> None:
    assert "invalid choice: 'chek'" in refused(capsys, "chek")


def test_a_misspelt_rule_names_the_near_match(capsys: pytest.CaptureFixture[str]) -> None:
    assert "there is no rule 'disk-cmk'; did you mean disk-cmek" in refused(capsys, "explain", "disk-cmk")


def test_a_rule_like_no_other_points_to_the_list(capsys: pytest.CaptureFixture[str]) -> None:
    said = refused(capsys, "explain", "qqqqqqqq")
    assert "did you mean" not in said
    assert "multiregion-guard rules" in said


def test_an_install_without_the_extra_says_how_to_get_it(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    real = builtins.__import__

    def without_yaml(name: str, *rest: Any, **more: Any) -> ModuleType:
        if name == "yaml":
            raise ModuleNotFoundError("No module named 'yaml'", name="yaml")
        return real(name, *rest, **more)

    monkeypatch.setattr(builtins, "__import__", without_yaml)
    said = refused(capsys, *with_config(tmp_path, "all: advisory", "policy.yaml"))
    assert "needs the Python module yaml, which is not installed here" in said
    assert "pip install 'multiregion-guard[cli]'" in said


def project(folder: Path, files: dict[str, str]) -> str:
    """Write a Pulumi project; give its path."""
    for name, text in {
        "Pulumi.yaml": "name: shop\nruntime: python\n",
        "__main__.py": "import pulumi\n",
        **files,
    }.items():
        (folder / name).write_text(text, encoding="utf-8")
    return str(folder)


def test_a_folder_without_a_project(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert "has no Pulumi.yaml" in refused(capsys, "check", str(tmp_path))


def test_a_project_file_that_is_no_yaml_names_the_line(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    said = refused(capsys, "check", project(tmp_path, {"Pulumi.yaml": "name: shop\nruntime: [python\n"}))
    assert re.search(r"Pulumi\.yaml:\d", said)


def test_a_program_in_another_language_says_what_to_do_instead(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    said = refused(capsys, "check", project(tmp_path, {"Pulumi.yaml": "name: shop\nruntime: go\n"}))
    assert "'go'" in said
    assert "multiregion-guard audit preview.json" in said


def test_a_stack_that_names_no_file_while_others_exist(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    path = project(tmp_path, {"Pulumi.prod.yaml": "config: {}\n"})
    assert "prod" in refused(capsys, "check", path, "--stack", "pord")


def test_a_program_whose_dependency_is_missing(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    said = refused(capsys, "check", project(tmp_path, {"__main__.py": "import no_such_module\n"}))
    assert "no_such_module" in said
    assert "pip install" in said


def test_a_program_that_raises_shows_its_own_lines(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    said = refused(capsys, "check", project(tmp_path, {"__main__.py": "def f():\n    raise OSError('no')\n\nf()\n"}))
    assert "OSError: no" in said
    assert "__main__.py:2" in said


def test_a_program_that_never_ends(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    path = project(tmp_path, {"__main__.py": "import threading\n\nthreading.Event().wait()\n"})
    assert "did not end within" in refused(capsys, "check", path, "--timeout", "1")


def test_a_program_without_resources_is_no_error(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert main(["check", project(tmp_path, {})]) == 0
    assert "Nothing to judge" in capsys.readouterr().out


def raising(folder: Path, message: str) -> str:
    (folder / "Pulumi.yaml").write_text("name: shop\nruntime: python\n")
    (folder / "__main__.py").write_text(f"raise ValueError({message})\n")
    return str(folder)


def test_a_message_of_many_lines_is_shown_line_by_line(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    said = refused(capsys, "check", raising(tmp_path, "'two mistakes:\\n- here\\n- there'"))
    assert said.startswith("error: the program raised ValueError: two mistakes:\n    - here\n    - there\n  in: ")


@pytest.mark.parametrize("message", ["'x' * 100_000", "'y\\n' * 1_000"])
def test_a_message_without_an_end_is_cut(message: str, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert len(refused(capsys, "check", raising(tmp_path, message))) < 3_000


def test_an_unanswered_function_shows_how_to_answer_it(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    (tmp_path / "Pulumi.yaml").write_text("name: shop\nruntime: python\n")
    (tmp_path / "__main__.py").write_text("import pulumi_gcp\npulumi_gcp.organizations.get_folder(folder='1')\n")
    said = refused(capsys, "check", str(tmp_path))
    assert 'getFolder:\n        - args: {"folder": "1"}\n' in said
