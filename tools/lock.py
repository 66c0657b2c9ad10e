"""Writes down what is installed, exactly. `make lock` runs it.

- `constraints.txt`: the versions that `tools/bootstrap.py` installs;
- `requirements-hashed.txt`: of these, what the pack itself needs, for every system and every Python supported, with
  the hash of each file that there is. `make pack` makes it the requirements of the pack that is published.

Each dependency is resolved anew in a throw-away virtualenv, so that nothing installed by hand is pinned. Run it with
the oldest Python supported (`make lock PYTHON=python3.10`): newer releases of some tools no longer support it.

Packages come from where pip is configured to take them; neither file names the place.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
OLDEST = (3, 10)
HEADER = (
    "# Exact versions that the virtualenv gets, resolved on the oldest Python supported;"
    " `make lock` writes this file.\n"
)
HASHED_HEADER = (
    "# What the pack needs while the Pulumi engine runs it, with the hash of every file that pip may install;"
    " `make lock` writes this file.\n"
)


def main() -> None:
    """Resolve, freeze, write."""
    if sys.version_info[:2] != OLDEST:
        sys.exit("error: pins must suit the oldest Python supported\n  what to do: make lock PYTHON=python3.10")
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([sys.executable, "-m", "venv", folder], check=True)
        pip = [str(Path(folder) / "bin" / "python"), "-m", "pip", "--disable-pip-version-check"]
        subprocess.run([*pip, "install", "--quiet", f"{ROOT}[dev]"], check=True)
        frozen = subprocess.run([*pip, "freeze"], check=True, capture_output=True, text=True).stdout
        lines = [line for line in frozen.splitlines() if not line.startswith(("multiregion-guard", "-e "))]
        (ROOT / "constraints.txt").write_text(HEADER + "\n".join(lines) + "\n")
        # Last, so that it is not frozen with the rest.
        subprocess.run([*pip, "install", "--quiet", "uv"], check=True)
        hashed = with_hashes(Path(folder) / "bin" / "uv", index(pip))
    (ROOT / "requirements-hashed.txt").write_text(HASHED_HEADER + hashed)


def index(pip: list[str]) -> str:
    """Give the index that pip takes packages from, if it is configured to take another than its own."""
    asked = subprocess.run([*pip, "config", "get", "global.index-url"], check=False, capture_output=True, text=True)
    return os.environ.get("PIP_INDEX_URL") or asked.stdout.strip()


def with_hashes(uv: Path, source: str) -> str:
    """Resolve what the pack needs, for all systems at once, at the versions of `constraints.txt`."""
    wanted = ["--universal", "--python-version", ".".join(map(str, OLDEST)), "--generate-hashes"]
    silent = ["--quiet", "--no-header", "--no-annotate", "--no-emit-index-url", "--no-emit-find-links"]
    return subprocess.run(
        [str(uv), "pip", "compile", "requirements.txt", "--constraint", "constraints.txt", *wanted, *silent],
        cwd=ROOT,
        env={**os.environ, **({"UV_DEFAULT_INDEX": source} if source else {})},
        check=True,
        capture_output=True,
        text=True,
    ).stdout


if __name__ == "__main__":
    main()
