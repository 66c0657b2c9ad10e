"""Whatever a file holds, a command ends in time, with a report or with one clear error, and obeys nothing in it."""

from __future__ import annotations

import contextlib
import io
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from policypack.cli import main
from policypack.cli.output import FORMATS, write_report
from policypack.sources.bounded import TooLarge, content_of
from policypack.sources.errors import InputError
from tests.cli.exports import export
from tests.reports.judged import HOSTILE

LONG = 1_000_000
DEEP = 100_000
MEMORY = 1 << 30
"""Bytes of address space that a command may take for a file of a few kilobytes; it takes a third of it for any."""

RAW: Mapping[str, bytes] = {
    "nothing": b"",
    "zero bytes": b"\0" * 100,
    "no text": bytes(range(256)),
    "lists without an end": b"[" * DEEP,
    "objects without an end": b'{"a":' * DEEP,
    "a number without an end": b"9" * DEEP,
    "a lone surrogate in bytes": b'{"a": "\xed\xa0\x80"}',
    "two documents": b"{} {}",
    "the head of a gzip file": b"\x1f\x8b\x08\x00\x00",
    "blanks": b"\n" * DEEP,
}
RAW_YAML: Mapping[str, bytes] = {
    "an object of Python": b"all: !!python/object/apply:os.system ['touch obeyed']\n",
    "a name of Python": b"all: !!python/name:os.system\n",
    "bytes": b"all: !!binary aGk=\n",
    "a set": b"all: !!set {a, b}\n",
    "pairs": b"all: !!omap [a: b]\n",
    "anchors of anchors": b"a0: &a0 [x, x]\n"
    + b"".join(b"a%d: &a%d [%s]\n" % (n, n, b", ".join([b"*a%d" % (n - 1)] * 9)) for n in range(1, 30)),
    "merges of merges": b"a0: &a0 {k: x}\n"
    + b"".join(b"a%d: &a%d {<<: [%s]}\n" % (n, n, b", ".join([b"*a%d" % (n - 1)] * 9)) for n in range(1, 30)),
    "long texts of long texts": b"a: &a %s\nb: [%s]\n" % (b"x" * DEEP, b", ".join([b"*a"] * 1000)),
    "an anchor in itself": b"a: &a [*a]\n",
    "a number of sixty": b"all: 1" + b":59" * DEEP + b"\n",
    "a number of sixteen": b"all: 0x" + b"f" * DEEP + b"\n",
    "a list as a key": b"? [a]\n: b\n",
    "a day that is none": b"all: !!timestamp 2026-13-45\n",
}


def ran(*words: str) -> tuple[int, str, str]:
    """Run a command; give its exit code, and what it wrote to either stream."""
    said, errors = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(said), contextlib.redirect_stderr(errors):
        try:
            code = main(list(words))
        except SystemExit as stopped:
            code = int(stopped.code or 0)
    return code, said.getvalue(), errors.getvalue()


def settled(*words: str) -> tuple[int, str, str]:
    """Run a command that may do anything but break."""
    code, said, errors = ran(*words)
    assert code in {0, 1, 2}
    assert "itself broke" not in errors
    assert "rule broke" not in said
    assert errors.count("error: ") == (1 if code == 2 else 0)
    return code, said, errors


@pytest.fixture
def sound(tmp_path: Path) -> str:
    """A stack export with a fault."""
    file = tmp_path / "sound.json"
    file.write_text(export("shop", "data"), encoding="utf-8")
    return str(file)


@pytest.fixture(autouse=True)
def in_a_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Work in a folder of the test's own; nothing may appear in it that was not asked for."""
    monkeypatch.chdir(tmp_path)
    yield
    assert not (tmp_path / "obeyed").exists()


READERS = ("audit", "config validate", "config show", "config bundle", "waivers", "baseline", "former", "config")


