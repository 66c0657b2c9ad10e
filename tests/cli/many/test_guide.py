"""docs/audit-many-stacks.md is run: commands as they stand, exit codes as they say."""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterator
from pathlib import Path

import fsspec
import pytest
from fsspec.implementations.memory import MemoryFileSystem

from policypack.cli import main
from tests.cli.exports import service
from tests.cli.test_guides import DOCS, steps

GUIDE = (DOCS / "audit-many-stacks.md").read_text(encoding="utf-8")


def state(project: str, stack: str, *, healthy: bool = False) -> str:
    text = service(project, healthy=("web",), stack=stack) if healthy else service(project, "web", stack=stack)
    return json.dumps({"version": 3, "checkpoint": {"latest": json.loads(text)["deployment"]}})


@pytest.fixture
def organisation(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The folder that a reader of the guide has, and a bucket with the same backend."""
    files = {
        "exports/shop.json": service("shop", "web"),
        "exports/bank.json": service("bank", "web"),
        "exports/shop.tags.json": '{"owner": "payments"}',
        "exports/package.json": "{}",
        "teams/a/exports/one.json": service("one", "web"),
        "backend/.pulumi/stacks/shop/prod.json": state("shop", "prod", healthy=True),
        "backend/.pulumi/stacks/bank/dev.json": state("bank", "dev"),
        "backend/.pulumi/stacks/bank/dev.json.bak": "{",
        "backend/.pulumi/meta.yaml": "version: 1\n",
    }
    store = MemoryFileSystem()
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
        if name.startswith("backend/"):
            store.pipe(name.replace("backend", "/acme-pulumi-state"), text.encode())
    monkeypatch.setattr(fsspec, "filesystem", lambda protocol, **_: {"gs": store}[protocol])
    monkeypatch.chdir(tmp_path)
    yield tmp_path
    store.rm("/acme-pulumi-state", recursive=True)


def test_the_guide_does_what_it_says(organisation: Path, capsys: pytest.CaptureFixture[str]) -> None:
    ran = 0
    for step in steps(GUIDE):
        code = main(shlex.split(step.text)[1:])
        captured = capsys.readouterr()
        assert code == step.code, f"{step.text}\n{captured.out}{captured.err}"
        ran += 1
    assert ran >= 12
    assert sorted(file.name for file in (organisation / "each").iterdir()) == [
        f"{project}.prod.{ending}" for project in ("bank", "shop") for ending in ("html", "json")
    ]


def test_every_place_that_the_guide_names_is_tried() -> None:
    commands = "\n".join(step.text for step in steps(GUIDE))
    for place in ("exports", "backend", "'", "gs://", "file://", "--organisation"):
        assert place in commands
