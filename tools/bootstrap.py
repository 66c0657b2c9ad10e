"""Makes the virtualenv `venv` and keeps it right. Needs Python 3.10 and the standard library only.

Usage: python3 tools/bootstrap.py [check | dev]

`check` installs what the command line and the reference stack need, `dev` the tools and tests as well. Running it
again costs a fraction of a second, unless what is to be installed has changed.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
VENV = ROOT / "venv"
PYTHON = VENV / "bin" / "python"
EXTRAS = {"check": "cli,stacks", "dev": "dev"}
INPUTS = ("pyproject.toml", "requirements.txt", "constraints.txt")
OLDEST = (3, 10)


def fail(what: str, todo: str) -> None:
    """End with one clear message."""
    sys.exit(f"error: {what}\n  what to do: {todo}")


def make_venv() -> None:
    """Make the virtualenv, if it is not there or does not work."""
    if PYTHON.exists() and _runs("import sys, pip"):
        return
    if sys.version_info < OLDEST:
        found = ".".join(map(str, sys.version_info[:3]))
        fail(
            f"this is Python {found}; 3.10 or newer is needed",
            "install a newer Python and name it: make PYTHON=python3.12 …",
        )
    if importlib.util.find_spec("ensurepip") is None or importlib.util.find_spec("venv") is None:
        fail(
            "this Python cannot make virtualenvs",
            "on Debian and Ubuntu: apt install python3-venv; elsewhere install a whole Python",
        )
    print(f"Making the virtualenv {VENV.name} with Python {sys.version.split()[0]}", flush=True)
    made = subprocess.run([sys.executable, "-m", "venv", "--clear", str(VENV)], check=False)
    if made.returncode:
        fail("python -m venv failed (see above)", "on Debian and Ubuntu: apt install python3-venv")


def _runs(code: str) -> bool:
    return subprocess.run([str(PYTHON), "-c", code], capture_output=True, check=False, cwd="/").returncode == 0


def wanted(profile: str) -> str:
    """Give a fingerprint of everything that decides what is installed."""
    digest = hashlib.sha256(EXTRAS[profile].encode())
    for name in INPUTS:
        digest.update((ROOT / name).read_bytes())
    return digest.hexdigest()


def installed(profile: str) -> bool:
    """Tell whether the virtualenv has all of it, and judges with the code of this tree.

    `pulumi install` replaces the editable install by a copy; then it is put right.
    """
    marks = [VENV / f".installed-{name}" for name in ("dev", profile)]
    fresh = any(mark.exists() and mark.read_text() == wanted(mark.name.removeprefix(".installed-")) for mark in marks)
    where = f"import sys, policypack; sys.exit(policypack.__path__[0] != {str(ROOT / 'policypack')!r})"
    return fresh and _runs(where)


def install(profile: str) -> None:
    """Install the pack in editable form, with the extras of the profile, at the pinned versions."""
    print(f"Installing the pack and what it needs ({EXTRAS[profile]}) into {VENV.name}", flush=True)
    done = subprocess.run(
        [
            str(PYTHON), "-m", "pip", "install", "--quiet", "--disable-pip-version-check",
            "--constraint", str(ROOT / "constraints.txt"), "--editable", f"{ROOT}[{EXTRAS[profile]}]",
        ],
        check=False,
        env={**os.environ, "PYTHONWARNINGS": "ignore"},
    )  # fmt: skip
    if done.returncode:
        fail("pip could not install what is needed (see above)", "check the network and run the command again")
    (VENV / f".installed-{profile}").write_text(wanted(profile))


def main() -> None:
    """Do what the command line says."""
    profile = sys.argv[1] if len(sys.argv) > 1 else "check"
    if profile not in EXTRAS:
        fail(f"there is no profile {profile!r}", f"use one of: {', '.join(EXTRAS)}")
    make_venv()
    if not installed(profile):
        install(profile)


if __name__ == "__main__":
    main()
