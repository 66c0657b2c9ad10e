"""Finds the `pulumi` command line for the end-to-end tests, or builds it from its Go module.

A `pulumi` installed with its own Python language host is preferred, because it is what users run. Where there
is none, the version pinned in `cli/go.mod` is compiled once into a cache outside the tree and is used with the
stand-in Python host of `language_host.py`.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

MODULE = Path(__file__).parent / "cli"
PACKAGE = "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi"
VERSION_VARIABLE = "github.com/pulumi/pulumi/sdk/v3/go/common/version.Version"
PYTHON_HOST = "pulumi-language-python"
OVERRIDE = "MULTIREGION_GUARD_PULUMI"
BUILD_TIME_LIMIT = 30 * 60  # seconds; about 4 minutes on two cores


class CliUnavailableError(Exception):
    """Neither a `pulumi` command line nor the means to build one is here; the text says what is missing."""


@dataclass(frozen=True)
class PulumiCli:
    """A `pulumi` executable.

    Attributes:
        executable: The path of the binary.
        own_python_host: Whether its own Python language host lies beside it. The command line then uses that
            one, whatever is on PATH; else the tests put the stand-in there.
    """

    executable: Path
    own_python_host: bool


def find_or_build(environ: Mapping[str, str]) -> PulumiCli:
    """Returns the command line to test with: the named one, the installed one, or the built one.

    Args:
        environ: The environment; `MULTIREGION_GUARD_PULUMI` may name an executable, PATH is searched else.

    Raises:
        CliUnavailableError: Nothing is installed and nothing can be built; the message names the reason.
    """
    named = environ.get(OVERRIDE)
    if named:
        return _named(Path(named).expanduser())
    installed = _installed(environ)
    return installed if installed else PulumiCli(_build(environ), own_python_host=False)


def is_built(environ: Mapping[str, str]) -> bool:
    """Whether `find_or_build` will return at once: a command line is named, installed, or in the cache."""
    if environ.get(OVERRIDE) or _installed(environ):
        return True
    return (_cache_directory(environ) / "pulumi").exists()


def pinned_version() -> str:
    """The version of the command line that `cli/go.mod` pins, such as `v3.259.0`."""
    match = re.search(r"github\.com/pulumi/pulumi/pkg/v3 (v\S+)", (MODULE / "go.mod").read_text(encoding="utf-8"))
    if match is None:
        raise CliUnavailableError(f"{MODULE / 'go.mod'} does not pin github.com/pulumi/pulumi/pkg/v3")
    return match[1]


def _named(executable: Path) -> PulumiCli:
    if not os.access(executable, os.X_OK):
        raise CliUnavailableError(f"{OVERRIDE} names {executable}, which is no executable file")
    return PulumiCli(executable, _has_host(executable))


def _installed(environ: Mapping[str, str]) -> PulumiCli | None:
    """The `pulumi` on PATH, if its Python host is installed with it: without one it could run no program."""
    path = environ.get("PATH", os.defpath)
    found = shutil.which("pulumi", path=path)
    if found is None:
        return None
    executable = Path(found)
    if _has_host(executable):
        return PulumiCli(executable, own_python_host=True)
    if shutil.which(PYTHON_HOST, path=path):
        # Found on PATH by the command line too, as long as nothing stands before it.
        return PulumiCli(executable, own_python_host=True)
    return None


def _has_host(executable: Path) -> bool:
    return (executable.resolve().parent / PYTHON_HOST).exists()


def _build(environ: Mapping[str, str]) -> Path:
    go = shutil.which("go", path=environ.get("PATH", os.defpath))
    directory = _cache_directory(environ)
    binary = directory / "pulumi"
    if binary.exists():
        return binary
    if go is None:
        raise CliUnavailableError("no `pulumi` with its Python host and no `go` to build one is on PATH")
    directory.mkdir(parents=True, exist_ok=True)
    with _lock(directory / "lock"):
        if not binary.exists():
            _compile(go, binary)
    return binary


def _cache_directory(environ: Mapping[str, str]) -> Path:
    """Where the built binary is kept; another lock of the module's dependencies is another directory."""
    cache = environ.get("XDG_CACHE_HOME") or str(Path(environ.get("HOME", "~")).expanduser() / ".cache")
    digest = hashlib.sha256((MODULE / "go.sum").read_bytes()).hexdigest()[:12]
    return Path(cache) / "multiregion-guard" / f"pulumi-{pinned_version()}-{digest}"


def _compile(go: str, binary: Path) -> None:
    """Builds under another name first, so that an interrupted build leaves nothing that looks finished."""
    with tempfile.TemporaryDirectory(dir=binary.parent) as staging:
        built = Path(staging) / "pulumi"
        flags = f"-s -w -X {VERSION_VARIABLE}={pinned_version()}"
        command = [go, "build", "-mod=readonly", "-ldflags", flags, "-o", str(built), PACKAGE]
        try:
            done = subprocess.run(
                command, cwd=MODULE, capture_output=True, text=True, timeout=BUILD_TIME_LIMIT, check=False
            )
        except subprocess.TimeoutExpired as error:
            raise CliUnavailableError(f"building pulumi took longer than {BUILD_TIME_LIMIT} seconds") from error
        if done.returncode != 0:
            last_lines = "\n".join(done.stderr.splitlines()[-15:])
            raise CliUnavailableError(f"`{' '.join(command)}` failed in {MODULE}:\n{last_lines}")
        built.replace(binary)


@contextmanager
def _lock(path: Path) -> Iterator[None]:
    """Holds an exclusive file lock, so that test processes at the same time build once."""
    with path.open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
