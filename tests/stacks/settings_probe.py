"""Asks the settings of the reference stack what they make of a configuration, as often as a test likes.

They run in a process of their own: their modules have names that other programs of this repository use too.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping
from types import TracebackType
from typing import Any

from typing_extensions import Self

from tests.stacks.capture import PROJECT
from tests.stacks.conftest import REFERENCE

_PROGRAM = """
import dataclasses, json, sys
sys.dont_write_bytecode = True
sys.path.insert(0, sys.argv[1])
import pulumi
from config_reader import SettingsError
from settings import Settings

pulumi.runtime.configure(pulumi.runtime.Settings(project=sys.argv[2], stack="dev"))
for line in sys.stdin:
    pulumi.runtime.set_all_config(json.loads(line))
    try:
        settings = Settings.load()
    except SettingsError as error:
        answer = {"error": str(error)}
    else:
        answer = {
            "regions": [dataclasses.asdict(region) for region in settings.regions],
            "capacity": dataclasses.asdict(settings.capacity),
        }
    print(json.dumps(answer), flush=True)
"""


class SettingsProbe:
    """The settings, waiting for configurations."""

    def __enter__(self) -> Self:
        command = [sys.executable, "-c", _PROGRAM, str(REFERENCE), PROJECT]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.communicate()

    def ask(self, config: Mapping[str, Any]) -> dict[str, Any]:
        """What comes of a configuration: `error` with the message, or what was read."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        texts = {key: value if isinstance(value, str) else json.dumps(value) for key, value in config.items()}
        self._process.stdin.write(json.dumps(texts) + "\n")
        self._process.stdin.flush()
        answer: dict[str, Any] = json.loads(self._process.stdout.readline())
        return answer
