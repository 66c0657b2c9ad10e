"""Small programs, written where a test needs them, and run dry."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping
from pathlib import Path

import pytest

from policypack.sources.program import ProgramRun, run_program
from tests.sources.program.dry_run import SDK, Record, Write


@pytest.fixture(autouse=True)
def _no_passphrase(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PULUMI_CONFIG_PASSPHRASE", raising=False)
    monkeypatch.delenv("PULUMI_CONFIG_PASSPHRASE_FILE", raising=False)


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Writes a project named `shop`: its main file, and whatever other files a test needs."""

    def project(source: str = "", files: Mapping[str, str] | None = None) -> Path:
        folder = tmp_path / "shop"
        contents = {"Pulumi.yaml": "name: shop\nruntime: python\n", "__main__.py": source, **(files or {})}
        for name, text in contents.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(textwrap.dedent(text), encoding="utf-8")
        return folder

    return project


@pytest.fixture
def record(write: Write) -> Record:
    """Writes a project whose main file follows the one import of the SDK, and runs it dry."""

    def run(
        source: str,
        files: Mapping[str, str] | None = None,
        *,
        stack: str | None = None,
        config: Mapping[str, str] | None = None,
        answers: Path | None = None,
        timeout: float = 60.0,
    ) -> ProgramRun:
        folder = write(SDK + textwrap.dedent(source), files)
        return run_program(folder, stack=stack, config=config, answers=answers, timeout=timeout)

    return run
