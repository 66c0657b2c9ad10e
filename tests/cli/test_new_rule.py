"""`multiregion-guard new-rule`: what it writes works at once, and what it cannot write it says."""

from __future__ import annotations

import importlib
import inspect
import os
import re
import shutil
import subprocess
import sys
import warnings
from pathlib import Path
from typing import Any

import pytest

import policypack.rules
from policypack.cli import main
from policypack.cli.new_rule import Starter
from policypack.cli.starter_programs import complying, snake, undecidable, violating
from policypack.gcp.properties import properties_of, type_tokens
from policypack.gcp.types import BACKEND_SERVICE, INSTANCE_TEMPLATE

ROOT = Path(__file__).parents[2]
NOT_COPIED = shutil.ignore_patterns("venv", ".git", "__pycache__", ".*_cache", "e2e", ".hypothesis")


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of what a contributor has, to write into."""
    copy = tmp_path_factory.mktemp("tree")
    for name in ("policypack", "tests"):
        shutil.copytree(ROOT / name, copy / name, ignore=NOT_COPIED)
    shutil.copy(ROOT / "pyproject.toml", copy)
    return copy


def run(tree: Path, *words: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(tree), "PYTHONDONTWRITEBYTECODE": "1"}
    return subprocess.run(
        [sys.executable, "-m", *words], cwd=tree, env=environment, capture_output=True, text=True, check=False
    )


def refused(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    before = set(Path(policypack.rules.__file__).parent.rglob("*.py"))
    assert main(["new-rule", *words]) == 2
    assert set(Path(policypack.rules.__file__).parent.rglob("*.py")) == before
    return capsys.readouterr().err


def test_what_it_writes_passes_every_test_of_rules(tree: Path) -> None:
    made = [
        run(tree, "policypack.cli", "new-rule", "observability", "service-says-why"),
        run(tree, "policypack.cli", "new-rule", "tls", "template-has-labels", "--type", "InstanceTemplate"),
    ]
    assert [(done.returncode, done.stderr) for done in made] == [(0, ""), (0, "")]
    chosen = "service-says-why or service_says_why or template-has-labels or template_has_labels"
    tested = run(tree, "pytest", "tests/rules", "-q", "-p", "no:cacheprovider", "-k", chosen)
    assert tested.returncode == 0, tested.stdout
    passed = re.search(r"(\d+) passed", tested.stdout)
    assert passed is not None
    assert int(passed[1]) >= 2 * (3 + 8)


def test_it_says_what_it_wrote_and_what_comes_next(tree: Path) -> None:
    said = run(tree, "policypack.cli", "new-rule", "network", "nat-has-purpose", "--type", "Network").stdout
    assert "policypack/rules/network/nat_has_purpose.py" in said
    assert "policypack/rules/network/nat_has_purpose.md" in said
    assert "tests/whole/mutations/network.py" in said
    assert "make docs" in said


def test_a_folder_that_was_not_there_says_what_its_area_is_about(tree: Path) -> None:
    assert run(tree, "policypack.cli", "new-rule", "edge", "armor-has-purpose").returncode == 0
    assert (tree / "policypack/rules/edge/__init__.py").read_text(encoding="utf-8").startswith('"""What stands')


def test_an_installed_pack_has_no_place_for_rules(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "policypack", tmp_path / "policypack", ignore=NOT_COPIED)
    done = run(tmp_path, "policypack.cli", "new-rule", "tls", "some-new-rule")
    assert done.returncode == 2
    assert "installed pack" in done.stderr
    assert "Clone the repository" in done.stderr


def test_an_existing_rule_is_not_overwritten(capsys: pytest.CaptureFixture[str]) -> None:
    assert "disk-cmek is there already" in refused(capsys, "tls", "disk-cmek")


@pytest.mark.parametrize("name", ["disk", "Disk-Cmek", "disk_has_key", "-disk-key", "1st-disk", "disk--key", "a-" * 31])
def test_a_bad_name_is_refused(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["--", "tls", name] if name.startswith("-") else ["tls", name]
    assert "is no name of a rule" in refused(capsys, *words)


def test_a_better_name_is_offered(capsys: pytest.CaptureFixture[str]) -> None:
    assert "disk-has-key" in refused(capsys, "tls", "Disk_has_key")


def test_an_unknown_area_gets_the_nearest(capsys: pytest.CaptureFixture[str]) -> None:
    said = refused(capsys, "firewal", "disk-has-key")
    assert "did you mean firewall?" in said
    assert "policypack/rules/areas.py" in said


def test_an_unknown_type_gets_the_nearest(capsys: pytest.CaptureFixture[str]) -> None:
    assert "did you mean BackendService" in refused(capsys, "tls", "disk-has-key", "--type", "BackendServise")


def test_a_property_that_must_be_given_cannot_be_left_out(capsys: pytest.CaptureFixture[str]) -> None:
    said = refused(capsys, "tls", "template-has-disks", "--type", "InstanceTemplate", "--property", "disks")
    assert "that a program can leave out" in said


def test_a_type_without_the_usual_properties_needs_one_named(capsys: pytest.CaptureFixture[str]) -> None:
    assert "--property: " in refused(capsys, "tls", "ring-has-labels", "--type", "KeyRing")


def test_the_token_of_a_type_is_as_good_as_its_name() -> None:
    texts = Starter("service-says-why", "tls", BACKEND_SERVICE, "description").texts()
    assert "subjects=(BACKEND_SERVICE,)" in texts[".py"]


@pytest.mark.parametrize("token", type_tokens(), ids=lambda token: token.rsplit(":", 1)[1])
def test_starter_programs_give_what_the_provider_asks_for(token: str) -> None:
    for program in (violating(token), complying(token, "project"), undecidable(token, "project")):
        compile(program, token, "exec")
    _, module, name = token.split(":")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        members = importlib.import_module(f"pulumi_gcp.{module.partition('/')[0]}")
        home = importlib.import_module(getattr(members, name).__module__)
        # Where the usual name is that of a block, the SDK takes another.
        made: Any = getattr(home, f"{name}InitArgs", None) or getattr(home, f"{name}Args")
    parameters = inspect.signature(made.__init__).parameters
    given = set(re.findall(r"^    (\w+)=", violating(token), re.MULTILINE))
    assert given == {
        key for key, one in parameters.items() if one.default is inspect.Parameter.empty and key != "__self__"
    }


def test_names_are_turned_as_the_sdk_turns_them() -> None:
    assert snake("minTlsVersion") == "min_tls_version"
    assert {snake(path) for path in properties_of(INSTANCE_TEMPLATE)} >= {"machine_type", "network_interfaces"}
