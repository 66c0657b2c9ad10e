"""Runs the user's program in a process of its own, for a limited time, and says how it ended."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from policypack.sources.program.errors import ProgramError
from policypack.sources.program.lookups import NOT_TOLD
from policypack.sources.wire import UNKNOWN_TEXT

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import IO

    from policypack.sources.program.languages import Language
    from policypack.sources.program.monitor import Monitor
    from policypack.sources.program.project import Project
    from policypack.sources.program.stack_config import StackConfig

SETTINGS: Final = "MULTIREGION_GUARD_RUN"
_PARALLEL: Final = 16
_LAST_LINES: Final = 15
_MOST_LOST: Final = 5
_NOT_TOLD: Final = "[known to the cloud only]"


@dataclass(frozen=True)
class Launch:
    """What is to be run.

    Attributes:
        project: The program.
        config: The configuration it gets.
        language: What runs it.
        timeout: How long it may run, in seconds.
    """

    project: Project
    config: StackConfig
    language: Language
    timeout: float


def run(launch: Launch, monitor: Monitor) -> tuple[str, ...]:
    """Run the program to its end against the monitor.

    Returns:
        What the report should say of the run.

    Raises:
        ProgramError: The program did not come to a good end.
    """
    with tempfile.TemporaryFile() as output:
        try:
            ended, outcome = _finish(launch, monitor.address, output)
        except subprocess.TimeoutExpired as error:
            raise monitor.failure or _endless(launch, output) from error
        if monitor.crash is not None:
            raise monitor.crash
        if monitor.failure is not None:
            raise _placed(launch, monitor.failure, outcome)
        lost = monitor.missing(outcome.get("made", ()))
        if outcome.get("code") == 0 and (lost or outcome.get("midway")):
            raise _too_soon(launch, outcome, lost)
        return _judge(launch, outcome or {"outcome": "gone", "code": ended}, output)


def _finish(launch: Launch, address: str, output: IO[bytes]) -> tuple[int, dict[str, Any]]:
    """Start the process, wait for it, and leave nothing of it behind."""
    reading, writing = os.pipe()
    # Open until the end, so that the process ends by itself if this one goes.
    lifeline, held = os.pipe()
    with os.fdopen(reading, "rb") as report, os.fdopen(held, "wb"):
        try:
            process = subprocess.Popen(
                launch.language.command(),
                env=_environment(launch, address, writing, lifeline),
                cwd=launch.project.start,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                pass_fds=(writing, lifeline),
                start_new_session=True,
            )
        except OSError as error:
            raise ProgramError(
                f"the interpreter {launch.language.runtime} cannot be started: {error.strerror}",
                "",
                launch.language.choice,
            ) from error
        finally:
            os.close(writing)
            os.close(lifeline)
        try:
            code = process.wait(launch.timeout)
        finally:
            # Whatever the program started ends with it.
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        text = report.read()
    return code, json.loads(text) if text else {}


def _environment(launch: Launch, address: str, report: int, lifeline: int = -1) -> dict[str, str]:
    project, config = launch.project, launch.config
    settings = {
        "address": address,
        "report": report,
        "lifeline": lifeline,
        "project": project.name,
        "stack": config.stack,
        "organization": "organization",
        "parallel": _PARALLEL,
        "root_directory": str(project.directory),
        "program_directory": str(project.start),
        "main": str(project.main),
        "config": dict(config.values),
        "secret_keys": list(config.secret_keys),
        "unknown_keys": [key for key, value in config.values.items() if value == UNKNOWN_TEXT],
        **launch.language.settings(),
    }
    return {
        **os.environ,
        "PULUMI_CONFIG": json.dumps(dict(config.values)),
        "PULUMI_CONFIG_SECRET_KEYS": json.dumps(list(config.secret_keys)),
        "PULUMI_DRY_RUN": "true",
        **launch.language.environment(),
        SETTINGS: json.dumps(settings),
    }


def _judge(launch: Launch, outcome: Mapping[str, Any], output: IO[bytes]) -> tuple[str, ...]:
    kind = outcome["outcome"]
    if kind == "done":
        return ()
    if kind == "exit" and outcome["code"] == 0:
        return (f"the program ended itself with {launch.language.own_exit}; what it registered until then was judged",)
    if kind == "exit":
        said = tuple(outcome["message"].splitlines()) or _last_lines(output)
        frames = _frames(launch, outcome)
        raise ProgramError(
            f"the program ended itself with exit code {outcome['code']}",
            _place(launch, frames),
            "Run it with what it asks for (--stack, --config key=value), then check again.",
            said,
        )
    if kind == "no-sdk":
        raise ProgramError(
            f"{launch.language.runtime} cannot import the Pulumi SDK: {outcome['message']}",
            "",
            launch.language.install(outcome["module"] or ""),
        )
    if kind == "raised":
        raise _raised(launch, outcome)
    raise ProgramError(_gone(outcome), _main_name(launch), "Look at what it printed last.", _last_lines(output))


def _gone(outcome: Mapping[str, Any]) -> str:
    """Say how a process ended of whose program nothing more is known."""
    code = outcome["code"]
    if outcome["outcome"] == "failed":
        return f"the program ended with exit code {code}"
    if code >= 0:
        return f"the program's process ended before the program did (exit code {code})"
    name = signal.Signals(-code).name if -code in set(signal.Signals) else f"signal {-code}"
    why = ": the system may have run out of memory" if -code == signal.SIGKILL else ""
    return f"the program's process was ended by {name}{why}"


def _too_soon(launch: Launch, outcome: Mapping[str, Any], lost: Sequence[str]) -> ProgramError:
    """Say what a program lost that ended itself while its resources were still waiting to be registered."""
    named = ", ".join(lost[:_MOST_LOST]) + (f" and {len(lost) - _MOST_LOST} more" if len(lost) > _MOST_LOST else "")
    return ProgramError(
        f"the program ended itself with {launch.language.own_exit} before it had registered what it made"
        + (f": {named}" if named else ""),
        _place(launch, _frames(launch, outcome)),
        f"Leave {launch.language.own_exit} out: a program ends by itself when all is registered. "
        "A deployment with Pulumi would lose these resources as well.",
    )


def _placed(launch: Launch, failure: ProgramError, outcome: Mapping[str, Any]) -> ProgramError:
    """Give a failure the line of the program that ended on it, if it has no place of its own."""
    if failure.where or not outcome.get("frames"):
        return failure
    raised = _raised(launch, outcome)
    return ProgramError(failure.what, raised.where, failure.what_to_do, failure.trace or raised.trace)


def _frames(launch: Launch, outcome: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [{**frame, "file": _relative(launch, frame["file"])} for frame in outcome.get("frames", ())]


def _place(launch: Launch, frames: Sequence[Mapping[str, Any]]) -> str:
    return f"{frames[-1]['file']}:{frames[-1]['line']}" if frames else _main_name(launch)


def _raised(launch: Launch, outcome: Mapping[str, Any]) -> ProgramError:
    frames = _frames(launch, outcome)
    where = _place(launch, frames)
    trace = tuple(
        f"{frame['file']}:{frame['line']}, in {frame['in']}: {frame['text']}".rstrip(": ") for frame in frames
    )
    module = outcome["module"]
    if module:
        return ProgramError(f"the program needs the module {module!r}", where, launch.language.install(module), trace)
    message = f"{outcome['type']}: {outcome['message']}".strip(": ")
    if NOT_TOLD in message:
        return ProgramError(
            f"the program raised {message.replace(NOT_TOLD, _NOT_TOLD)}",
            where,
            "A function of the provider was answered without what only the cloud knows. "
            "Give --answers FILE (YAML or JSON) with its whole result.",
            trace,
        )
    if outcome["type"] == "ConfigMissingError":
        return ProgramError(
            f"the program misses a config value: {outcome['message'].strip().splitlines()[0]}",
            where,
            "Set it with --config key=value, or name the stack that has it with --stack.",
            trace,
        )
    return ProgramError(f"the program raised {message}", where, _advice(launch), trace)


def _advice(launch: Launch) -> str:
    closed = next((note for note in launch.config.notes if "secret config" in note), "")
    if closed:
        return f"Mend the program, or give it the secrets it works with ({closed})."
    return "Mend the program, or give it what it looks for (--stack, --config key=value)."


def _endless(launch: Launch, output: IO[bytes]) -> ProgramError:
    return ProgramError(
        f"the program did not end within {launch.timeout:g} seconds",
        _main_name(launch),
        "Look for what it waits for, or give it more time.",
        _last_lines(output),
    )


def _main_name(launch: Launch) -> str:
    return _relative(launch, str(launch.project.main))


def _relative(launch: Launch, file: str) -> str:
    path = Path(os.path.realpath(file))
    root = launch.project.directory
    return path.relative_to(root).as_posix() if path.is_relative_to(root) else file


def _last_lines(output: IO[bytes]) -> tuple[str, ...]:
    output.seek(0, os.SEEK_END)
    output.seek(max(0, output.tell() - 20_000))
    lines = output.read().decode(errors="replace").splitlines()
    return tuple(line.rstrip() for line in lines if line.strip())[-_LAST_LINES:]