def asked(reader: str, file: str, sound: str) -> list[str]:
    """Give the command that reads a file as one of its inputs."""
    return {
        "audit": ["audit", file],
        "config validate": ["config", "validate", file],
        "config show": ["config", "show", file],
        "config bundle": ["config", "bundle", file],
        "waivers": ["waivers", file],
        "baseline": ["audit", sound, "--baseline", file],
        "former": ["audit", sound, "--since", file, "--format", "html"],
        "config": ["audit", sound, "--config", file],
    }[reader]


@pytest.mark.parametrize("content", RAW.values(), ids=RAW)
@pytest.mark.parametrize("reader", READERS)
def test_a_file_of_rubbish_is_one_clear_error_at_most(reader: str, content: bytes, sound: str, tmp_path: Path) -> None:
    for name in ("rubbish.json", "rubbish.yaml"):
        (tmp_path / name).write_bytes(content)
        settled(*asked(reader, str(tmp_path / name), sound))


@pytest.mark.parametrize("form", FORMATS)
def test_a_report_about_rubbish_alone_can_have_every_form(form: str, tmp_path: Path) -> None:
    (tmp_path / "rubbish.json").write_bytes(RAW["no text"])
    code, said, _ = settled("audit", "rubbish.json", "--format", form)
    assert code == 2
    assert "rubbish.json" in said or form == "text"


@pytest.mark.parametrize("content", RAW_YAML.values(), ids=RAW_YAML)
@pytest.mark.parametrize("reader", ["config validate", "config show", "waivers", "baseline", "config"])
def test_yaml_can_neither_run_anything_nor_grow(reader: str, content: bytes, sound: str, tmp_path: Path) -> None:
    (tmp_path / "hostile.yaml").write_bytes(content)
    code, _, errors = settled(*asked(reader, str(tmp_path / "hostile.yaml"), sound))
    assert code == 2
    assert re.search(r"is no YAML: .+\n  in: .*hostile\.yaml", errors)


@pytest.mark.parametrize("name", ["Pulumi.yaml", "Pulumi.prod.yaml", "answers.yaml"])
@pytest.mark.parametrize("content", [*RAW.values(), *RAW_YAML.values()], ids=[*RAW, *RAW_YAML])
def test_a_project_of_rubbish_is_one_clear_error_at_most(name: str, content: bytes, tmp_path: Path) -> None:
    files = {"Pulumi.yaml": b"name: shop\nruntime: python\n", "answers.yaml": b"{}\n", "__main__.py": b""}
    for file, text in {**files, name: content}.items():
        (tmp_path / file).write_bytes(text)
    code, _, errors = settled("check", ".", "--answers", "answers.yaml")
    if content in RAW_YAML.values():
        assert code == 2
        assert name in errors


@pytest.mark.parametrize("setting", ["name", "main", "stackConfigDir"])
def test_a_character_that_ends_texts_is_refused_where_a_name_belongs(setting: str, tmp_path: Path) -> None:
    settings = {"name": "shop", "runtime": "python", setting: "a\0b"}
    (tmp_path / "Pulumi.yaml").write_text(json.dumps(settings), encoding="utf-8")
    (tmp_path / "__main__.py").touch()
    code, _, errors = settled("check", ".")
    assert (code, errors.splitlines()[0]) == (2, f"error: `{setting}` holds a character that ends texts")


