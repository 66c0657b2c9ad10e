"""The worker: takes jobs from Pub/Sub, lets the model compute, and writes what comes out to Cloud Storage.

A job is a JSON object: `{"input": "gs://…", "output": "gs://…"}`. The input has one instance a line, and so has the
output, in the same order. A job is acknowledged only after its output is there; an output is written once, and a
second delivery of the same job finds it and is done. So a worker may die at any moment, and no job is lost.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Final, Literal

import aiohttp

from serving.environment import Environment
from serving.google import Google, GoogleError, Message, bucket_and_name
from serving.log import LOG
from serving.model import InstanceError, Model

_CHUNK: Final = 256
"""Instances that the model is asked about at once."""

_PAUSE: Final = 5.0
"""Seconds to wait when Pub/Sub cannot be asked."""


class JobError(Exception):
    """The job is not one, or its input is not what the model takes: no attempt will do better."""


@dataclass(frozen=True)
class Job:
    """What a message asks for: buckets and names of input and output."""

    input: tuple[str, str]
    output: tuple[str, str]


class Worker:
    """Processes the jobs of one subscription.

    Attributes:
        done: Jobs that were acknowledged.
        failed: Deliveries that were given back.
    """

    def __init__(self, environment: Environment, google: Google, model: Model, subscription: str) -> None:
        self._environment = environment
        self._google = google
        self._model = model
        self._subscription = subscription
        self.done = 0
        self.failed = 0

    async def run(self, stop: asyncio.Event) -> None:
        """Take jobs until told to stop, and finish the ones that were begun."""
        under_way: set[asyncio.Task[None]] = set()
        stopped = asyncio.create_task(stop.wait())
        while not stop.is_set():
            free = self._environment.parallel_jobs - len(under_way)
            if free:
                for message in await self._unless_stopped(self._pull(free), stopped):
                    under_way.add(asyncio.create_task(self._process(message)))
            else:
                await asyncio.wait({stopped, *under_way}, return_when=asyncio.FIRST_COMPLETED)
            under_way = {task for task in under_way if not task.done()}
        if under_way:
            LOG.info("finishing %d jobs before the end", len(under_way))
            await asyncio.wait(under_way, timeout=self._environment.grace_seconds)
            for task in under_way:
                # What is cut off here was not acknowledged: Pub/Sub gives it to another worker.
                task.cancel()
            await asyncio.gather(*under_way, return_exceptions=True)

    async def _unless_stopped(
        self, pull: Coroutine[Any, Any, list[Message]], stopped: asyncio.Task[Literal[True]]
    ) -> list[Message]:
        """Wait for messages, or to be told to stop.

        A pull that is given up may have been answered already: those jobs come again when their time is over.
        """
        pulled = asyncio.create_task(pull)
        await asyncio.wait({stopped, pulled}, return_when=asyncio.FIRST_COMPLETED)
        if pulled.done():
            return pulled.result()
        pulled.cancel()
        await asyncio.gather(pulled, return_exceptions=True)
        return []

    async def _pull(self, most: int) -> list[Message]:
        try:
            return await self._google.pull(self._subscription, most)
        except (GoogleError, aiohttp.ClientError, asyncio.TimeoutError) as error:
            LOG.warning("no jobs could be pulled, another attempt in %g s: %s", _PAUSE, error)
            await asyncio.sleep(_PAUSE)
            return []

    async def _process(self, message: Message) -> None:
        try:
            async with self._more_time(message):
                await self._compute(read_job(message.data))
            await self._google.acknowledge(self._subscription, message)
        except (JobError, InstanceError) as error:
            # Given back, not dropped: after its last attempt Pub/Sub moves it to the dead letters, where people see it.
            LOG.error("job %s, attempt %d, cannot be done: %s", message.message_id, message.attempt, error)
            await self._give_back(message)
        except (GoogleError, aiohttp.ClientError, asyncio.TimeoutError) as error:
            LOG.warning("job %s, attempt %d, failed: %s", message.message_id, message.attempt, error)
            await self._give_back(message)
        else:
            self.done += 1

    async def _compute(self, job: Job) -> None:
        lines = (await self._google.read(*job.input)).decode(errors="replace").splitlines()
        instances = [_instance(line, number) for number, line in enumerate(lines, 1) if line.strip()]
        written: list[str] = []
        for start in range(0, len(instances), _CHUNK):
            predictions = await self._model.predict(instances[start : start + _CHUNK])
            written.extend(json.dumps(prediction, ensure_ascii=False) for prediction in predictions)
        if not await self._google.write_once(*job.output, "".join(f"{line}\n" for line in written).encode()):
            LOG.info("gs://%s/%s was there already", *job.output)

    async def _give_back(self, message: Message) -> None:
        self.failed += 1
        try:
            await self._google.extend(self._subscription, message, 0)
        except (GoogleError, aiohttp.ClientError, asyncio.TimeoutError) as error:
            LOG.warning("job %s comes again only when its time is over: %s", message.message_id, error)

    @asynccontextmanager
    async def _more_time(self, message: Message) -> AsyncIterator[None]:
        """Keep the job from being given to another worker while this one is at work."""

        async def extend() -> None:
            while True:
                await asyncio.sleep(self._environment.ack_seconds / 3)
                try:
                    await self._google.extend(self._subscription, message, self._environment.ack_seconds)
                except (GoogleError, aiohttp.ClientError, asyncio.TimeoutError) as error:
                    # The next attempt may still be in time; if not, two workers write one output, once.
                    LOG.warning("job %s could not get more time: %s", message.message_id, error)

        task = asyncio.create_task(extend())
        try:
            yield
        finally:
            task.cancel()


def read_job(data: bytes) -> Job:
    """Read what a message asks for.

    Raises:
        JobError: It is no job.
    """
    try:
        read = json.loads(data)
        return Job(bucket_and_name(read["input"]), bucket_and_name(read["output"]))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise JobError(f"the message is no job: {type(error).__name__}: {error}") from error


def _instance(line: str, number: int) -> dict[str, object]:
    try:
        read = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise JobError(f"line {number} of the input is not JSON: {error}") from error
    if not isinstance(read, dict):
        raise JobError(f"line {number} of the input is not an object")
    return read
