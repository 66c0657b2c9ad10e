"""What the program is told, all of it by environment variables."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

_METADATA: Final = "http://metadata.google.internal"


class ConfigurationError(Exception):
    """A variable is missing or wrong; the text names it and says what would be right."""


@dataclass(frozen=True)
class Environment:
    """Settings of one process.

    Attributes:
        model: Where the weights are: a path, `gs://BUCKET/OBJECT`, or `vertex:ENDPOINT` with the resource name of
            a Vertex AI endpoint (`projects/…/locations/…/endpoints/…`) that computes in the place of this process.
        model_sha256: Checksum of the weights in hexadecimal digits, or None to take what comes.
        port: TCP port that requests come in on.
        certificate, private_key: PEM files; both None lets the process make a certificate of its own.
        in_flight: Requests that are computed at the same time; what comes beyond gets 503 at once, so that the load
            balancer can turn to another region.
        body_bytes: Longest request body.
        drain_seconds: How long the process goes on serving after SIGTERM while it already says that it is not ready:
            as long as load balancers take to notice.
        grace_seconds: How long requests that are still under way may take after that.
        subscription: Pub/Sub subscription of jobs, `projects/…/subscriptions/…`; the worker's.
        parallel_jobs: Jobs that a worker computes at the same time.
        ack_seconds: Time that Pub/Sub grants for a job before it gives the job to another worker. The worker asks for
            as much again as long as it is at work.
        metadata, pubsub, storage, vertex: Where Google's services are, without a slash at the end.
    """

    model: str
    model_sha256: str | None = None
    port: int = 8443
    certificate: str | None = None
    private_key: str | None = None
    in_flight: int = 32
    body_bytes: int = 1 << 20
    drain_seconds: float = 25.0
    grace_seconds: float = 60.0
    subscription: str | None = None
    parallel_jobs: int = 4
    ack_seconds: int = 60
    metadata: str = _METADATA
    pubsub: str = "https://pubsub.googleapis.com"
    storage: str = "https://storage.googleapis.com"
    vertex: str | None = None


def read_environment(variables: Mapping[str, str] = os.environ) -> Environment:
    """Read the settings.

    Raises:
        ConfigurationError: With every mistake at once.
    """
    reader = _Reader(variables)
    found = Environment(
        model=reader.text("MODEL") or "",
        model_sha256=reader.text("MODEL_SHA256"),
        port=int(reader.number("PORT", 8443, 1, 65535)),
        certificate=reader.text("TLS_CERTIFICATE"),
        private_key=reader.text("TLS_PRIVATE_KEY"),
        in_flight=int(reader.number("IN_FLIGHT", 32, 1, 10_000)),
        body_bytes=int(reader.number("BODY_BYTES", 1 << 20, 1024, 1 << 30)),
        drain_seconds=reader.number("DRAIN_SECONDS", 25, 0, 3600),
        grace_seconds=reader.number("GRACE_SECONDS", 60, 0, 3600),
        subscription=reader.text("SUBSCRIPTION"),
        parallel_jobs=int(reader.number("PARALLEL_JOBS", 4, 1, 1000)),
        ack_seconds=int(reader.number("ACK_SECONDS", 60, 10, 600)),
        metadata=reader.address("METADATA_ADDRESS", _METADATA),
        pubsub=reader.address("PUBSUB_ADDRESS", "https://pubsub.googleapis.com"),
        storage=reader.address("STORAGE_ADDRESS", "https://storage.googleapis.com"),
        vertex=reader.text("VERTEX_ADDRESS"),
    )
    if not found.model:
        reader.wrong.append("MODEL is not set: give a path, gs://BUCKET/OBJECT, or vertex:ENDPOINT")
    if (found.certificate is None) != (found.private_key is None):
        reader.wrong.append("TLS_CERTIFICATE and TLS_PRIVATE_KEY go together: set both or neither")
    if reader.wrong:
        raise ConfigurationError("; ".join(reader.wrong))
    return found


class _Reader:
    """Reads variables and remembers what is wrong with them."""

    def __init__(self, variables: Mapping[str, str]) -> None:
        self._variables = variables
        self.wrong: list[str] = []

    def text(self, name: str) -> str | None:
        return self._variables.get(name, "").strip() or None

    def address(self, name: str, default: str) -> str:
        return (self.text(name) or default).rstrip("/")

    def number(self, name: str, default: float, least: float, most: float) -> float:
        text = self.text(name)
        if text is None:
            return default
        try:
            value = float(text)
        except ValueError:
            value = float("nan")
        if not least <= value <= most:
            self.wrong.append(f"{name} is {text!r}: give a number from {least:g} to {most:g}")
            return default
        return value
