"""What Pulumi.yaml says of a program: its name, its language, where it starts and what interpreter runs it."""

from __future__ import annotations

import shutil
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from policypack.sources.program.errors import ProgramError
from policypack.sources.program.yaml_files import Document

_PROJECT_FILES: Final = ("Pulumi.yaml", "Pulumi.yml", "Pulumi.json")
_MAIN: Final = "__main__.py"


@dataclass(frozen=True)
class Project:
    """A Pulumi program and the project around it.

    Attributes:
        name: Name of the project.
        directory: The folder of the project: absolute, without symbolic links.
        main: The file that the program starts with.
        virtualenv: Folder of the declared virtualenv, relative to the project, or "".
        document: The project file; None for a single file without one.
    """

    name: str
    directory: Path
    main: Path
    virtualenv: str = ""
    document: Document | None = None

    @property
    def packages(self) -> str:
        """Name of the folder in the project below which installed packages lie."""
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
    if path.is_file() and path.suffix != ".py":
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
    if language != "python":
        raise ProgramError(
            f"the program is written for the runtime {language!r}; only Python programs can be run here",
            document.where("runtime"),
            "Judge it with the Pulumi CLI and this pack: `pulumi preview --policy-pack PATH_TO_PACK`.",
        )
    name = document.text("name")
    if not name:
        raise ProgramError("the project has no name", f"{document.path}", "Add a line `name: …`.")
    virtualenv = options.get("virtualenv") or (".venv" if options.get("toolchain") == "uv" else "")
    return Project(name, directory, main or _main(document, directory), f"{virtualenv}", document)


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
        return sys.executable, ()
    folder = project.directory / project.virtualenv
    for inside in ("bin/python", "Scripts/python.exe"):
        if (folder / inside).exists():
            return str(folder / inside), ()
    missing = f"the virtualenv {project.virtualenv!r} that Pulumi.yaml declares is not there"
    return sys.executable, (f"{missing}; the program was run by {sys.executable} (`pulumi install` makes it)",)
