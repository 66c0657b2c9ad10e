"""Finding or building the `pulumi` command line, with stand-ins for `pulumi` and `go`."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.e2e import pulumi_cli
from tests.e2e.workspace import write_executable

# Writes its arguments down and, like `go build -o FILE`, makes the file that the argument after -o names.
FAKE_GO = """
echo build >> "$0.log"
while [ "$1" != "-o" ]; do shift; done
sleep 0.2
echo binary > "$2"
"""


def environment(tmp_path: Path, **variables: str) -> dict[str, str]:
    """An environment in which nothing is installed but what a test puts into `tmp_path/bin`."""
    (tmp_path / "bin").mkdir(exist_ok=True)
    return {"PATH": str(tmp_path / "bin"), "XDG_CACHE_HOME": str(tmp_path / "cache"), **variables}


def fake_go(tmp_path: Path, script: str) -> Path:
    go = tmp_path / "bin" / "go"
    # PATH holds nothing else, and the script needs the usual tools.
    write_executable(go, ["env", "PATH=/usr/bin:/bin", "sh", "-c", script, str(go)])
    go.write_text(go.read_text(encoding="utf-8").replace("exec 'env'", "exec /usr/bin/env"), encoding="utf-8")
    return go


def test_without_pulumi_and_go_the_reason_names_both(tmp_path: Path) -> None:
    with pytest.raises(pulumi_cli.CliUnavailableError, match=r"no `pulumi` .* no `go`"):
        pulumi_cli.find_or_build(environment(tmp_path))


def test_a_named_command_line_that_is_not_there_is_an_error_and_no_reason_to_build(tmp_path: Path) -> None:
    variables = environment(tmp_path, MULTIREGION_GUARD_PULUMI=str(tmp_path / "nothing"))
    with pytest.raises(pulumi_cli.CliUnavailableError, match="no executable file"):
        pulumi_cli.find_or_build(variables)


def test_an_installed_pulumi_with_its_python_host_is_preferred(tmp_path: Path) -> None:
    for name in ("pulumi", "pulumi-language-python", "go"):
        write_executable(tmp_path / "bin" / name, ["true"])
    found = pulumi_cli.find_or_build(environment(tmp_path))
    assert found == pulumi_cli.PulumiCli(tmp_path / "bin" / "pulumi", own_python_host=True)


def test_an_installed_pulumi_without_a_python_host_is_not_used(tmp_path: Path) -> None:
    write_executable(tmp_path / "bin" / "pulumi", ["true"])
    with pytest.raises(pulumi_cli.CliUnavailableError):
        pulumi_cli.find_or_build(environment(tmp_path))


def test_a_built_command_line_is_kept_outside_the_tree_under_its_version(tmp_path: Path) -> None:
    fake_go(tmp_path, FAKE_GO)
    found = pulumi_cli.find_or_build(environment(tmp_path))
    assert found.executable.parent.parent == tmp_path / "cache" / "multiregion-guard"
    assert pulumi_cli.pinned_version() in found.executable.parent.name


def test_two_at_the_same_time_build_once(tmp_path: Path) -> None:
    go = fake_go(tmp_path, FAKE_GO)
    variables = environment(tmp_path)
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(pulumi_cli.find_or_build, [variables, variables]))
    assert Path(f"{go}.log").read_text(encoding="utf-8").splitlines() == ["build"]


def test_a_failed_build_leaves_nothing_that_looks_like_a_command_line(tmp_path: Path) -> None:
    fake_go(tmp_path, "echo no such module >&2; exit 1")
    variables = environment(tmp_path)
    with pytest.raises(pulumi_cli.CliUnavailableError, match="no such module"):
        pulumi_cli.find_or_build(variables)
    assert not pulumi_cli.is_built(variables)
