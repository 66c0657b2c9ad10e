"""Fixtures of the end-to-end tests: the command line, a workspace to run it in, and the pack.

Where there is neither a `pulumi` nor a Go compiler to build one, the tests that need it are skipped with the
reason, so that a contributor without either can still run the suite. With `CI=true` that is a failure: a build
that everybody trusts must not have left anything out.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.e2e.pulumi_cli import CliUnavailableError, PulumiCli, find_or_build, is_built, pinned_version
from tests.e2e.workspace import PACK_FILES, REPOSITORY, Workspace, link_virtualenv

HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Marks every test of this folder, so that `-m "not e2e"` leaves them out."""
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.e2e)


@pytest.fixture(scope="session")
def cli(pytestconfig: pytest.Config) -> PulumiCli:
    """The `pulumi` command line, found or built; see `pulumi_cli`."""
    terminal = pytestconfig.pluginmanager.get_plugin("terminalreporter")
    try:
        if terminal is not None and not is_built(os.environ):
            terminal.write_line(f"\nbuilding pulumi {pinned_version()}, once: this takes some minutes …")
        return find_or_build(os.environ)
    except CliUnavailableError as error:
        reason = f"the tests with the real pulumi command line did not run: {error}"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)


@pytest.fixture
def workspace(cli: PulumiCli, tmp_path: Path) -> Workspace:
    """A workspace of the test's own."""
    return Workspace(cli, tmp_path)


@pytest.fixture(scope="module")
def module_workspace(cli: PulumiCli, tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """A workspace for outcomes that several tests of a module look at and none changes."""
    return Workspace(cli, tmp_path_factory.mktemp("pulumi"))


@pytest.fixture(scope="session")
def pack(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The pack as it is shipped: the repository itself.

    Its PulumiPolicy.yaml wants a virtualenv named `venv` in it. Where the tests run from another one, the pack
    is seen through a directory of links in which `venv` is that one.
    """
    if (REPOSITORY / "venv" / "bin" / "python").exists():
        return REPOSITORY
    view = tmp_path_factory.mktemp("pack")
    for name in PACK_FILES:
        (view / name).symlink_to(REPOSITORY / name)
    link_virtualenv(view)
    return view
