"""Runs one Pulumi program for the stand-in language host, in a process and interpreter of its own.

It stands alone on purpose: the interpreter may be that of a virtualenv which holds the program's packages and
nothing of this repository.
"""

from __future__ import annotations

import asyncio
import json
import os
import runpy
import signal
import sys
from pathlib import Path

import pulumi
from pulumi.runtime import Settings, configure, run_in_stack

# The host tells the engine not to report the failure a second time.
ALREADY_REPORTED = 32


def main() -> int:
    """Configures the SDK from the host's settings and runs the program inside the stack resource."""
    # When the command line stops, the user's program should end without a traceback of this runner.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    settings = json.loads(os.environ.pop("STAND_IN_HOST_SETTINGS"))
    program = Path(settings.pop("program"))
    configure(Settings(**settings))
    sys.path[0] = str(program if program.is_dir() else program.parent)

    def run() -> None:
        runpy.run_path(str(program), run_name="__main__")

    # Any other failure of the user's program ends this process with its traceback on stderr, which users see.
    try:
        asyncio.run(run_in_stack(run))
    except pulumi.RunError as error:
        pulumi.log.error(str(error))
        return ALREADY_REPORTED
    return 0


if __name__ == "__main__":
    code = main()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)
