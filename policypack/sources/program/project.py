"""What Pulumi.yaml says of a program: its name, its language, where it starts and what interpreter runs it."""

from __future__ import annotations

import json
import shutil
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from policypack.sources.program.errors import ProgramError
from policypack.sources.program.languages import Language, NodeJs, Python
from policypack.sources.program.yaml_files import Document

if TYPE_CHECKING:
    from collections.abc import Mapping

_PROJECT_FILES: Final = ("Pulumi.yaml", "Pulumi.yml", "Pulumi.json")
_MAIN: Final = "__main__.py"

PYTHON: Final = "python"
NODEJS: Final = "nodejs"
_NODE_MAINS: Final = ("index.ts", "index.js", "index.mts", "index.mjs")


@dataclass(frozen=True)
class Project:
    """A Pulumi program and the project around it.

    Attributes:
        name: Name of the project.
        directory: The folder of the project: absolute, without symbolic links.
        main: The file that the program starts with.
        virtualenv: Folder of the declared virtualenv, relative to the project, or "".
        language: `python` or `nodejs`.
        options: What Pulumi.yaml says of the runtime.
        document: The project file; None for a single file without one.
    """

    name: str
    directory: Path
    main: Path
    virtualenv: str = ""
    document: Document | None = None
    language: str = PYTHON
    options: Mapping[str, Any] = field(default_factory=dict)

    @property
    def start(self) -> Path:
        """The folder that the program is run in."""
        return self.main if self.main.is_dir() else self.main.parent

    @property
    def packages(self) -> str:
        """Name of the folder in the project below which installed packages lie."""
        if self.language == NODEJS:
            return "node_modules"
        return Path(self.virtualenv).parts[0] if self.virtualenv else "venv"

    @property
    def config_directory(self) -> Path:
        """The folder with the stacks' config files."""
        if self.document is None:
            return self.directory
        # Before `stackConfigDir` there was a `config` that is a text.
        folder = self.document.text("stackConfigDir") or self.document.text("config")
        return self.directory / folder if folder else self.directory


def find_project(path: Path) -> Project:
    """Find the program behind a path: a folder with a Pulumi.yaml, or one Python file.

    Raises:
        ProgramError: There is no program that can be run.
    """
    if not path.exists():
        raise ProgramError(f"{path} does not exist", f"{path}", "Give the folder of a Pulumi program, or its .py file.")
    path = path.resolve()
    # The file of a project stands for its folder.
    if path.name in _PROJECT_FILES and path.is_file():
        path = path.parent
    if not path.is_dir() and (path.suffix != ".py" or not path.is_file()):
        raise ProgramError(
            f"{path.name} is no Python file", f"{path}", "Give the folder with the Pulumi.yaml, or one .py file."
        )
    directory = path if path.is_dir() else path.parent
    document = _project_file(directory)
    if document is None:
        if path.is_dir():
            raise ProgramError(
                f"{path.name} has no Pulumi.yaml",
                f"{path}",
                "Give the folder of a Pulumi program, the one that `pulumi preview` runs in, or a single .py file.",
            )
        return Project(path.stem, directory, path)
    return _described(document, directory, None if path.is_dir() else path)


def _project_file(directory: Path) -> Document | None:
    for name in _PROJECT_FILES:
        if (directory / name).is_file():
            return Document(directory / name)
    return None


def _described(document: Document, directory: Path, main: Path | None) -> Project:
    language, options = _runtime(document)
    if language not in {PYTHON, NODEJS}:
        raise ProgramError(
            f"the program is written for the runtime {language!r}; "
            "only Python, JavaScript and TypeScript programs can be run here",
            document.where("runtime"),
            "Judge its preview: `pulumi preview --json --show-sames > preview.json && multiregion-guard audit "
            "preview.json`, or let the Pulumi CLI run this pack: `pulumi preview --policy-pack PATH_TO_PACK`.",
        )
    name = document.text("name")
    if not name:
        raise ProgramError("the project has no name", f"{document.path}", "Add a line `name: …`.")
    if language == NODEJS:
        return Project(name, directory, _node_main(document, directory), "", document, NODEJS, options)
    virtualenv = options.get("virtualenv") or (".venv" if options.get("toolchain") == "uv" else "")
    return Project(name, directory, main or _main(document, directory), f"{virtualenv}", document, PYTHON, options)


