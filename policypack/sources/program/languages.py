"""The languages of programs that can be run dry: how each is started, and what its users are advised to do."""

from __future__ import annotations

import abc
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from policypack.sources.program.project import Project

HERE = Path(__file__).parent


@dataclass(frozen=True)
class Language(abc.ABC):
    """What differs between the languages.

    Attributes:
        project: The program.
        runtime: The interpreter that is started.
        choice: What to do if it cannot be started.
        own_exit: The call by which a program ends itself.
    """

    project: Project
    runtime: str
    choice: ClassVar[str]
    own_exit: ClassVar[str]

    @abc.abstractmethod
    def command(self) -> list[str]:
        """Give the command that runs the program, as the settings in its environment tell."""

    @abc.abstractmethod
    def install(self, module: str) -> str:
        """Advise what to do if a package is missing."""

    def settings(self) -> dict[str, object]:
        """Give the settings that only this language has."""
        return {}

    def environment(self) -> dict[str, str]:
        """Give the variables that only this language has."""
        return {}


@dataclass(frozen=True)
class Python(Language):
    """Programs in Python."""

    choice: ClassVar[str] = "Check --python."
    own_exit: ClassVar[str] = "sys.exit"

    def command(self) -> list[str]:
        """Give the command that runs the program."""
        return [self.runtime, str(HERE / "runner.py")]

    def settings(self) -> dict[str, object]:
        """Give the settings that only this language has."""
        return {"virtualenv": self.project.packages}

    def install(self, module: str) -> str:
        """Advise what to do if a package is missing."""
        requirements = self.project.directory / "requirements.txt"
        package = (module or "pulumi").partition(".")[0].replace("_", "-")
        what = f"-r {requirements}" if requirements.is_file() else package
        command = f"{self.runtime} -m pip install {what}"
        return f"Install what the program needs, `{command}`, or name another Python with --python."


@dataclass(frozen=True)
class NodeJs(Language):
    """Programs in JavaScript and TypeScript."""

    choice: ClassVar[str] = "Install Node.js, and see that `node` is on PATH."
    own_exit: ClassVar[str] = "process.exit"

    def command(self) -> list[str]:
        """Give the command that runs the program."""
        arguments = self.project.options.get("nodeargs")
        extra = arguments.split() if isinstance(arguments, str) else []
        return [self.runtime, *extra, str(HERE / "runner.cjs")]

    def settings(self) -> dict[str, object]:
        """Give the settings that only this language has."""
        # Where Pulumi.yaml names no file, the SDK finds it out from package.json.
        named = self.project.document is not None and self.project.document.text("main")
        is_file = bool(named) and (self.project.directory / str(named)).is_file()
        return {"entry": str(self.project.main) if is_file else "."}

    def environment(self) -> dict[str, str]:
        """Give the variables that only this language has: those that the SDK's own launcher reads."""
        found = {}
        if self.project.options.get("typescript") is not False:
            found["PULUMI_NODEJS_TYPESCRIPT"] = "true"
        if isinstance(self.project.options.get("tsconfig"), str):
            found["PULUMI_NODEJS_TSCONFIG_PATH"] = str(self.project.options["tsconfig"])
        return found

    def install(self, module: str) -> str:
        """Advise what to do if a package is missing."""
        del module
        manager = self.project.options.get("packagemanager")
        command = f"{manager} install" if manager in {"pnpm", "yarn", "bun"} else "npm install"
        return f"Install what the program needs: `{command}` in {self.project.directory}."
