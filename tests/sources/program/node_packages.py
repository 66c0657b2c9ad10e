"""Installs, once, what the Node.js programs of the tests run with: what `nodejs/package-lock.json` pins."""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path

PINNED = Path(__file__).parent / "nodejs"
TIME_LIMIT = 10 * 60  # seconds; about 20 on two cores


class NodeUnavailableError(Exception):
    """Node.js or the packages cannot be had; the text says what is missing."""


def find_or_install(environ: Mapping[str, str]) -> Path:
    """Give the folder `node_modules` with everything that is pinned.

    Raises:
        NodeUnavailableError: There is no Node.js, or the packages cannot be installed.
    """
    path = environ.get("PATH", os.defpath)
    missing = [command for command in ("node", "npm") if shutil.which(command, path=path) is None]
    if missing:
        raise NodeUnavailableError(f"there is no {' and no '.join(missing)} on PATH")
    directory = _cache_directory(environ)
    packages = directory / "node_modules"
    if not packages.exists():
        directory.mkdir(parents=True, exist_ok=True)
        with (directory / "lock").open("w") as lock:
            # Test processes that run at the same time install once.
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not packages.exists():
                _install(packages)
    return packages


def _cache_directory(environ: Mapping[str, str]) -> Path:
    """Where the packages are kept; other versions are in another folder."""
    cache = environ.get("XDG_CACHE_HOME") or str(Path(environ.get("HOME", "~")).expanduser() / ".cache")
    digest = hashlib.sha256((PINNED / "package-lock.json").read_bytes()).hexdigest()[:12]
    return Path(cache) / "multiregion-guard" / f"node-packages-{digest}"


def _install(packages: Path) -> None:
    """Install beside the place first, so that an interrupted installation leaves nothing that looks finished."""
    with tempfile.TemporaryDirectory(dir=packages.parent) as staging:
        for name in ("package.json", "package-lock.json"):
            shutil.copy2(PINNED / name, staging)
        command = ["npm", "ci", "--no-audit", "--no-fund", "--ignore-scripts", "--loglevel=error"]
        try:
            done = subprocess.run(command, cwd=staging, capture_output=True, text=True, timeout=TIME_LIMIT, check=False)
        except subprocess.TimeoutExpired as error:
            raise NodeUnavailableError(f"installing the packages took longer than {TIME_LIMIT} seconds") from error
        if done.returncode != 0:
            last_lines = "\n".join(done.stderr.splitlines()[-15:])
            raise NodeUnavailableError(f"`{' '.join(command)}` failed:\n{last_lines}")
        (Path(staging) / "node_modules").replace(packages)
