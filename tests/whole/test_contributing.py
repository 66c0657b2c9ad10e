"""The worked example of CONTRIBUTING.md works, word for word."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
NOT_COPIED = shutil.ignore_patterns(
    "venv", ".git", "__pycache__", ".*_cache", ".hypothesis", "health_check_described.*"
)
"""The last are the example's own files: whoever has followed it has them already."""


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of what a contributor has, with the example followed to its end."""
    copy = tmp_path_factory.mktemp("tree")
    for name in ("policypack", "tests", "stacks"):
        shutil.copytree(ROOT / name, copy / name, ignore=NOT_COPIED)
    for name in ("pyproject.toml", "CONTRIBUTING.md"):
        shutil.copy(ROOT / name, copy)
    begun, tried, mutated = commands()
    assert run(copy, begun).returncode == 0
    files = re.findall(r"`(policypack/rules/health/\S+\.(?:py|md))`", TEXT)
    (module,), (line,) = blocks("python"), blocks("text")
    (page,) = re.findall(r"^````markdown\n(.*?)^````$", TEXT, re.MULTILINE | re.DOTALL)
    for file, text in zip(files, (module, page), strict=True):
        assert (copy / file).exists()
        (copy / file).write_text(text, encoding="utf-8")
    table = copy / "tests" / "whole" / "mutations" / "health.py"
    before, marker, after = table.read_text(encoding="utf-8").replace(line, "").partition("\nMUTATIONS: Final = (\n")
    assert marker
    table.write_text(before + marker + line + after, encoding="utf-8")
    (copy / "again.txt").write_text(f"{tried}\n{mutated}\n", encoding="utf-8")
    return copy


def blocks(language: str) -> list[str]:
    outside = re.sub(r"^````markdown\n.*?^````$", "", TEXT, flags=re.MULTILINE | re.DOTALL)
    return re.findall(rf"^```{language}\n(.*?)^```$", outside, re.MULTILINE | re.DOTALL)


def commands() -> list[str]:
    lines = [line for block in blocks("sh") for line in block.splitlines()]
    return [line for line in lines if "health-check-described" in line]


def run(tree: Path, line: str) -> subprocess.CompletedProcess[str]:
    """Run a line of the document, with this interpreter in the place of the tree's own."""
    line = line.replace("venv/bin/multiregion-guard", "venv/bin/python -m policypack.cli")
    words = shlex.split(line.replace("venv/bin/python", shlex.quote(sys.executable)))
    environment = {**os.environ, "PYTHONPATH": str(tree), "PYTHONDONTWRITEBYTECODE": "1"}
    return subprocess.run(words, cwd=tree, env=environment, capture_output=True, text=True, check=False)


@pytest.mark.parametrize(("step", "at_least"), [(0, 30), (1, 3)], ids=["the page", "the mistake"])
def test_what_the_example_writes_passes_its_tests(tree: Path, step: int, at_least: int) -> None:
    done = run(tree, (tree / "again.txt").read_text(encoding="utf-8").splitlines()[step])
    assert done.returncode == 0, done.stdout[-3000:]
    passed = re.search(r"(\d+) passed", done.stdout)
    assert passed is not None
    assert int(passed[1]) >= at_least


def test_its_module_is_in_the_style_of_the_project(tree: Path) -> None:
    module = "policypack/rules/health/health_check_described.py"
    for check in (["check"], ["format", "--check"]):
        done = subprocess.run(
            [sys.executable, "-m", "ruff", *check, module], cwd=tree, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stdout