VALUES = {
    "a huge number": "9" * 4_000,
    "a number beyond all floats": "1e999",
    "no number": "NaN",
    "minus infinity": "-Infinity",
    "a zero byte": r'"a\u0000b"',
    "a lone surrogate": r'"\ud800"',
    "commands of all kinds": json.dumps(HOSTILE),
    "a hidden link of a terminal": r'"\u001b]8;;https://evil.example\u0007click\u001b]8;;\u0007"',
    "a line that writes over another": r'"good\r\u001b[2Kbad"',
    "nothing": "null",
    "a list in a list": '[[["a"]]]',
    "an object": '{"a": {"b": [null]}}',
    "a mark of another kind": '{"4dabf18193072939515e22adb298388d": [1]}',
    "a secret without a value": '{"4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270"}',
    "a long text": json.dumps("A" * 100_000),
}
STATE = """{"version": 3, "deployment": {"resources": [
  {"urn": "urn:pulumi:prod::shop::gcp:compute/backendService:BackendService::web", "custom": true, "id": V,
   "type": "gcp:compute/backendService:BackendService", "parent": V, "dependencies": V, "aliases": V, "protect": V,
   "propertyDependencies": {"backends": V}, "sourcePosition": V, "provider": V, "ignoreChanges": V,
   "inputs": {"timeoutSec": V, "description": V, "backends": [{"group": V, "capacityScaler": V}, V], "protocol": V,
              "healthChecks": V, "logConfig": V, "iap": V, "sessionAffinity": V},
   "outputs": {"timeoutSec": V, "description": V, "backends": V, "protocol": V}},
  {"urn": "urn:pulumi:prod::shop::gcp:compute/firewall:Firewall::wall", "custom": true, "id": "wall",
   "type": "gcp:compute/firewall:Firewall",
   "inputs": {"sourceRanges": [V, "0.0.0.0/0"], "allows": [{"protocol": V, "ports": [V, "22"]}, V], "priority": V}}
]}}"""
PREVIEW = '{"steps": [{"op": V, "urn": V, "newState": V, "oldState": V}], "changeSummary": V, "diagnostics": V}'


@pytest.mark.parametrize("value", VALUES.values(), ids=VALUES)
@pytest.mark.parametrize("document", [STATE, PREVIEW], ids=["export", "preview"])
def test_a_state_may_hold_anything_anywhere(document: str, value: str, tmp_path: Path) -> None:
    (tmp_path / "state.json").write_text(re.sub(r"\bV\b", lambda _: value, document), encoding="utf-8")
    for form in FORMATS:
        code, said, errors = settled("audit", "state.json", "--format", form)
        assert code in {0, 1} or document == PREVIEW
        assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f\u202a-\u202e\u2066-\u2069]", said + errors)


CONFIGS = (
    '{"all": V}',
    '{"disk-cmek": V}',
    '{"disk-cmek": {"enforcementLevel": V}, "lb-log-sample-rate": {"minimum": V}}',
    '{"guard": {"waivers": V, "select": V, "extends": V}}',
    '{"guard": {"waivers": [{"rules": V, "resources": V, "reason": V, "owner": V, "expires": V, "stacks": V}]}}',
    '{"guard": {"select": [{"rules": V, "level": V, "areas": V}], "onUndecided": V, "baseline": V}}',
)


@pytest.mark.parametrize("value", VALUES.values(), ids=VALUES)
@pytest.mark.parametrize("document", CONFIGS)
def test_a_configuration_may_hold_anything_anywhere(document: str, value: str, sound: str, tmp_path: Path) -> None:
    (tmp_path / "policy.json").write_text(re.sub(r"\bV\b", lambda _: value, document), encoding="utf-8")
    for reader in ("config validate", "config show", "waivers", "config"):
        _, said, errors = settled(*asked(reader, "policy.json", sound))
        assert "\x1b" not in said + errors


def test_texts_of_a_million_characters_are_read_and_not_repeated_without_end(tmp_path: Path) -> None:
    (tmp_path / "state.json").write_text(re.sub(r"\bV\b", f'"{"A" * LONG}"', STATE), encoding="utf-8")
    code, said, _ = settled("audit", "state.json")
    assert code in {0, 1}
    assert len(said) < 10 * LONG


def limited(*words: str) -> subprocess.CompletedProcess[str]:
    """Run a command that may take little memory, and a minute at the most."""
    code = (
        f"import resource, sys; resource.setrlimit(resource.RLIMIT_AS, ({MEMORY}, {MEMORY}));"
        "from policypack.cli import main; sys.exit(main(sys.argv[1:]))"
    )
    return subprocess.run([sys.executable, "-c", code, *words], capture_output=True, text=True, timeout=60, check=False)


