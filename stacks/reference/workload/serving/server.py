"""The inference server: HTTPS, one model, as many requests at a time as it can bear."""

from __future__ import annotations

import asyncio
import json
from typing import Any, Final

from aiohttp import ClientError, web

from serving.environment import Environment
from serving.google import GoogleError
from serving.log import LOG
from serving.model import InstanceError, Model

MOST_INSTANCES: Final = 256
"""Instances in one request."""


async def alive(_: web.Request) -> web.Response:
    """Whether the process is worth keeping: it is, as long as it answers."""
    return web.json_response({"status": "alive"})


class Server:
    """Answers requests with what the model computes.

    Attributes:
        model: None until it is loaded; the server is not ready before.
        draining: The process is about to end; the server is not ready any more, and answers all the same.
        busy: Requests that are being computed.
    """

    def __init__(self, environment: Environment) -> None:
        self._environment = environment
        self.model: Model | None = None
        self.draining = False
        self.busy = 0
        self._idle = asyncio.Event()
        self._idle.set()

    def application(self) -> web.Application:
        """Make the web application."""
        application = web.Application(client_max_size=self._environment.body_bytes)
        application.router.add_get("/healthz", alive)
        application.router.add_get("/readyz", self._readyz)
        application.router.add_post("/v1/predict", self._predict)
        return application

    async def idle(self, seconds: float) -> bool:
        """Wait until no request is under way, but not longer than so many seconds; tell whether it came to that."""
        waiting = asyncio.create_task(self._idle.wait())
        done, _ = await asyncio.wait({waiting}, timeout=seconds)
        waiting.cancel()
        return bool(done)

    async def _readyz(self, _: web.Request) -> web.Response:
        """Whether the load balancer should send requests."""
        status = "draining" if self.draining else "loading" if self.model is None else "ready"
        return web.json_response({"status": status}, status=200 if status == "ready" else 503)

    async def _predict(self, request: web.Request) -> web.Response:
        if self.model is None:
            return _refused(503, "the model is still loading")
        if self.busy >= self._environment.in_flight:
            return _refused(503, "the server has all the requests that it can take")
        # Counted before the body is read: slow senders take a place too.
        self.busy += 1
        self._idle.clear()
        try:
            return await self._compute(request, self.model)
        finally:
            self.busy -= 1
            if not self.busy:
                self._idle.set()

    async def _compute(self, request: web.Request, model: Model) -> web.Response:
        try:
            instances = _instances(await request.read())
            predictions = await model.predict(instances)
        except InstanceError as error:
            return _refused(400, str(error))
        except (GoogleError, ClientError, asyncio.TimeoutError) as error:
            LOG.error("the model could not be asked: %s", error, extra=_trace(request))
            return _refused(502, "the model could not be asked")
        return web.json_response({"predictions": predictions, "model": model.version})


def _instances(body: bytes) -> list[Any]:
    try:
        read = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise InstanceError(f"the body is not JSON: {error}") from error
    instances = read.get("instances") if isinstance(read, dict) else None
    if not isinstance(instances, list) or not 1 <= len(instances) <= MOST_INSTANCES:
        raise InstanceError(f'expected {{"instances": […]}} with 1 to {MOST_INSTANCES} of them')
    return instances


def _refused(status: int, why: str) -> web.Response:
    headers = {"Retry-After": "1"} if status == 503 else {}
    return web.json_response({"error": why}, status=status, headers=headers)


def _trace(request: web.Request) -> dict[str, str]:
    """Give the trace that the load balancer began, for the log."""
    header = request.headers.get("X-Cloud-Trace-Context", "").split("/", 1)[0]
    return {"trace": header} if header else {}
