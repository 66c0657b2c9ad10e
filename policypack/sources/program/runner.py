"""Runs one Pulumi program, unmodified, against an engine at a given address.

This file is run by the interpreter of the program (`PYTHON runner.py`), which may hold nothing but the program's own
packages. So it stands alone: the standard library and the Pulumi SDK.

Its settings come in an environment variable as JSON. How the program ended goes, as JSON, to the file descriptor
that the settings name.
"""

from __future__ import annotations

import asyncio
import inspect
import json
import logging
import os
import runpy
import signal
import sys
import threading
import traceback
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from types import TracebackType

SETTINGS = "MULTIREGION_GUARD_RUN"
LONGEST_MESSAGE = 8000  # characters; the whole report must fit into a pipe's buffer
MOST_FRAMES = 20

PLACES: dict[int, tuple[BaseException, TracebackType | None]] = {}
"""By identity, what functions of outputs have raised, and where: asyncio drops that once somebody has asked."""


def main() -> None:
    """Run the program and report how it ended."""
    settings = {**json.loads(os.environ.pop(SETTINGS)), "process": os.getpid()}
    end_with_parent(settings["lifeline"])
    sys.argv = [settings["main"]]
    if Path(sys.path[0]) == Path(__file__).parent:
        del sys.path[0]
    sys.path.insert(0, settings["program_directory"])
    try:
        import pulumi
    except ImportError as error:
        end(settings, {"outcome": "no-sdk", "message": str(error), "module": error.name})

    def raised(_kind: type[BaseException], error: BaseException, _trace: TracebackType | None) -> None:
        end(settings, describe(error, settings))

    # Whatever ends the program ends up here: exceptions of any kind, interrupts included.
    sys.excepthook = raised
    try:
        run(pulumi, settings)
    except SystemExit as stopped:
        end(settings, describe_exit(stopped, settings))
    end(settings, {"outcome": "done"})


def end_with_parent(lifeline: int) -> None:
    """See to it that this process, and what it starts, does not outlive whoever started it.

    The lifeline is a pipe that nobody writes to: it ends with the process at its other end.
    """

    def watch() -> None:
        os.read(lifeline, 1)
        os.killpg(os.getpid(), signal.SIGKILL)

    threading.Thread(target=watch, daemon=True).start()


def run(pulumi: Any, settings: Mapping[str, Any]) -> None:
    """Run the program inside its stack resource, until everything it started has ended."""
    # The SDK leaves tasks behind when a program fails; asyncio would tell the user about each.
    logging.getLogger("asyncio").setLevel(logging.CRITICAL)
    given = {
        "project": settings["project"],
        "stack": settings["stack"],
        "monitor": settings["address"],
        "engine": settings["address"],
        "parallel": settings["parallel"],
        "dry_run": True,
        "organization": settings["organization"],
        "root_directory": settings["root_directory"],
    }
    # Older SDKs know fewer settings.
    known = inspect.signature(pulumi.runtime.Settings).parameters
    pulumi.runtime.configure(pulumi.runtime.Settings(**{name: given[name] for name in given if name in known}))
    pulumi.runtime.config.set_all_config(settings["config"], settings["secret_keys"])
    hide_secrets(pulumi, set(settings["unknown_keys"]))
    keep_places(pulumi)
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    loop.set_default_executor(ThreadPoolExecutor(max_workers=settings["parallel"]))
    loop.run_until_complete(pulumi.runtime.run_in_stack(lambda: run_main(settings["main"])))


def hide_secrets(pulumi: Any, keys: set[str]) -> None:
    """Make the secrets that nobody could open unknown outputs, so that no function of the program gets to see them."""

    def hidden(read: Callable[..., Any]) -> Callable[..., Any]:
        def get(config: Any, key: str, *rest: Any, **named: Any) -> Any:
            return unknown_secret(pulumi) if config.full_key(key) in keys else read(config, key, *rest, **named)

        return get

    for name, read in list(vars(pulumi.Config).items()):
        if keys and name.startswith(("get_secret", "require_secret")):
            setattr(pulumi.Config, name, hidden(read))


def keep_places(pulumi: Any) -> None:
    """Remember where functions of outputs raise."""
    original = pulumi.Output.apply

    def apply(output: Any, func: Callable[[Any], Any], *rest: Any, **named: Any) -> Any:
        def run(value: Any) -> Any:
            try:
                return func(value)
            except Exception as error:
                PLACES.setdefault(id(error), (error, error.__traceback__))
                raise

        return original(output, run, *rest, **named)

    pulumi.Output.apply = apply


