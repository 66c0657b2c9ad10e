"""The dry-run engine: runs a program without any cloud and records what it registers.

The program runs unmodified, with its own SDK, in its own interpreter. It talks to an engine, and that engine is this
package: it speaks Pulumi's own protocols in preview mode, so it needs no CLI, no account, no credentials, no plugin.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from policypack.model.values import UNKNOWN, Value
from policypack.sources.hiding import without_secrets
from policypack.sources.program.errors import ProgramError
from policypack.sources.program.functions import Functions, read_answers
from policypack.sources.program.monitor import Monitor
from policypack.sources.program.process import Launch, run
from policypack.sources.program.project import find_language, find_project
from policypack.sources.program.recording import Place, Recording
from policypack.sources.program.stack_config import StackConfig, read_config
from policypack.sources.wire import UNKNOWN_TEXT

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from policypack.model.resource import Resource

__all__ = ["ProgramError", "ProgramRun", "run_program"]


@dataclass(frozen=True)
class ProgramRun:
    """What a program registered.

    Attributes:
        project: Name of the Pulumi project.
        stack: Name of the stack.
        resources: Everything the program made or read, components and providers included, sorted by URN.
        notes: What the report should say of the run: a fallback, unknown secrets, an unlisted provider version.
        directory: The folder of the project.
        main: The file that the program starts with.
        secrets: Every text that was a secret of the stack's config; nothing that is shown may hold one.
    """

    project: str
    stack: str
    resources: tuple[Resource, ...]
    notes: tuple[str, ...]
    directory: Path
    main: Path
    secrets: frozenset[str] = frozenset()


def run_program(
    path: Path,
    *,
    stack: str | None = None,
    config: Mapping[str, str] | None = None,
    python: str | None = None,
    timeout: float = 120.0,
    answers: Path | None = None,
) -> ProgramRun:
    """Run a program in Python, JavaScript or TypeScript dry and record the graph of its stack.

    Args:
        path: The folder with the Pulumi.yaml, or one Python file.
        stack: The stack whose config it gets; without it, that of the only config file, else an empty one.
        config: Values that are set by hand; a key without a colon is one of the project's.
        python: The interpreter that runs a Python program, instead of the project's own.
        timeout: How long it may run, in seconds.
        answers: A file with the results of provider functions.

    Raises:
        ProgramError: The program could not be run to its end.
    """
    project = find_project(path)
    settings = read_config(project, stack, config or {})
    language, fallback = find_language(project, python)
    functions = Functions(read_answers(answers) if answers else None)
    recording = Recording(
        Place(
            project.name,
            settings.stack,
            project.directory,
            project.packages,
            _default_provider(settings),
            _naming(settings),
        )
    )
    try:
        with Monitor(recording, functions) as monitor:
            ended = run(Launch(project, settings, language, timeout), monitor)
    except ProgramError as error:
        # Not chained: what led to it may hold the same words.
        raise without_secrets(error, settings.secrets | recording.secrets) from None
    notes = (*fallback, *settings.notes, *functions.notes(), *recording.notes(), *monitor.notes(), *ended)
    name, stack = project.name, settings.stack
    return ProgramRun(name, stack, recording.resources, notes, project.directory, project.main, settings.secrets)


def _naming(settings: StackConfig) -> str:
    """Give the mode in which the stack wants names to be made up; "" for the usual one."""
    try:
        written = json.loads(settings.values.get("pulumi:autonaming") or "{}")
    except ValueError:
        return "unread"
    if not isinstance(written, dict) or written in ({}, {"mode": "default"}):
        return ""
    # Patterns, and what is said of one provider or resource alone, are not worked out here.
    return "verbatim" if written == {"mode": "verbatim"} else "pattern"


def _default_provider(settings: StackConfig) -> dict[str, Value]:
    """Give the configuration of the default provider of Google Cloud, as far as rules look at it."""
    found = {name: settings.values.get(f"gcp:{name}") for name in ("project", "region", "zone")}
    return {name: UNKNOWN if UNKNOWN_TEXT in text else text for name, text in found.items() if text}
