"""`python -m serving serve | work | train`: what the machines run."""

from __future__ import annotations

import argparse
import asyncio
import signal
import sys
import tempfile
from collections.abc import Coroutine
from pathlib import Path
from typing import Any, Final

import aiohttp
from aiohttp import web

from serving.certificate import server_context
from serving.environment import ConfigurationError, Environment, read_environment
from serving.google import Google
from serving.log import LOG, log_to_stdout
from serving.model import Model, ModelError
from serving.models import fetch_model
from serving.server import Server, alive
from serving.train import read_examples, train
from serving.worker import Worker

_PULL_SECONDS: Final = 120.0
"""Longest wait for an answer of a Google service; Pub/Sub holds a pull for about 90 seconds."""


def main(arguments: list[str] | None = None) -> int:
    """Run one of the commands; give the exit code."""
    parser = argparse.ArgumentParser(prog="serving", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("serve", help="answer requests")
    commands.add_parser("work", help="process jobs")
    trainer = commands.add_parser("train", help="train a small model")
    trainer.add_argument("examples", type=Path, help="JSON lines with text and label")
    trainer.add_argument("weights", type=Path, help="file to write")
    chosen = parser.parse_args(arguments)
    if chosen.command == "train":
        chosen.weights.write_bytes(train(read_examples(chosen.examples.read_text(encoding="utf-8").splitlines())))
        return 0
    log_to_stdout()
    try:
        asyncio.run(_serve(read_environment()) if chosen.command == "serve" else _work(read_environment()))
    except (ConfigurationError, ModelError, OSError, ValueError) as error:
        LOG.error("%s", error)
        return 1
    return 0


async def _serve(environment: Environment) -> None:
    stop = _told_to_stop()
    server = Server(environment)
    runner, site = await _listen(server.application(), environment)
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=_PULL_SECONDS)) as session:
        # The port is open before the model is there: the machine is alive, and not ready yet.
        server.model = await _unless_stopped(fetch_model(environment, Google(session, environment)), stop)
        if server.model is not None:
            LOG.info("ready with model %s", server.model.version)
            await stop.wait()
            server.draining = True
            LOG.info("told to stop: serving for %g s more while load balancers notice", environment.drain_seconds)
            await asyncio.sleep(environment.drain_seconds)
            # The runner's own end would drop what is still to come of a request that is half there.
            await site.stop()
            if not await server.idle(environment.grace_seconds):
                LOG.warning("%d requests took too long and are cut off", server.busy)
        await runner.cleanup()
    LOG.info("ended")


async def _work(environment: Environment) -> None:
    if environment.subscription is None:
        raise ConfigurationError("SUBSCRIPTION is not set: give projects/PROJECT/subscriptions/NAME")
    stop = _told_to_stop()
    # Nobody sends a worker requests; whoever replaces machines that hang asks it whether it is alive.
    application = web.Application()
    application.router.add_get("/healthz", alive)
    runner, _ = await _listen(application, environment)
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=_PULL_SECONDS)) as session:
        google = Google(session, environment)
        model = await _unless_stopped(fetch_model(environment, google), stop)
        if model is None:
            await runner.cleanup()
            return
        LOG.info("taking jobs from %s with model %s", environment.subscription, model.version)
        worker = Worker(environment, google, model, environment.subscription)
        await worker.run(stop)
        LOG.info("ended after %d jobs; %d deliveries were given back", worker.done, worker.failed)
    await runner.cleanup()


async def _listen(application: web.Application, environment: Environment) -> tuple[web.AppRunner, web.TCPSite]:
    """Answer on the port, over TLS."""
    runner = web.AppRunner(application, access_log=None, handle_signals=False, shutdown_timeout=1)
    with tempfile.TemporaryDirectory() as folder:
        context = server_context(environment, Path(folder))
        await runner.setup()
        site = web.TCPSite(runner, None, environment.port, ssl_context=context, backlog=1024)
        await site.start()
    LOG.info("listening on port %d", environment.port)
    return runner, site


async def _unless_stopped(work: Coroutine[Any, Any, Model], stop: asyncio.Event) -> Model | None:
    """Wait for the model, or to be told to stop: then None."""
    loading = asyncio.create_task(work)
    stopped = asyncio.create_task(stop.wait())
    await asyncio.wait({loading, stopped}, return_when=asyncio.FIRST_COMPLETED)
    stopped.cancel()
    if not loading.done():
        loading.cancel()
        await asyncio.gather(loading, return_exceptions=True)
        return None
    return loading.result()


def _told_to_stop() -> asyncio.Event:
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    return stop


if __name__ == "__main__":
    sys.exit(main())
