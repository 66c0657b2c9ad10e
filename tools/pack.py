"""Writes a slim copy of the pack, fit to be run or published: `python tools/pack.py DIR`.

`pulumi policy publish` archives the whole folder of a pack, tests and stacks included, and leaves out what a
`.gitignore` of any parent names. So the copy must stand outside this repository.

The requirements of the copy are pinned, with hashes: what is installed for it is what was tested, file by file.
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
FILES = {
    "PulumiPolicy.yaml": "PulumiPolicy.yaml",
    "__main__.py": "__main__.py",
    "requirements-hashed.txt": "requirements.txt",
    "LICENSE": "LICENSE",
    "README.md": "README.md",
}
"""File here, to what it is called there."""

GITIGNORE = "venv/\n__pycache__/\n"


def main() -> None:
    """Copy the pack."""
    if len(sys.argv) != 2 or not sys.argv[1]:
        sys.exit("error: no folder named\n  what to do: make pack DIR=/path/outside/this/repository")
    target = Path(sys.argv[1]).expanduser().resolve()
    if target == ROOT or target.is_relative_to(ROOT):
        sys.exit(
            f"error: {target} lies inside this repository, whose .gitignore would thin out the archive\n"
            "  what to do: name a folder outside it"
        )
    if target.exists() and any(target.iterdir()) and not (target / "PulumiPolicy.yaml").exists():
        sys.exit(f"error: {target} is not empty and holds no pack\n  what to do: name another folder")
    target.mkdir(parents=True, exist_ok=True)
    shutil.rmtree(target / "policypack", ignore_errors=True)
    shutil.copytree(ROOT / "policypack", target / "policypack", ignore=shutil.ignore_patterns("__pycache__", "*.pyc"))
    for here, there in FILES.items():
        shutil.copy2(ROOT / here, target / there)
    (target / ".gitignore").write_text(GITIGNORE)
    print(f"The pack is in {target}")
    print(f"  to try it:     (cd {target} && pulumi install), then pulumi preview --policy-pack {target}")
    print(f"  to publish it: (cd {target} && pulumi policy publish)")


if __name__ == "__main__":
    main()
