"""The guides are run: files as they are shown, commands as they stand, exit codes as they say."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from policypack.cli import main
from tests.cli.exports import export

DOCS = Path(__file__).parents[2] / "docs"
GUIDES = ("configuration.md", "waivers.md", "baseline.md")
TODAY = "2026-11-24"
BLOCK = re.compile(r"(?:^`(?P<name>[\w.-]+)`:\n\n)?^```(?P<kind>\w+)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)
EXIT = re.compile(r"# exit code (\d)")


@dataclass(frozen=True)
class Step:
    """A file that a guide shows, or a command."""

    name: str
    text: str
    code: int = 0


def steps(text: str) -> Iterator[Step]:
    """Give what a guide, or a part of it, shows, in its order."""
    for block in BLOCK.finditer(text):
        if block["name"]:
            yield Step(block["name"], block["text"])
        elif block["kind"] == "sh":
            for line in block["text"].replace("\\\n", " ").splitlines():
                if line.removeprefix("venv/bin/").startswith("multiregion-guard "):
                    said = EXIT.search(line)
                    yield Step("", line.partition("#")[0].strip(), int(said[1]) if said else 0)


@pytest.fixture
def workplace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder that a reader of the guides has: exports of two stacks."""
    (tmp_path / "shop.json").write_text(export("shop", "orders", "scratch-1"), encoding="utf-8")
    (tmp_path / "bank.json").write_text(export("bank", "ledger"), encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize("guide", GUIDES)
def test_a_guide_does_what_it_says(guide: str, workplace: Path, capsys: pytest.CaptureFixture[str]) -> None:
    ran = 0
    for step in steps((DOCS / guide).read_text(encoding="utf-8")):
        if step.name:
            (workplace / step.name).write_text(step.text, encoding="utf-8")
            continue
        words = shlex.split(step.text)[1:]
        code = main(words)
        captured = capsys.readouterr()
        assert code == step.code, f"{step.text}\n{captured.out}{captured.err}"
        ran += 1
    assert ran >= 3


PROGRAM = "external_passthrough"
"""The example that stands for the program of a reader: a sound one, and quick."""


@pytest.mark.parametrize(
    "guide", ["frameworks.md", "json-report.md", "remediation.md", "reports.md", "starting-program.md", "ways-in.md"]
)
def test_a_guide_judges_a_program_and_states_as_it_says(
    guide: str, workplace: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (workplace / "states").mkdir()
    for file in ("state.json", "states/shop.json", "states/bank.json"):
        (workplace / file).write_text(export("shop"), encoding="utf-8")
    (workplace / "examples").symlink_to(DOCS.parent / "examples")
    ran = 0
    for step in steps((DOCS / guide).read_text(encoding="utf-8")):
        words = shlex.split(step.text.replace("PROGRAM", f"examples/{PROGRAM}"))[1:]
        files = [name for word in words for name in (sorted(map(str, Path().glob(word))) if "*" in word else [word])]
        assert main(files) == step.code, f"{step.text}\n{capsys.readouterr()}"
        ran += 1
    assert ran >= 1


@pytest.mark.parametrize(
    "guide",
    [
        *GUIDES,
        "policy-groups.md",
        "use-in-ci.md",
        "reports.md",
        "ways-in.md",
        "profiles.md",
        "adoption.md",
        "audit-many-stacks.md",
    ],
)
def test_every_link_of_a_guide_leads_to_a_file(guide: str) -> None:
    for target in re.findall(r"\]\(([^)#:]+)\)", (DOCS / guide).read_text(encoding="utf-8")):
        assert (DOCS / target).exists(), target
