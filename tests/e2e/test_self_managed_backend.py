"""The audit of a backend as the real command line writes it: every layout, every way of packing."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from policypack.cli import main
from tests.cli.exports import service
from tests.e2e.workspace import Workspace

PROJECT, STACK = "shop", "prod"


class Backend:
    """A self-managed backend with two stacks: one with a fault and an owner, one that was never deployed."""

    def __init__(self, workspace: Workspace, settings: dict[str, str]) -> None:
        self._workspace = workspace
        self.settings = settings
        self._program = workspace.directory / "program"
        self._program.mkdir()
        (self._program / "Pulumi.yaml").write_text(f"name: {PROJECT}\nruntime: yaml\n", encoding="utf-8")
        self.folder = Path(workspace.environ["PULUMI_BACKEND_URL"].removeprefix("file://"))

    def fill(self) -> None:
        self.pulumi("stack", "init", STACK)
        self.fill_again()
        self.pulumi("stack", "tag", "set", "owner", "payments", "--stack", STACK)
        self.pulumi("stack", "init", "unused")

    def fill_again(self) -> None:
        export = self._program / "export.json"
        export.write_text(service(PROJECT, "web", stack=STACK), encoding="utf-8")
        self.pulumi("stack", "import", "--stack", STACK, "--file", str(export))

    def pulumi(self, *arguments: str) -> None:
        outcome = self._workspace.run(arguments, self._program, extra_environ=self.settings)
        assert outcome.code == 0, str(outcome)

    @property
    def states(self) -> list[str]:
        """The files of states, and of what could be taken for one."""
        stacks = self.folder / ".pulumi" / "stacks"
        return sorted(str(file.relative_to(stacks)) for file in stacks.rglob("*.json*") if file.is_file())


LAYOUTS = [
    ({}, "shop/prod.json"),
    ({"PULUMI_DIY_BACKEND_GZIP": "true"}, "shop/prod.json.gz"),
    ({"PULUMI_DIY_BACKEND_ZSTD": "true"}, "shop/prod.json.zst"),
    ({"PULUMI_DIY_BACKEND_LEGACY_LAYOUT": "true", "PULUMI_DIY_BACKEND_IGNORE_DEPRECATION_ERROR": "1"}, "prod.json"),
]


@pytest.mark.parametrize(("settings", "state"), LAYOUTS, ids=["plain", "gzip", "zstd", "legacy"])
def test_a_backend_is_read_as_pulumi_writes_it(
    settings: dict[str, str], state: str, workspace: Workspace, capsys: pytest.CaptureFixture[str]
) -> None:
    backend = Backend(workspace, settings)
    backend.fill()
    assert state in backend.states
    assert len(backend.states) > 2  # copies and what the bucket knows of each file lie beside them
    for place in (str(backend.folder), f"file://{backend.folder}"):
        assert main(["audit", place, "--format", "json"]) == 1
        assert {one["stack"]: summary(one) for one in json.loads(capsys.readouterr().out)["stacks"]} == {
            "prod": ("failed", "payments"),
            "unused": ("empty", ""),
        }


def summary(stack: dict[str, Any]) -> tuple[str, str]:
    return stack["result"], stack["owner"]["name"]


def test_a_state_that_was_packed_another_way_later_on_is_judged_once(
    workspace: Workspace, capsys: pytest.CaptureFixture[str]
) -> None:
    backend = Backend(workspace, {})
    backend.fill()
    plain = backend.folder / ".pulumi" / "stacks" / PROJECT / f"{STACK}.json"
    before = plain.read_bytes()
    backend.settings = {"PULUMI_DIY_BACKEND_GZIP": "true"}
    backend.fill_again()
    assert f"{PROJECT}/{STACK}.json.gz" in backend.states
    # The command line clears the old file away. One that was stopped in between does not.
    plain.write_bytes(before)
    os.utime(plain, (1, 1))
    main(["audit", str(backend.folder), "--format", "json"])
    stacks = json.loads(capsys.readouterr().out)["stacks"]
    assert [Path(one["place"]).name for one in stacks] == [f"{STACK}.json.gz", "unused.json"]
