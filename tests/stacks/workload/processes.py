"""Starts the workload as the machines do, in a process of its own."""

from __future__ import annotations

import json
import os
import signal
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from http.client import HTTPSConnection
from pathlib import Path
from typing import Any

WORKLOAD = Path(__file__).parents[3] / "stacks" / "reference" / "workload"
PATIENCE = 60.0
"""Seconds after which something that has to happen counts as not happening."""


@dataclass
class Running:
    """A process of the workload, and the port that it listens on."""

    process: subprocess.Popen[str]
    port: int

    def get(self, path: str) -> tuple[int, Any]:
        return self._ask(path, None)

    def predict(self, body: object) -> tuple[int, Any]:
        return self._ask("/v1/predict", body if isinstance(body, bytes) else json.dumps(body).encode())

    def listens(self) -> bool:
        try:
            return bool(self.get("/healthz"))
        except OSError:
            return False

    def ready(self) -> bool:
        try:
            return self.get("/readyz")[0] == 200
        except OSError:
            return False

    def tell(self, number: signal.Signals) -> None:
        self.process.send_signal(number)

    def ended(self) -> tuple[int, list[dict[str, str]]]:
        """Wait for the end; give the exit code and what was logged."""
        said, _ = self.process.communicate(timeout=PATIENCE)
        return self.process.returncode, [json.loads(line) for line in said.splitlines()]

    def _ask(self, path: str, body: bytes | None) -> tuple[int, Any]:
        context = like_load_balancers()
        with closing(HTTPSConnection("127.0.0.1", self.port, timeout=PATIENCE, context=context)) as connection:
            connection.request("GET" if body is None else "POST", path, body)
            answer = connection.getresponse()
            return answer.status, json.load(answer)


def like_load_balancers() -> ssl.SSLContext:
    """Encrypt, and do not ask who answers: what load balancers do on this hop."""
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


@contextmanager
def running(command: str, **variables: str) -> Iterator[Running]:
    """Run a command of the workload; whatever becomes of it, it is gone afterwards."""
    port = _free_port()
    environment = {**os.environ, "PYTHONPATH": str(WORKLOAD), "PORT": str(port), "DRAIN_SECONDS": "0", **variables}
    process = subprocess.Popen(
        [sys.executable, "-m", "serving", command], env=environment, stdout=subprocess.PIPE, text=True
    )
    try:
        yield Running(process, port)
    finally:
        process.kill()
        process.communicate()


def until(true: Callable[[], bool]) -> None:
    """Wait until something is so."""
    ends = time.monotonic() + PATIENCE
    while not true():
        assert time.monotonic() < ends, "it did not happen"
        time.sleep(0.02)


def _free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])
