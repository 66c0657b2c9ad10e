"""Writes `constraints.txt`: the exact versions that `tools/bootstrap.py` installs. `make lock` runs it.

Each dependency is resolved anew in a throw-away virtualenv, so that nothing installed by hand is pinned. Run it with
the oldest Python supported (`make lock PYTHON=python3.10`): newer releases of some tools no longer support it.
"""

from __future__ import annotations

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


if __name__ == "__main__":
    main()