def unknown_secret(pulumi: Any) -> Any:
    """Make an output whose value is not known and must not be shown."""
    return pulumi.Output(set(), resolved(None), resolved(False), resolved(True))


def resolved(value: Any) -> asyncio.Future[Any]:
    """Make a future that has its value already."""
    future: asyncio.Future[Any] = asyncio.get_event_loop().create_future()
    future.set_result(value)
    return future


def run_main(path: str) -> None:
    """Run the program's main file; what it defines is not the stack's business."""
    runpy.run_path(path, run_name="__main__")


def exit_code(stopped: SystemExit) -> int:
    """Give the exit code that a `SystemExit` stands for."""
    if stopped.code is None:
        return 0
    return stopped.code if isinstance(stopped.code, int) else 1


def exit_message(stopped: SystemExit) -> str:
    """Give the text that `sys.exit` was called with, if it was one."""
    return stopped.code[:LONGEST_MESSAGE] if isinstance(stopped.code, str) else ""


def describe_exit(stopped: SystemExit, settings: Mapping[str, Any]) -> dict[str, Any]:
    """Tell of a program that ended itself: how, where, and whether the SDK could wait for what was made until then."""
    frames = traceback.extract_tb(stopped.__traceback__)
    return {
        "outcome": "exit",
        "code": exit_code(stopped),
        "message": exit_message(stopped),
        "midway": not any(frame.filename == __file__ and frame.name == run_main.__name__ for frame in frames),
        "frames": own_frames(stopped, settings)[-MOST_FRAMES:],
    }


def describe(error: BaseException, settings: Mapping[str, Any]) -> dict[str, Any]:
    """Tell of an exception: its type and text, and those frames that are the program's own code."""
    frames: list[dict[str, Any]] = []
    seen: set[int] = set()
    link: BaseException | None = error
    # The SDK raises some of its exceptions from those of the program.
    while link is not None and id(link) not in seen and not frames:
        seen.add(id(link))
        frames = own_frames(link, settings)
        link = link.__cause__ or link.__context__
    return {
        "outcome": "raised",
        "type": type(error).__name__,
        "message": str(error)[:LONGEST_MESSAGE],
        "module": error.name if isinstance(error, ModuleNotFoundError) else None,
        "frames": frames[-MOST_FRAMES:],
    }


def own_frames(error: BaseException, settings: Mapping[str, Any]) -> list[dict[str, Any]]:
    """List the frames of an exception that lie in the program's folder, outermost first."""
    _, place = PLACES.get(id(error), (error, None))
    found = [
        {"file": frame.filename, "line": frame.lineno, "in": frame.name, "text": frame.line or ""}
        for frame in traceback.extract_tb(place or error.__traceback__)
        if is_own(frame.filename, settings)
    ]
    if isinstance(error, SyntaxError) and error.filename and is_own(error.filename, settings):
        text = (error.text or "").strip()
        found.append({"file": error.filename, "line": error.lineno or 0, "in": "<module>", "text": text})
    return found


def is_own(path: str, settings: Mapping[str, Any]) -> bool:
    """Tell whether a file is the program's own: in its folder, and no installed package."""
    root, file = Path(settings["root_directory"]), Path(path)
    # Code without a file has a name such as `<frozen runpy>`.
    file = file.resolve() if file.is_absolute() else file
    if root not in file.parents:
        return False
    installed = {"site-packages", "dist-packages", settings["virtualenv"]}
    return not installed.intersection(file.relative_to(root).parts)


def end(settings: Mapping[str, Any], outcome: Mapping[str, Any]) -> None:
    """Send how the program ended to whoever runs it, and end the process."""
    if os.getpid() != settings["process"]:
        # A child that the program forked: its end is not the program's.
        os._exit(outcome.get("code", 0 if outcome["outcome"] == "done" else 1))
    with os.fdopen(settings["report"], "w", encoding="utf-8") as pipe:
        json.dump(outcome, pipe)
    sys.stdout.flush()
    sys.stderr.flush()
    # Threads that the program left behind must not keep it alive.
    os._exit(0)


if __name__ == "__main__":
    main()
