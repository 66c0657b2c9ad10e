"""Fetches the model that the environment names."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import aiohttp

from serving.environment import Environment
from serving.google import Google, GoogleError, bucket_and_name
from serving.log import LOG
from serving.model import Instance, Model, Prediction, load_model, text_of

_VERTEX: Final = "vertex:"
_PAUSES: Final = (1.0, 2.0, 4.0, 8.0, 16.0, 30.0)
"""Seconds between attempts; the last one repeats."""


class VertexModel:
    """A model behind a Vertex AI endpoint of the same region.

    Attributes:
        version: The endpoint.
    """

    def __init__(self, google: Google, endpoint: str) -> None:
        self.version = endpoint
        self._google = google

    async def predict(self, instances: Sequence[Instance]) -> list[Prediction]:
        """Let the endpoint compute."""
        for place, instance in enumerate(instances):
            text_of(instance, place)
        return await self._google.predict(self.version, instances)


async def fetch_model(environment: Environment, google: Google) -> Model:
    """Fetch the model; a service that does not answer is asked again until it does.

    Raises:
        ModelError: The weights cannot be used.
        OSError: The file cannot be read.
        ValueError: The address is none.
    """
    address = environment.model
    if address.startswith(_VERTEX):
        return VertexModel(google, address.removeprefix(_VERTEX))
    if "://" not in address:
        return load_model(await asyncio.to_thread(Path(address).read_bytes), environment.model_sha256)
    return load_model(await _read(google, *bucket_and_name(address)), environment.model_sha256)


async def _read(google: Google, bucket: str, name: str) -> bytes:
    attempt = 0
    while True:
        try:
            return await google.read(bucket, name)
        except (GoogleError, aiohttp.ClientError, asyncio.TimeoutError) as error:
            pause = _PAUSES[min(attempt, len(_PAUSES) - 1)]
            LOG.warning("the weights could not be read, another attempt in %g s: %s", pause, error)
        attempt += 1
        await asyncio.sleep(pause)
