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
                if line.startswith("multiregion-guard "):
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


@pytest.mark.parametrize("guide", [*GUIDES, "profiles.md", "adoption.md", "audit-many-stacks.md"])
def test_every_link_of_a_guide_leads_to_a_file(guide: str) -> None:
    for target in re.findall(r"\]\(([^)#:]+)\)", (DOCS / guide).read_text(encoding="utf-8")):
        assert (DOCS / target).exists(), target
