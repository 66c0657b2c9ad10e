"""The configuration of a stack, as a program gets to see it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from policypack.sources.hiding import config_secrets
from policypack.sources.program.errors import ProgramError
from policypack.sources.program.passphrase import Passphrase
from policypack.sources.program.yaml_files import Document, as_json
from policypack.sources.wire import UNKNOWN_TEXT

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from policypack.sources.program.project import Project

DEFAULT_STACK = "dev"


@dataclass(frozen=True)
class StackConfig:
    """The configuration of one stack.

    Attributes:
        stack: Name of the stack.
        values: For each full key (`shop:region`, `gcp:project`), its text; objects and lists are JSON.
        secret_keys: The keys whose values are secrets.
        notes: What the report should say.
        secrets: Every text that was encrypted and could be opened; nothing that is shown may hold one.
    """

    stack: str
    values: Mapping[str, str]
    secret_keys: tuple[str, ...]
    notes: tuple[str, ...]
    secrets: frozenset[str] = frozenset()


def read_config(project: Project, stack: str | None, given: Mapping[str, str]) -> StackConfig:
    """Read the configuration that a program is run with.

    Args:
        project: The program.
        stack: The stack that the user names, or None.
        given: What the user sets by hand: these values win.

    Raises:
        ProgramError: The stack has no config file while others have, or a file cannot be read.
    """
    name, path, notes = _choose(project, stack)
    values = _project_defaults(project)
    keys: tuple[str, ...] = ()
    secrets: frozenset[str] = frozenset()
    if path is not None:
        reader = _Reader(Document(path), project.name)
        values |= reader.read()
        keys = tuple(sorted(reader.secret_keys))
        secrets = frozenset(reader.opened)
        notes += reader.notes()
    for key, value in given.items():
        values[_full(key, project.name)] = value
    return StackConfig(name, values, tuple(key for key in keys if key not in _keys(given, project)), notes, secrets)


def _keys(given: Mapping[str, str], project: Project) -> set[str]:
    return {_full(key, project.name) for key in given}


def _full(key: str, project: str) -> str:
    return key if ":" in key else f"{project}:{key}"


def _choose(project: Project, stack: str | None) -> tuple[str, Path | None, tuple[str, ...]]:
    files = {
        path.name.removeprefix("Pulumi.").removesuffix(path.suffix): path
        for path in sorted(project.config_directory.glob("Pulumi.*.y*ml"))
        if path.suffix in {".yaml", ".yml"}
    }
    if stack is not None:
        # A name may come with its organisation and project: `acme/shop/prod`.
        short = stack.rpartition("/")[2]
        if files and short not in files:
            raise ProgramError(
                f"there is no config for the stack {short!r}",
                f"{project.config_directory / f'Pulumi.{short}.yaml'}",
                f"The stacks with a config file are: {', '.join(files)}.",
            )
        return short, files.get(short), ()
    if len(files) == 1:
        name, path = next(iter(files.items()))
        return name, path, ()
    if not files:
        return DEFAULT_STACK, None, ()
    several = ", ".join(files)
    if DEFAULT_STACK in files:
        note = f"several stacks have a config file ({several}); judged {DEFAULT_STACK}, name another with --stack"
        return DEFAULT_STACK, files[DEFAULT_STACK], (note,)
    note = f"several stacks have a config file ({several}); judged with an empty config, name one with --stack"
    return DEFAULT_STACK, None, (note,)


def _project_defaults(project: Project) -> dict[str, str]:
    """Give the values that Pulumi.yaml itself sets for every stack."""
    document = project.document
    if document is None or document.text("config") is not None:
        return {}
    values = {}
    for key, entry in document.section("config").items():
        path: tuple[str, ...] = ("config", key)
        if isinstance(entry, dict):
            # `value` sets any key, `default` one of the project's own.
            field = next((field for field in ("value", "default") if field in entry), None)
            if field is None:
                continue
            path = (*path, field)
        values[_full(key, project.name)] = document.config_text(*path)
    return values


class _Reader:
    """Reads one stack's config file and counts the secrets that stay closed."""

    def __init__(self, document: Document, project: str) -> None:
        self.secret_keys: set[str] = set()
        self.opened: set[str] = set()
        self._document = document
        self._project = project
        self._passphrase = Passphrase(document.text("encryptionsalt"))
        self._closed = 0

    def read(self) -> dict[str, str]:
        """Give every value by its full key."""
        values = {}
        for key, entry in self._document.section("config").items():
            full = _full(key, self._project)
            if _is_secure(entry):
                self.secret_keys.add(full)
                values[full] = self._open(entry["secure"])
            elif _has_secure(entry):
                self.secret_keys.add(full)
                values[full] = as_json(self._opened(entry))
            else:
                values[full] = self._document.config_text("config", key)
        return values

    def notes(self) -> tuple[str, ...]:
        """Say what of the file could not be used."""
        notes = []
        if self._closed:
            values = "value is" if self._closed == 1 else "values are"
            notes.append(
                f"{self._closed} secret config {values} unknown: {self._passphrase.problem or 'it cannot be opened'}"
            )
        if self._document.content.get("environment"):
            notes.append(f"the environments that {self._document.path.name} imports were not read")
        return tuple(notes)

    def _open(self, sealed: object) -> str:
        opened = self._passphrase.open(sealed) if isinstance(sealed, str) else None
        if opened is None:
            self._closed += 1
            # Whatever the program makes of this text is then unknown too.
            return UNKNOWN_TEXT
        self.opened |= config_secrets(opened)
        return opened

    def _opened(self, value: Any) -> Any:
        """Open every secret inside an object or list."""
        if _is_secure(value):
            return self._open(value["secure"])
        if isinstance(value, dict):
            return {key: self._opened(item) for key, item in value.items()}
        if isinstance(value, list):
            return [self._opened(item) for item in value]
        return value


def _is_secure(value: object) -> bool:
    return isinstance(value, dict) and set(value) == {"secure"} and isinstance(value["secure"], str)


def _has_secure(value: object) -> bool:
    if isinstance(value, dict):
        return _is_secure(value) or any(map(_has_secure, value.values()))
    return isinstance(value, list) and any(map(_has_secure, value))
