"""`multiregion-guard check`, from its arguments to its exit code. The dry run itself is tested beside its source."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from policypack.cli import check as command
from policypack.cli import main
from policypack.gcp.types import REGION_BACKEND_SERVICE
from policypack.model.resource import Resource, SourcePosition
from policypack.model.values import Secret
from policypack.reports.as_json import SCHEMA_FILE
from policypack.sources.program import ProgramError, ProgramRun

Runs = Callable[..., dict[str, Any]]


def service(name: str, **inputs: Any) -> Resource:
    """Make a backend service without backends: a fault that one mandatory rule sees on any graph."""
    urn = f"urn:pulumi:dev::shop::{REGION_BACKEND_SERVICE}::{name}"
    given = {"region": "europe-west1", "loadBalancingScheme": "INTERNAL_MANAGED", **inputs}
    return Resource(urn, REGION_BACKEND_SERVICE, name, inputs=given, source=SourcePosition("__main__.py", 3))


@pytest.fixture
def runs(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Runs:
    """Stand in for the dry run: `runs(resource, …)` decides what the program registers."""

    def registers(*resources: Resource, notes: tuple[str, ...] = ()) -> dict[str, Any]:
        asked: dict[str, Any] = {}

        def run(path: Path, **options: Any) -> ProgramRun:
            asked.update(options, path=path)
            return ProgramRun("shop", "dev", resources, notes, tmp_path, tmp_path / "__main__.py")

        monkeypatch.setattr(command, "run_program", run)
        return asked

    return registers


def test_a_mandatory_finding_exits_with_1(runs: Runs, capsys: pytest.CaptureFixture[str]) -> None:
    runs(service("api"))
    assert main(["check", "shop"]) == 1
    assert "lb-backend-service-has-backends" in capsys.readouterr().out


def test_an_empty_stack_exits_with_0_and_says_so(runs: Runs, capsys: pytest.CaptureFixture[str]) -> None:
    runs()
    assert main(["check", "shop"]) == 0
    assert "Nothing to judge" in capsys.readouterr().out


def test_the_configuration_can_make_the_findings_advisory(runs: Runs, tmp_path: Path) -> None:
    runs(service("api"))
    config = tmp_path / "policy.json"
    config.write_text('{"all": "advisory"}', encoding="utf-8")
    assert main(["check", "shop", "--policy-pack-config", str(config)]) == 0


def test_the_configuration_may_be_the_name_of_a_profile(runs: Runs) -> None:
    runs(service("api"))
    assert main(["check", "shop", "--config", "production"]) == 1
    assert main(["check", "shop", "--config", "advisory"]) == 0


def test_config_takes_stack_configuration_and_a_policy_configuration(runs: Runs, tmp_path: Path) -> None:
    asked = runs(service("api"))
    config = tmp_path / "policy.json"
    config.write_text('{"all": "advisory"}', encoding="utf-8")
    assert main(["check", "shop", "--config", "a=1", "--config", str(config), "--config", "b=2"]) == 0
    assert asked["config"] == {"a": "1", "b": "2"}


def test_the_configuration_may_be_yaml(runs: Runs, tmp_path: Path) -> None:
    runs(service("api"))
    config = tmp_path / "policy.yaml"
    config.write_text("all: advisory\n", encoding="utf-8")
    assert main(["check", "shop", "--policy-pack-config", str(config)]) == 0


def test_a_misspelt_rule_is_a_finding_not_an_error(
    runs: Runs, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    runs()
    config = tmp_path / "policy.json"
    config.write_text('{"disk-cmk": "advisory"}', encoding="utf-8")
    assert main(["check", "shop", "--policy-pack-config", str(config)]) == 1
    assert "disk-cmk: there is no such rule; did you mean disk-cmek?" in capsys.readouterr().out


def test_options_reach_the_dry_run(runs: Runs, tmp_path: Path) -> None:
    asked = runs()
    words = ["--stack", "prod", "--config", "a=1", "--config", "gcp:project=p=q", "--python", "python3.12"]
    main(["check", "shop", *words, "--timeout", "7.5", "--answers", "answers.json"])
    assert asked == {
        "path": Path("shop"),
        "stack": "prod",
        "config": {"a": "1", "gcp:project": "p=q"},
        "python": "python3.12",
        "timeout": 7.5,
        "answers": Path("answers.json"),
    }


def test_json_on_standard_output_is_the_report_and_nothing_else(runs: Runs, capsys: pytest.CaptureFixture[str]) -> None:
    runs(service("api"), notes=("a note",))
    assert main(["check", "shop", "--format", "json"]) == 1
    captured = capsys.readouterr()
    document = json.loads(captured.out)
    jsonschema.Draft202012Validator(json.loads(SCHEMA_FILE.read_text(encoding="utf-8"))).validate(document)
    assert (document["exitCode"], document["notes"], captured.err) == (1, ["a note"], "")


def test_the_output_file_gets_the_json_and_people_still_get_the_text(
    runs: Runs, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    runs(service("api"))
    main(["check", "shop", "--format", "json", "--output", str(tmp_path / "report.json")])
    assert json.loads((tmp_path / "report.json").read_text(encoding="utf-8"))["version"] == 1
    assert "Failed: " in capsys.readouterr().out


def test_the_output_file_gets_plain_text_even_from_a_coloured_terminal(
    runs: Runs, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm-256color")
    runs(service("api"))
    main(["check", "shop", "--output", str(tmp_path / "report.txt")])
    assert "\x1b[" not in (tmp_path / "report.txt").read_text(encoding="utf-8")
    assert "\x1b[" in capsys.readouterr().out


def test_the_terminal_and_the_pipe_show_the_same_words(
    runs: Runs, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    runs(service("api"), service("web"))
    monkeypatch.setattr("time.perf_counter", lambda: 1.0)
    main(["check", "shop"])
    piped = capsys.readouterr().out
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm-256color")
    main(["check", "shop"])
    coloured = capsys.readouterr().out
    assert "\x1b[" in coloured
    assert re.sub(r"\x1b\[[0-9;]*m", "", coloured) == piped


@pytest.mark.parametrize("switch", ["--no-color", "NO_COLOR"])
def test_colour_can_be_refused(
    switch: str, runs: Runs, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    if switch == "NO_COLOR":
        monkeypatch.setenv("NO_COLOR", "1")
    runs(service("api"))
    main(["check", "shop", *([switch] if switch.startswith("-") else [])])
    assert "\x1b" not in capsys.readouterr().out


def undrained(name: str) -> Resource:
    """Make a backend service that logs nothing and breaks requests off."""
    return service(name, connectionDrainingTimeoutSec=0, protocol="HTTPS")


def test_hints_say_what_to_write_and_change_nothing_else(runs: Runs, capsys: pytest.CaptureFixture[str]) -> None:
    runs(undrained("api"))
    assert main(["check", "shop"]) == 1
    without = capsys.readouterr().out
    assert main(["check", "shop", "--fix-hints"]) == 1
    text, _, written = capsys.readouterr().out.partition("\nWhat to write\n")
    assert re.sub(r"[\d.]+ s\n", "", text) == re.sub(r"[\d.]+ s\n", "", without)
    assert 'gcp.compute.RegionBackendService("api", …)' in written
    assert "connection_draining_timeout_sec=300,  # backend-service-connection-draining" in written


def test_hints_need_the_text(runs: Runs, capsys: pytest.CaptureFixture[str]) -> None:
    runs(undrained("api"))
    assert main(["check", "shop", "--fix-hints", "--format", "json"]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert "--report json=FILE" in captured.err


def test_hints_go_to_the_terminal_and_the_report_to_its_file(
    runs: Runs, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    runs(undrained("api"))
    file = tmp_path / "report.json"
    assert main(["check", "shop", "--fix-hints", "--format", "json", "--output", str(file)]) == 1
    assert "What to write" in capsys.readouterr().out
    assert json.loads(file.read_text(encoding="utf-8"))["exitCode"] == 1


def test_secrets_of_the_program_are_never_shown(runs: Runs, capsys: pytest.CaptureFixture[str]) -> None:
    runs(service("api", description=Secret("hunter2"), sessionAffinity=Secret("hunter2")), service("hunter2"))
    for form in ("text", "json"):
        main(["check", "shop", "--format", form])
    captured = capsys.readouterr()
    assert "hunter2" not in captured.out + captured.err


def test_the_starting_program_is_read_with_lines_of_its_source(capsys: pytest.CaptureFixture[str]) -> None:
    program = Path(__file__).parents[2] / "examples" / "starting_program"
    assert main(["check", str(program)]) == 1
    shown = capsys.readouterr().out
    assert "starting-program, stack dev" in shown
    assert "3 resources, judged by a dry run" in shown
    assert "__main__.py:12  backend-service-europe (RegionBackendService)" in shown


def test_what_the_dry_run_cannot_do_is_one_clear_message(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fails(path: Path, **options: Any) -> ProgramRun:
        raise ProgramError("it says \x1b[2J", "Pulumi.yaml:3", "Mend it.", ("__main__.py:4: boom()",))

    monkeypatch.setattr(command, "run_program", fails)
    assert main(["check", "shop"]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err == ("error: it says \\x1b[2J\n  in: Pulumi.yaml:3\n    __main__.py:4: boom()\n  do: Mend it.\n")


def test_a_defect_of_the_command_is_told_without_a_traceback_and_without_the_text_that_may_hold_a_value(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def breaks(path: Path, **options: Any) -> ProgramRun:
        raise KeyError("lost")

    monkeypatch.setattr(command, "run_program", breaks)
    assert main(["check", "shop"]) == 2
    shown = capsys.readouterr().err
    assert "error: the command itself broke: KeyError\n" in shown
    assert "lost" not in shown
    assert "Traceback" not in shown


def test_a_traceback_is_shown_on_request(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def breaks(path: Path, **options: Any) -> ProgramRun:
        raise KeyError("lost")

    monkeypatch.setattr(command, "run_program", breaks)
    assert main(["check", "shop", "--trace"]) == 2
    assert "Traceback" in capsys.readouterr().err


def test_an_interruption_is_no_verdict(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def interrupted(path: Path, **options: Any) -> ProgramRun:
        raise KeyboardInterrupt

    monkeypatch.setattr(command, "run_program", interrupted)
    assert main(["check", "shop"]) == 130
    assert capsys.readouterr().err == "stopped\n"
