"""Every command that a document shows is one that there is. Whether it does what is said, other tests find out.

Guides that can be run from beginning to end are run: see tests/cli/test_guides.py, tests/cli/test_adoption.py,
tests/cli/many, tests/reports and tests/e2e. Here nothing is left out: not even what takes minutes (`make bench`), or a
project on Google Cloud (stacks/bootstrap).
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest

from policypack.cli.arguments import parser

ROOT = Path(__file__).resolve().parents[1]
DOCUMENTS = [
    path.relative_to(ROOT).as_posix()
    for pattern in ("*.md", "docs/*.md", "examples/*.md", "stacks/*/*.md", "tests/e2e/*.md", "benchmarks/*.md")
    for path in sorted(ROOT.glob(pattern))
]
OTHERS = {"cd", "curl", "export", "gcloud", "jq", "pulumi", "rm", "unset", "venv/bin/pytest", "venv/bin/pre-commit"}
"""Programs that are not of this project; what follows a pipe is not looked at."""


def lines(name: str) -> Iterator[str]:
    """Give every line of shell in a document, those put together that belong together."""
    text = (ROOT / name).read_text(encoding="utf-8")
    for block in re.findall(r"^```sh\n(.*?)^```$", text, re.MULTILINE | re.DOTALL):
        begun = ""
        for line in block.replace("\\\n", " ").splitlines():
            begun = f"{begun}\n{line}" if begun else line
            try:
                shlex.split(begun, comments=True)
            except ValueError:  # a quotation goes on in the next line
                continue
            if begun.strip():
                yield begun
            begun = ""


def words_of(line: str) -> list[str]:
    """Give the words of the first command of a line, without what is set for it and without a time limit."""
    words = shlex.split(line, comments=True)
    words = words[: words.index("|")] if "|" in words else words
    while words and (re.match(r"[A-Za-z_]+=", words[0]) or words[0] in {"timeout", "900"}):
        words = words[1:]
    return words


COMMANDS = [(name, line) for name in DOCUMENTS for line in lines(name) if words_of(line)]


def targets() -> set[str]:
    return set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))


@pytest.mark.parametrize(("name", "line"), COMMANDS, ids=[f"{name}: {line[:60]}" for name, line in COMMANDS])
def test_a_command_is_one_that_there_is(
    name: str, line: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    words = words_of(line)
    program = words[0].rpartition("/")[2]
    if program == "multiregion-guard":
        for word in words:
            if re.fullmatch(r"[\w-]+\.(json|yaml)", word):
                (tmp_path / word).touch()
        try:
            parser().parse_args(words[1:])
        except SystemExit:
            pytest.fail(f"{name}: {line}\n{capsys.readouterr().err}")
    elif program == "make":
        named = [word for word in words[1:] if "=" not in word and not word.startswith("-")]
        assert set(named) - {"multiregion-guard"} <= targets(), line
    elif program == "pip":
        described = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
        extras = re.findall(r"\[(.+?)\]", words[-1])[0].split(",")
        assert [extra for extra in extras if not re.search(rf"^{extra} = \[", described, re.MULTILINE)] == []
    elif program in {"python", "python3"}:
        script = next(word for word in words[1:] if not word.startswith("-"))
        places = (ROOT, (ROOT / name).parent)
        assert script in {"pytest", "venv"} or any((place / script).exists() for place in places), line
    else:
        assert words[0] in OTHERS, line


def test_there_are_commands_of_every_guide() -> None:
    assert {name for name, _ in COMMANDS} >= {
        "README.md",
        "CONTRIBUTING.md",
        "docs/use-in-ci.md",
        "docs/policy-groups.md",
    }
