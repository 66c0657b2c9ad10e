"""Small programs, written where a test needs them, and run dry."""

from __future__ import annotations

import os
import textwrap
from collections.abc import Mapping
from pathlib import Path

import pytest

from policypack.sources.program import ProgramRun, run_program
from tests.sources.program.dry_run import SDK, Record, Write
from tests.sources.program.node_packages import NodeUnavailableError, find_or_install


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


@pytest.fixture(scope="session")
def node_packages() -> Path:
    """The folder `node_modules` of the Node.js programs; with `CI=true` it must be there."""
    try:
        return find_or_install(os.environ)
    except NodeUnavailableError as error:
        reason = f"the tests with Node.js programs did not run: {error}"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)


@pytest.fixture
def write_node(tmp_path: Path, node_packages: Path) -> Write:
    """Writes a Node.js project named `shop`, with its packages."""

    def project(files: Mapping[str, str]) -> Path:
        folder = tmp_path / "shop"
        contents = {"Pulumi.yaml": "name: shop\nruntime: nodejs\n", "package.json": '{"name": "shop"}\n', **files}
        for name, text in contents.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(textwrap.dedent(text), encoding="utf-8")
        (folder / "node_modules").symlink_to(node_packages, target_is_directory=True)
        return folder

    return project
