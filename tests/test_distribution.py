"""What strangers get: the tree, the slim pack, the wheel."""

from __future__ import annotations

import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
import yaml

import policypack
from policypack.rules.registry import all_rules

ROOT = Path(__file__).resolve().parents[1]


def pack(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(ROOT / "tools" / "pack.py"), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """Build the wheel, and give the names of what is in it."""
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    (built,) = folder.glob("*.whl")
    return zipfile.ZipFile(built).namelist()


def test_the_judged_code_is_that_of_this_tree() -> None:
    where = [sys.executable, "-c", "import policypack; print(policypack.__path__[0])"]
    found = subprocess.run(where, cwd="/", capture_output=True, text=True, check=True).stdout.strip()
    assert Path(found) == ROOT / "policypack"


def test_every_rule_of_the_wheel_has_its_page(wheel: list[str]) -> None:
    assert {rule.page.relative_to(ROOT).as_posix() for rule in all_rules()} <= set(wheel)


def test_the_wheel_has_the_data_and_says_that_it_is_typed(wheel: list[str]) -> None:
    data = [path.relative_to(ROOT).as_posix() for path in (ROOT / "policypack").rglob("*.json")]
    assert data
    assert {*data, "policypack/py.typed"} <= set(wheel)


def test_the_wheel_has_nothing_but_the_pack(wheel: list[str]) -> None:
    assert {name.split("/")[0] for name in wheel if ".dist-info" not in name} == {"policypack"}


def test_there_is_one_version() -> None:
    described = yaml.safe_load((ROOT / "PulumiPolicy.yaml").read_text(encoding="utf-8"))
    assert described["version"] == policypack.__version__
    newest = re.search(r"^## (\S+)", (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert newest is not None
    assert newest.group(1) == policypack.__version__


def test_the_engine_finds_the_virtualenv_that_the_makefile_makes_and_no_other_lock_file() -> None:
    described = yaml.safe_load((ROOT / "PulumiPolicy.yaml").read_text(encoding="utf-8"))
    assert described["runtime"] == {"name": "python", "options": {"toolchain": "pip", "virtualenv": "venv"}}
    assert "main" not in described
    assert "venv/" in (ROOT / ".gitignore").read_text(encoding="utf-8").splitlines()


def test_what_the_engine_installs_is_what_the_pack_needs_and_nothing_else() -> None:
    lines = (ROOT / "requirements.txt").read_text(encoding="utf-8").splitlines()
    needed = {re.split(r"[<>=]", line)[0] for line in lines if line and not line.startswith("#")}
    assert needed == {"pulumi", "pulumi-policy"}


def test_what_the_engine_starts_imports_nothing_of_the_extras() -> None:
    code = (
        "import sys; import policypack.sources.crossguard, policypack.rules.registry as r; r.all_rules();"
        "print(*{name.split('.')[0] for name in sys.modules})"
    )
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT).stdout
    assert not {"rich", "cryptography", "yaml", "pulumi_gcp", "jsonschema"} & set(loaded.split())


def test_the_slim_pack_holds_the_pack_and_no_tests_or_stacks(tmp_path: Path) -> None:
    assert pack(str(tmp_path / "slim")).returncode == 0
    names = {path.name for path in (tmp_path / "slim").iterdir()}
    assert names == {
        "PulumiPolicy.yaml",
        "__main__.py",
        "requirements.txt",
        "LICENSE",
        "README.md",
        ".gitignore",
        "policypack",
    }
    assert not list((tmp_path / "slim").rglob("__pycache__"))


def test_the_slim_pack_can_be_written_again_over_itself(tmp_path: Path) -> None:
    assert pack(str(tmp_path)).returncode == 0
    (tmp_path / "policypack" / "stale.py").write_text("")
    assert pack(str(tmp_path)).returncode == 0
    assert not (tmp_path / "policypack" / "stale.py").exists()


@pytest.mark.parametrize("arguments", [[], [""], [str(ROOT / "slim")], ["/usr"]])
def test_a_folder_that_the_pack_must_not_be_written_to_is_refused(arguments: list[str]) -> None:
    done = pack(*arguments)
    assert done.returncode == 1
    assert "what to do:" in done.stderr