@pytest.mark.parametrize("name", ["anchors of anchors", "merges of merges", "long texts of long texts"])
def test_what_is_written_small_and_meant_to_become_large_fills_no_memory(name: str, tmp_path: Path) -> None:
    (tmp_path / "bomb.yaml").write_bytes(RAW_YAML[name])
    done = limited("config", "validate", "bomb.yaml")
    assert done.returncode == 2
    assert "is no YAML: its anchors repeat more than any file needs" in done.stderr


def test_a_device_without_an_end_is_left_before_it_fills_the_memory() -> None:
    with pytest.raises(TooLarge):
        content_of(Path("/dev/zero"), most=1 << 22)


def test_a_file_that_is_too_large_is_not_even_opened(tmp_path: Path) -> None:
    with (tmp_path / "large").open("wb") as file:
        file.truncate(1 << 40)
    with pytest.raises(TooLarge):
        content_of(tmp_path / "large")


@pytest.mark.parametrize("reader", READERS)
def test_a_file_of_a_terabyte_is_one_clear_error(reader: str, sound: str, tmp_path: Path) -> None:
    with (tmp_path / "large.json").open("wb") as file:
        file.truncate(1 << 40)
    code, _, errors = settled(*asked(reader, "large.json", sound))
    assert code == 2
    assert "large.json" in errors


def test_a_pipe_is_read_like_a_file(tmp_path: Path) -> None:
    reading, writing = os.pipe()
    with os.fdopen(writing, "w", encoding="utf-8") as pipe:
        pipe.write(export("shop"))
    assert settled("audit", f"/dev/fd/{reading}")[0] == 0
    os.close(reading)


@pytest.mark.parametrize("reader", ["--report=json=", "--output=", "--write-baseline="])
def test_a_report_is_not_written_through_a_symbolic_link(reader: str, sound: str, tmp_path: Path) -> None:
    (tmp_path / "precious").write_text("as it was", encoding="utf-8")
    (tmp_path / "report.json").symlink_to("precious")
    code, _, errors = settled("audit", sound, f"{reader}report.json")
    assert (code, errors.splitlines()[0]) == (
        2,
        "error: the output is a symbolic link, and reports are not written through one",
    )
    assert (tmp_path / "precious").read_text(encoding="utf-8") == "as it was"


def test_a_link_to_nothing_makes_no_file(sound: str, tmp_path: Path) -> None:
    (tmp_path / "report.json").symlink_to("elsewhere")
    assert settled("audit", sound, "--report=json=report.json")[0] == 2
    assert not (tmp_path / "elsewhere").exists()


def test_a_link_that_is_put_there_meanwhile_is_not_followed_either(tmp_path: Path) -> None:
    (tmp_path / "precious").write_text("as it was", encoding="utf-8")
    (tmp_path / "report.json").symlink_to("precious")
    with pytest.raises(InputError, match="cannot be written"):
        write_report(tmp_path / "report.json", "anything")
    assert (tmp_path / "precious").read_text(encoding="utf-8") == "as it was"


