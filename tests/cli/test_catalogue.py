"""`multiregion-guard rules`, `explain`, `--version` and `--help`."""

from __future__ import annotations

import json
import os
import pty
import re
import subprocess
import sys
from pathlib import Path

import pytest

from policypack import __version__
from policypack.cli import main
from policypack.rules.contract import Rule
from policypack.rules.registry import all_rules

ROOT = Path(__file__).parents[2]


def shown(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    assert main(list(words)) == 0
    captured = capsys.readouterr()
    assert captured.err == ""
    return captured.out


def test_rules_lists_every_rule_on_one_line_of_its_own(capsys: pytest.CaptureFixture[str]) -> None:
    _, *lines = shown(capsys, "rules").splitlines()
    assert [line.split()[0] for line in lines] == [rule.name for rule in all_rules()]


def test_rules_tells_area_severity_level_and_description(capsys: pytest.CaptureFixture[str]) -> None:
    line = next(line for line in shown(capsys, "rules").splitlines() if line.startswith("disk-cmek "))
    rule = next(rule for rule in all_rules() if rule.name == "disk-cmek")
    assert re.split(r"  +", line) == [
        "disk-cmek",
        "encryption_at_rest",
        rule.severity.value,
        rule.level.value,
        rule.description,
    ]


def test_rules_as_json_carries_all_metadata(capsys: pytest.CaptureFixture[str]) -> None:
    document = json.loads(shown(capsys, "rules", "--format", "json"))
    assert document["version"] == 1
    assert [rule["name"] for rule in document["rules"]] == [rule.name for rule in all_rules()]
    keys = "name area description severity defaultLevel phase optIn aliases fix controls parameters"
    assert all(list(rule) == keys.split() for rule in document["rules"])


@pytest.mark.parametrize("rule", all_rules(), ids=lambda rule: rule.name)
def test_explain_shows_the_page_of_every_rule(rule: Rule, capsys: pytest.CaptureFixture[str]) -> None:
    page = shown(capsys, "explain", rule.name)
    assert page.startswith("# ")
    assert page.count("\n## Parameters\n") == 1


def test_explain_accepts_the_name_of_the_module(capsys: pytest.CaptureFixture[str]) -> None:
    assert shown(capsys, "explain", "disk_cmek") == shown(capsys, "explain", "disk-cmek")


def test_explain_accepts_other_names_of_a_rule(capsys: pytest.CaptureFixture[str]) -> None:
    for rule in all_rules():
        for alias in rule.aliases:
            assert shown(capsys, "explain", alias) == shown(capsys, "explain", rule.name)


def test_version_is_the_packs_version(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        main(["--version"])
    assert stopped.value.code == 0
    assert capsys.readouterr().out == f"multiregion-guard {__version__}\n"


def test_help_names_commands_and_exit_codes(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        main(["--help"])
    assert stopped.value.code == 0
    text = capsys.readouterr().out
    assert all(word in text for word in ("check", "rules", "explain", "doctor", "exit codes"))


def test_help_and_version_import_nothing_beyond_the_standard_library() -> None:
    code = "import sys; from policypack.cli.arguments import parser; parser().format_help(); print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True, capture_output=True, text=True)
    assert not {"rich", "yaml", "pulumi", "grpc"} & set(done.stdout.split())


def on_terminal(*words: str, columns: int = 100) -> str:
    """Run a command whose standard output is a terminal."""
    ours, theirs = pty.openpty()
    environment = {key: value for key, value in os.environ.items() if key not in {"NO_COLOR", "FORCE_COLOR"}}
    environment |= {"TERM": "xterm-256color", "COLUMNS": str(columns), "PYTHONIOENCODING": "utf-8"}
    with subprocess.Popen(
        [sys.executable, "-m", "policypack.cli", *words], cwd=ROOT, stdout=theirs, stderr=theirs, env=environment
    ) as process:
        os.close(theirs)
        text = b""
        # A terminal whose other end is closed answers a read with an error on Linux, with nothing elsewhere.
        while chunk := _read(ours):
            text += chunk
        assert process.wait() == 0
    os.close(ours)
    return text.decode("utf-8").replace("\r\n", "\n")


def _read(descriptor: int) -> bytes:
    try:
        return os.read(descriptor, 65536)
    except OSError:
        return b""


def test_a_terminal_gets_colour() -> None:
    assert "\x1b[1mdisk-cmek" in on_terminal("rules")


def test_descriptions_wrap_at_the_width_of_the_terminal() -> None:
    lines = re.sub(r"\x1b\[[0-9;]*m", "", on_terminal("rules", columns=120)).splitlines()
    assert max(map(len, lines)) <= 120
    assert len(lines) > len(all_rules()) + 1


def test_a_page_is_set_for_reading_on_a_terminal() -> None:
    page = on_terminal("explain", "disk-cmek")
    assert "\x1b[" in page
    assert "\n## " not in page


def test_a_closed_pipe_is_no_error() -> None:
    code = "import sys; from policypack.cli import main; sys.exit(main(['rules']))"
    with subprocess.Popen(
        [sys.executable, "-c", code], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        assert process.stderr.read() == b""
        assert process.wait() == 141
