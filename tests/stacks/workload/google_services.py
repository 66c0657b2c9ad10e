"""Stand-ins for the Google services that the workload calls: metadata, Cloud Storage, Pub/Sub, Vertex AI.

They run in a thread of their own and keep what they are told. Time in Pub/Sub passes only when a test says so.
"""

from __future__ import annotations

import asyncio
import base64
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from aiohttp import web


@dataclass
class Delivery:
    """A message of the subscription: how often it was delivered, and the delivery that is under way."""

    message_id: str
    data: bytes
    attempts: int = 0
    ack_id: str | None = None
    extended: int = 0


@dataclass
class GoogleServices:
    """What the stand-ins know.

    Attributes:
        address: Of all of them.
        objects: Bucket and name, to content.
        writes: Attempts to write an object, by name.
        waiting: Messages that are not acknowledged.
        acknowledged: Ids of messages.
        hold_writes: While set, a write does not come back.
        held: Set when a write is being held.
        failing_reads: So many of the next reads are answered with 503.
    """

    address: str = ""
    objects: dict[tuple[str, str], bytes] = field(default_factory=dict)
    writes: list[str] = field(default_factory=list)
    waiting: dict[str, Delivery] = field(default_factory=dict)
    acknowledged: list[str] = field(default_factory=list)
    hold_writes: threading.Event = field(default_factory=threading.Event)
    held: threading.Event = field(default_factory=threading.Event)
    failing_reads: int = 0
    vertex_asked: list[str] = field(default_factory=list)
    tokens: int = 0

    def publish(self, message_id: str, data: object) -> None:
        """Put a message in; bytes as they are, anything else as JSON."""
        content = data if isinstance(data, bytes) else json.dumps(data).encode()
        self.waiting[message_id] = Delivery(message_id, content)

    def let_time_pass(self) -> None:
        """Let every delivery's time be over: what was not acknowledged is delivered again."""
        for delivery in self.waiting.values():
            delivery.ack_id = None

    def variables(self, **more: str) -> dict[str, str]:
        """Environment variables that lead a process here."""
        names = ("METADATA_ADDRESS", "PUBSUB_ADDRESS", "STORAGE_ADDRESS", "VERTEX_ADDRESS")
        return {**dict.fromkeys(names, self.address), **more}

    def application(self) -> web.Application:
        application = web.Application(client_max_size=1 << 26)
        router = application.router
        router.add_get("/computeMetadata/v1/instance/service-accounts/default/token", self._token)
        router.add_get("/storage/v1/b/{bucket}/o/{name:.+}", self._read)
        router.add_post("/upload/storage/v1/b/{bucket}/o", self._write)
        router.add_post("/v1/{resource:.+}:pull", self._pull)
        router.add_post("/v1/{resource:.+}:acknowledge", self._acknowledge)
        router.add_post("/v1/{resource:.+}:modifyAckDeadline", self._modify)
        router.add_post("/v1/{resource:.+}:predict", self._predict)
        return application

    async def _token(self, request: web.Request) -> web.Response:
        if request.headers.get("Metadata-Flavor") != "Google":
            return web.Response(status=403)
        self.tokens += 1
        return web.json_response({"access_token": "token-of-the-machine", "expires_in": 3600})

    async def _read(self, request: web.Request) -> web.Response:
        _authorised(request)
        if self.failing_reads:
            self.failing_reads -= 1
            return web.Response(status=503, text="not now")
        content = self.objects.get((request.match_info["bucket"], request.match_info["name"]))
        return web.Response(status=404, text="no such object") if content is None else web.Response(body=content)

    async def _write(self, request: web.Request) -> web.Response:
        _authorised(request)
        key = (request.match_info["bucket"], request.query["name"])
        content = await request.read()
        if self.hold_writes.is_set():
            self.held.set()
            while self.hold_writes.is_set():
                await asyncio.sleep(0.01)
        self.writes.append(key[1])
        if request.query.get("ifGenerationMatch") == "0" and key in self.objects:
            return web.Response(status=412, text="the object exists")
        self.objects[key] = content
        return web.json_response({"name": key[1]})

    async def _pull(self, request: web.Request) -> web.Response:
        _authorised(request)
        most = (await request.json())["maxMessages"]
        for _ in range(20):
            free = [one for one in self.waiting.values() if one.ack_id is None][:most]
            if free:
                break
            await asyncio.sleep(0.01)
        if request.transport is None or request.transport.is_closing():
            free = []  # who asked is gone
        for one in free:
            one.attempts += 1
            one.ack_id = f"{one.message_id}/{one.attempts}"
        return web.json_response({"receivedMessages": [_received(one) for one in free]})

    async def _acknowledge(self, request: web.Request) -> web.Response:
        for ack_id in (await request.json())["ackIds"]:
            delivery = self._of(ack_id)
            if delivery is not None:
                del self.waiting[delivery.message_id]
                self.acknowledged.append(delivery.message_id)
        return web.json_response({})

    async def _modify(self, request: web.Request) -> web.Response:
        body = await request.json()
        for ack_id in body["ackIds"]:
            delivery = self._of(ack_id)
            if delivery is not None and body["ackDeadlineSeconds"] == 0:
                delivery.ack_id = None
            elif delivery is not None:
                delivery.extended += 1
        return web.json_response({})

    async def _predict(self, request: web.Request) -> web.Response:
        _authorised(request)
        self.vertex_asked.append(request.match_info["resource"])
        instances = (await request.json())["instances"]
        return web.json_response({"predictions": [{"label": "from vertex"} for _ in instances]})

    def _of(self, ack_id: str) -> Delivery | None:
        return next((one for one in self.waiting.values() if one.ack_id == ack_id), None)


def _authorised(request: web.Request) -> None:
    if request.headers.get("Authorization") != "Bearer token-of-the-machine":
        raise web.HTTPUnauthorized


def _received(delivery: Delivery) -> dict[str, object]:
    data = base64.b64encode(delivery.data).decode()
    message = {"messageId": delivery.message_id, "data": data}
    return {"ackId": delivery.ack_id, "message": message, "deliveryAttempt": delivery.attempts}


async def _end(runner: web.AppRunner) -> None:
    await runner.cleanup()
    left = asyncio.all_tasks() - {asyncio.current_task()}
    for task in left:
        task.cancel()
    await asyncio.gather(*left, return_exceptions=True)


@contextmanager
def google_services() -> Iterator[GoogleServices]:
    """Run the stand-ins on a port of this machine."""
    services = GoogleServices()
    loop = asyncio.new_event_loop()

    async def start() -> web.AppRunner:
        runner = web.AppRunner(services.application(), access_log=None, shutdown_timeout=0.1)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        services.address = f"http://127.0.0.1:{runner.addresses[0][1]}"
        return runner

    runner = loop.run_until_complete(start())
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    try:
        yield services
    finally:
        services.hold_writes.clear()
        asyncio.run_coroutine_threadsafe(_end(runner), loop).result(timeout=30)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(timeout=30)
        loop.close()
