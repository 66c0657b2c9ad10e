"""What strangers get: the tree, the slim pack, the wheel."""

from __future__ import annotations

import importlib.metadata
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
import yaml
from packaging.markers import Marker
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

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


LOCK = ROOT / "requirements-hashed.txt"
ENTRY = re.compile(
    r"^(?P<name>[\w.-]+)==(?P<version>\S+)(?: ; (?P<marker>.+?))? \\\n(?P<hashes>(?:    --hash=\S+(?: \\)?\n)+)", re.M
)


def pinned() -> dict[str, re.Match[str]]:
    """Give what is pinned with hashes, by its normalised name."""
    return {str(canonicalize_name(found["name"])): found for found in ENTRY.finditer(LOCK.read_text(encoding="utf-8"))}


def test_the_lock_file_holds_pins_with_hashes_and_nothing_else() -> None:
    text = LOCK.read_text(encoding="utf-8")
    rest = ENTRY.sub("", text).splitlines()
    assert [line for line in rest if not line.startswith("#")] == []
    assert all(
        re.fullmatch(r"    --hash=sha256:[0-9a-f]{64}(?: \\)?", line) for line in text.splitlines() if "--" in line
    )


def test_the_lock_file_pins_what_the_tests_run_with() -> None:
    constraints = dict(
        line.split("==") for line in (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines() if "==" in line
    )
    tested = {str(canonicalize_name(name)): version for name, version in constraints.items()}
    # What pip itself does not freeze is not among the constraints.
    assert {name: found["version"] for name, found in pinned().items() if name in tested} == {
        name: tested[name] for name in pinned() if name in tested
    }
    assert set(pinned()) - set(tested) <= {"setuptools"}


@pytest.mark.parametrize("system", ["linux", "darwin", "win32"])
@pytest.mark.parametrize("python", ["3.10", "3.11", "3.12", "3.13", "3.14"])
def test_the_lock_file_lacks_nothing_that_anything_in_it_needs(python: str, system: str) -> None:
    here = {"python_version": python, "python_full_version": f"{python}.0", "sys_platform": system, "extra": ""}
    names = {name for name, found in pinned().items() if not found["marker"] or Marker(found["marker"]).evaluate(here)}
    needed = {"pulumi", "pulumi-policy"}
    for name in names - {"setuptools"}:
        wanted = map(Requirement, importlib.metadata.requires(name) or [])
        needed |= {canonicalize_name(one.name) for one in wanted if one.marker is None or one.marker.evaluate(here)}
    assert needed - names == set()


def test_the_slim_pack_is_installed_from_the_lock_file(tmp_path: Path) -> None:
    assert pack(str(tmp_path / "slim")).returncode == 0
    assert (tmp_path / "slim" / "requirements.txt").read_bytes() == LOCK.read_bytes()


@pytest.mark.parametrize("name", ["README.md", "CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md"])
def test_every_link_of_a_document_leads_to_a_file(name: str) -> None:
    text = re.sub(r"^````?.*?^````?$", "", (ROOT / name).read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)
    assert [target for target in re.findall(r"\]\(([^)#:]+)\)", text) if not (ROOT / target).exists()] == []


def test_who_finds_the_project_finds_how_to_report_a_vulnerability() -> None:
    assert "(SECURITY.md)" in (ROOT / "README.md").read_text(encoding="utf-8")
