"""Looks at the pack's folder and at the Pulumi command line as the Pulumi engine will find them."""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Final

from policypack.engine.evaluator import PACK_ROOT
from policypack.model.records import dataclass

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

PROJECT_FILE: Final = "PulumiPolicy.yaml"
_NEEDED: Final = ("__main__.py", "requirements.txt", "policypack/__init__.py")
_PATIENCE: Final = 60.0
"""Seconds that another program may take to answer."""

_VERSION: Final = re.compile(r"(\d+)\.(\d+)\.(\d+)")
_VERSION_LINE: Final = re.compile(r"""^__version__\s*=\s*["']([^"']+)["']""", re.MULTILINE)
_COMPARISON: Final = re.compile(r"(>=|<=|>|<|=|)\s*v?(\d+(?:\.\d+){0,2})")

Version = tuple[int, int, int]


@dataclass(frozen=True)
class Answer:
    """What was found of one thing.

    Attributes:
        what: The thing.
        found: What it is like.
        what_to_do: How to mend it; "" if nothing needs to be done.
        well: False if the pack cannot be used like this.
    """

    what: str
    found: str
    what_to_do: str = ""
    well: bool = True


def examine(pack: Path | None) -> list[Answer]:
    """Examine the command line and the pack.

    Args:
        pack: The pack's folder; without it the current one, else the one this command belongs to.
    """
    folder = pack or _nearby_pack()
    if folder is None or not (folder / PROJECT_FILE).is_file():
        where = (
            f"{folder} has no {PROJECT_FILE}" if folder else f"neither here nor beside this command is a {PROJECT_FILE}"
        )
        return [
            _pulumi(""),
            Answer("pack", where, "Name the pack's folder: multiregion-guard doctor --pack DIR", well=False),
        ]
    described, answers = _description(folder)
    required = str(described.get("requiredPulumiVersion") or "")
    return [_pulumi(required), *answers, *([_virtualenv(folder, described)] if described else [])]


def _nearby_pack() -> Path | None:
    return next((folder for folder in (Path(), PACK_ROOT) if (folder / PROJECT_FILE).is_file()), None)


def _pulumi(required: str) -> Answer:
    name = "pulumi"
    found = shutil.which("pulumi")
    if found is None:
        return Answer(
            name,
            "not on PATH",
            "Install the Pulumi command line. (`multiregion-guard check` works without it.)",
            well=False,
        )
    code, output = _ask([found, "version"])
    said = _VERSION.search(output)
    if code != 0 or said is None:
        return Answer(name, f"{found} does not tell its version", f"Run {found} version to see why.", well=False)
    version = said.group()
    if not satisfies(_version(version), required):
        return Answer(name, f"{version}; the pack requires {required}", "Update the Pulumi command line.", well=False)
    return Answer(name, f"{version} ({found})")


def _description(folder: Path) -> tuple[Mapping[str, object], list[Answer]]:
    """Read PulumiPolicy.yaml, and compare it with what lies beside it."""
    import yaml

    file = folder / PROJECT_FILE
    try:
        described = yaml.safe_load(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        reason = " ".join(str(error).split())
        return {}, [Answer("pack", f"{file} cannot be read: {reason}", "Restore the file.", well=False)]
    if not isinstance(described, dict):
        return {}, [Answer("pack", f"{file} is no YAML object", "Restore the file.", well=False)]
    missing = [name for name in _NEEDED if not (folder / name).is_file()]
    if missing:
        lost = f"{folder.resolve()} lacks {', '.join(missing)}"
        return described, [Answer("pack", lost, "Restore the files, or make a new copy of the pack.", well=False)]
    here = f"{described.get('name')} {described.get('version')} ({folder.resolve()})"
    line = _VERSION_LINE.search((folder / "policypack" / "__init__.py").read_text(encoding="utf-8"))
    code_version = line.group(1) if line else "unknown"
    if str(described.get("version")) != code_version:
        found = f"{here}, but its code is version {code_version}"
        return described, [Answer("pack", found, f"Write `version: {code_version}` in {file}.", well=False)]
    return described, [Answer("pack", here)]


def _virtualenv(folder: Path, described: Mapping[str, object]) -> Answer:
    """Ask the interpreter that the engine will start the pack with. A missing one makes previews hang in silence."""
    name = "virtualenv"
    runtime = described.get("runtime")
    options = runtime.get("options") if isinstance(runtime, dict) else None
    named = options.get("virtualenv") if isinstance(options, dict) else None
    make = f"`make check` or `pulumi install` in {folder.resolve()}"
    if not named:
        python = shutil.which("python3") or shutil.which("python")
        if python is None:
            return Answer(name, "none named, and no python on PATH", "Install Python 3.10 or newer.", well=False)
        return _imports(Answer(name, f"none named: the engine takes {python}"), python, f"Run {make}.")
    place = folder / str(named)
    python = next((str(place / path) for path in ("bin/python", "Scripts/python.exe") if (place / path).exists()), None)
    if python is None:
        state = "has no interpreter" if place.is_dir() else "does not exist"
        found = f"{place.resolve()} {state}: pulumi preview would hang without a word"
        return Answer(name, found, f"{_without_venv()}Run {make}.", well=False)
    return _imports(Answer(name, str(place.resolve())), python, f"Remove {place.resolve()}, then run {make}.")


def _imports(good: Answer, python: str, what_to_do: str) -> Answer:
    code, output = _ask([str(Path(python).absolute()), "-c", "import pulumi, pulumi_policy"])
    if code == 0:
        return good
    last = (output.strip().splitlines() or ["it does not start"])[-1]
    return Answer(good.what, f"{good.found}: cannot import pulumi_policy ({last})", what_to_do, well=False)


def _without_venv() -> str:
    """Debian and Ubuntu split off what makes virtualenvs; the error that follows from that is hard to read."""
    missing = importlib.util.find_spec("ensurepip") is None
    return "First install the package python3-venv of your system. " if missing else ""


def _ask(command: Sequence[str]) -> tuple[int, str]:
    """Run a program that answers at once; give its exit code and all it wrote."""
    environment = {**os.environ, "PULUMI_SKIP_UPDATE_CHECK": "true"}
    try:
        done = subprocess.run(
            command,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=_PATIENCE,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return 1, f"no answer within {_PATIENCE:.0f} seconds"
    except OSError as error:
        return 1, error.strerror or str(error)
    return done.returncode, done.stdout.decode("utf-8", errors="replace")


def _version(text: str) -> Version:
    numbers = [int(part) for part in text.split(".")]
    major, minor, patch = (*numbers, 0, 0)[:3]
    return major, minor, patch


def satisfies(version: Version, required: str) -> bool:
    """Tell whether a version lies in a range such as `>=3.204.0 <4`; a range that cannot be read excludes nothing."""
    for operator, text in _COMPARISON.findall(required):
        limit = _version(text)
        fits = {
            ">=": version >= limit,
            "<=": version <= limit,
            ">": version > limit,
            "<": version < limit,
        }.get(operator, version == limit)
        if not fits:
            return False
    return True