def _runtime(document: Document) -> tuple[str, dict[str, Any]]:
    runtime = document.content.get("runtime")
    if isinstance(runtime, str):
        return runtime, {}
    if isinstance(runtime, dict) and isinstance(runtime.get("name"), str):
        options = runtime.get("options")
        return runtime["name"], options if isinstance(options, dict) else {}
    raise ProgramError("the project names no runtime", document.where("runtime"), "Add a line `runtime: python`.")


def _main(document: Document, directory: Path) -> Path:
    declared = document.text("main")
    start = (directory / declared).resolve() if declared else directory
    main = start / _MAIN if start.is_dir() else start
    if not main.is_file():
        raise ProgramError(
            f"the program has no {main.relative_to(directory) if main.is_relative_to(directory) else main}",
            document.where("main"),
            f"Pulumi starts a Python program with its {_MAIN}; name another place with `main:` in Pulumi.yaml.",
        )
    return main


def _node_main(document: Document, directory: Path) -> Path:
    """Give the file that a Node.js program starts with, as far as a look at its folder can tell."""
    declared = document.text("main")
    start = (directory / declared).resolve() if declared else directory
    if not start.is_dir():
        if start.is_file():
            return start
        raise ProgramError(f"the program has no {declared}", document.where("main"), "Correct `main:` in Pulumi.yaml.")
    named = _package_main(start)
    for main in (start / name for name in (*named, *_NODE_MAINS)):
        if main.is_file():
            return main.resolve()
    # Somewhere else, such as the exports of package.json: the SDK finds it.
    if named or (start / "package.json").is_file():
        return start
    raise ProgramError(
        "the program has neither index.ts nor index.js, and no package.json",
        f"{start}",
        "Give the folder of a Pulumi program, the one that `pulumi preview` runs in.",
    )


def _package_main(folder: Path) -> tuple[str, ...]:
    try:
        package = json.loads((folder / "package.json").read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return ()
    main = package.get("main") if isinstance(package, dict) else None
    return (main,) if isinstance(main, str) and main else ()


def find_language(project: Project, python: str | None) -> tuple[Language, tuple[str, ...]]:
    """Give what runs a program, and what the report should say of the choice.

    Args:
        project: The program.
        python: The interpreter that the user asks for: a path, or a command.

    Raises:
        ProgramError: It is not there.
    """
    if project.language == PYTHON:
        interpreter, notes = find_interpreter(project, python)
        return Python(project, interpreter), notes
    node = shutil.which("node")
    if node is None:
        raise ProgramError(
            "the program needs Node.js, and there is no `node` on PATH", "", "Install Node.js, then check again."
        )
    return NodeJs(project, node), ()


def find_interpreter(project: Project, python: str | None) -> tuple[str, tuple[str, ...]]:
    """Give the Python that runs a program, and what the report should say of the choice.

    Args:
        project: The program.
        python: What the user asks for: a path, or a command.

    Raises:
        ProgramError: What the user asks for is not there.
    """
    if python:
        found = shutil.which(python)
        if found is None:
            raise ProgramError(f"the interpreter {python!r} is not there", "", "Check --python.")
        return str(Path(found).absolute()), ()
    if not project.virtualenv:
        if project.options.get("toolchain") != "poetry":
            return sys.executable, ()
        note = f"Poetry keeps the virtualenv of the program elsewhere, so it was run by {sys.executable}"
        return sys.executable, (f'{note}; name that one: --python "$(poetry env info --executable)"',)
    folder = project.directory / project.virtualenv
    for inside in ("bin/python", "Scripts/python.exe"):
        if (folder / inside).exists():
            return str(folder / inside), ()
    missing = f"the virtualenv {project.virtualenv!r} that Pulumi.yaml declares is not there"
    return sys.executable, (f"{missing}; the program was run by {sys.executable} (`pulumi install` makes it)",)