def test_standard_output_is_a_link_that_counts_as_a_file(sound: str) -> None:
    command = [sys.executable, "-m", "policypack.cli", "audit", sound, "--report=junit=/dev/stdout"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert "<testsuites" in done.stdout, done.stderr


COMMANDS = (
    "::error::spoken",
    "::add-mask::a",
    "good ::stop-commands::x " * 9,
    "a\n::warning file=x,line=1::spoken",
    "##[error]x",
)
COMMAND = re.compile(r"^\s*::[A-Za-z-]+( [^:]*)?::|##\[", re.MULTILINE)


@pytest.mark.parametrize("text", COMMANDS)
@pytest.mark.parametrize("form", ["text", "junit", "markdown", "sarif", "json"])
def test_nothing_that_is_printed_is_a_command_of_a_workflow(form: str, text: str, tmp_path: Path) -> None:
    (tmp_path / "state.json").write_text(re.sub(r"\bV\b", lambda _: json.dumps(text), STATE), encoding="utf-8")
    _, said, errors = settled("audit", "state.json", "--format", form)
    assert COMMAND.findall(said + errors if form not in {"json", "sarif"} else errors) == []


@pytest.mark.parametrize("text", COMMANDS)
def test_annotations_are_the_only_commands_that_are_printed(text: str, tmp_path: Path) -> None:
    (tmp_path / "state.json").write_text(re.sub(r"\bV\b", lambda _: json.dumps(text), STATE), encoding="utf-8")
    _, said, _ = settled("audit", "state.json", "--format", "github")
    assert said.splitlines()
    assert all(re.match(r"::(error|warning) (file|title)=", line) for line in said.splitlines())


@pytest.mark.parametrize("form", ["text", "markdown", "github", "junit", "html"])
def test_the_name_of_a_file_is_text_like_any_other(form: str, tmp_path: Path) -> None:
    name = "x\n::error::\x1b[2J<script>alert(1)</script>.json".replace("/", "")
    (tmp_path / name).write_text(export("shop", "data"), encoding="utf-8")
    for words in (["audit", name], ["audit", name, "lost"], ["audit", f"lost {name}"]):
        _, said, errors = settled(*words, "--format", form)
        assert "\x1b" not in said + errors
        assert "\n::error::" not in said + errors
        assert "<script>alert" not in said or form in {"text", "github"}


@pytest.mark.parametrize("text", COMMANDS)
def test_a_mistake_in_a_configuration_is_told_as_text(text: str, sound: str, tmp_path: Path) -> None:
    (tmp_path / "policy.json").write_text(json.dumps({text: "advisory", "disk-cmek": text}), encoding="utf-8")
    for reader in ("config validate", "config", "config show"):
        _, said, errors = settled(*asked(reader, "policy.json", sound))
        assert COMMAND.findall(said + errors) == []


NAMES = (
    "../../../up",
    "/etc/x",
    "..",
    ".",
    "a/../../b",
    "a\\b",
    "x" * 1_000,
    "\x1b[2J",
    "-rf",
    "a\nb",
    "CON",
    "ü" * 200,
)


@pytest.mark.parametrize("name", NAMES)
def test_the_report_of_a_stack_stays_in_its_folder_whatever_the_stack_is_called(name: str, tmp_path: Path) -> None:
    (tmp_path / "states").mkdir()
    (tmp_path / "reports").mkdir()
    for number, (project, stack) in enumerate([(name, "prod"), ("shop", name), (name, name)]):
        text = export(project, "data", stack=stack)
        (tmp_path / "states" / f"{number}.json").write_text(text, encoding="utf-8")
    before = set(tmp_path.rglob("*"))
    settled("audit", "states", "--each=json=reports", "--each=html=reports")
    made = set(tmp_path.rglob("*")) - before
    assert len(made) == 6
    assert {file.parent for file in made} == {tmp_path / "reports"}
    assert all(file.name.isprintable() and not file.name.startswith((".", "-")) for file in made)


def test_the_report_of_a_stack_is_not_written_through_a_symbolic_link(tmp_path: Path) -> None:
    (tmp_path / "states").mkdir()
    (tmp_path / "reports").mkdir()
    (tmp_path / "states" / "a.json").write_text(export("shop", "data"), encoding="utf-8")
    settled("audit", "states", "--each=json=reports")
    (report,) = (tmp_path / "reports").iterdir()
    report.unlink()
    (tmp_path / "precious").write_text("as it was", encoding="utf-8")
    report.symlink_to(tmp_path / "precious")
    settled("audit", "states", "--each=json=reports")
    assert (tmp_path / "precious").read_text(encoding="utf-8") == "as it was"
