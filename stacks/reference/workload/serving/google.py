"""The few calls to Google's services that the program needs, over their REST interfaces."""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import quote

import aiohttp

from serving.environment import Environment

_EARLY: Final = 120.0
"""Seconds before its end at which a token is fetched anew."""


class GoogleError(Exception):
    """A service answered with an error.

    Attributes:
        status: The HTTP status.
    """

    def __init__(self, what: str, status: int, text: str) -> None:
        super().__init__(f"{what}: HTTP {status}: {text[:500]}")
        self.status = status


@dataclass(frozen=True)
class Message:
    """A message of Pub/Sub.

    Attributes:
        ack_id: By which this delivery is acknowledged.
        message_id: The same for every delivery.
        data: What was published.
        attempt: How often it was delivered, this time included; 0 where the subscription does not count.
    """

    ack_id: str
    message_id: str
    data: bytes
    attempt: int


class Google:
    """Calls services with the token of the machine's service account."""

    def __init__(self, session: aiohttp.ClientSession, environment: Environment) -> None:
        self._session = session
        self._environment = environment
        self._token = ""
        self._token_ends = 0.0

    async def read(self, bucket: str, name: str) -> bytes:
        """Read an object of Cloud Storage."""
        return await self._call("GET", f"{self._object(bucket, name)}?alt=media", f"reading gs://{bucket}/{name}")

    async def write_once(self, bucket: str, name: str, content: bytes) -> bool:
        """Write an object unless there is one already.

        Returns:
            Whether it was written; False means that an earlier delivery of the same job has done so.
        """
        address = (
            f"{self._environment.storage}/upload/storage/v1/b/{quote(bucket, safe='')}/o"
            f"?uploadType=media&ifGenerationMatch=0&name={quote(name, safe='')}"
        )
        try:
            await self._call("POST", address, f"writing gs://{bucket}/{name}", content)
        except GoogleError as error:
            if error.status == 412:
                return False
            raise
        return True

    async def pull(self, subscription: str, most: int) -> list[Message]:
        """Wait for messages, and give at most so many."""
        answer = await self._post_json(
            f"{self._environment.pubsub}/v1/{subscription}:pull", {"maxMessages": most}, "pulling jobs"
        )
        return [
            Message(
                one["ackId"],
                one["message"]["messageId"],
                base64.b64decode(one["message"].get("data", "")),
                int(one.get("deliveryAttempt", 0)),
            )
            for one in answer.get("receivedMessages", ())
        ]

    async def acknowledge(self, subscription: str, message: Message) -> None:
        """Tell Pub/Sub that the job is done and need not be delivered again."""
        await self._post_json(
            f"{self._environment.pubsub}/v1/{subscription}:acknowledge",
            {"ackIds": [message.ack_id]},
            "acknowledging a job",
        )

    async def extend(self, subscription: str, message: Message, seconds: int) -> None:
        """Ask for more time; 0 gives the job back at once."""
        await self._post_json(
            f"{self._environment.pubsub}/v1/{subscription}:modifyAckDeadline",
            {"ackIds": [message.ack_id], "ackDeadlineSeconds": seconds},
            "asking for more time",
        )

    async def predict(self, endpoint: str, instances: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
        """Let a Vertex AI endpoint compute."""
        location = endpoint.split("/")[3]
        base = self._environment.vertex or f"https://{location}-aiplatform.googleapis.com"
        answer = await self._post_json(
            f"{base.rstrip('/')}/v1/{endpoint}:predict", {"instances": list(instances)}, "asking the Vertex AI endpoint"
        )
        return list(answer["predictions"])

    def _object(self, bucket: str, name: str) -> str:
        return f"{self._environment.storage}/storage/v1/b/{quote(bucket, safe='')}/o/{quote(name, safe='')}"

    async def _post_json(self, address: str, body: Mapping[str, Any], what: str) -> dict[str, Any]:
        answer = await self._call("POST", address, what, json.dumps(body).encode(), "application/json")
        return dict(json.loads(answer or b"{}"))

    async def _call(
        self, method: str, address: str, what: str, body: bytes | None = None, kind: str = "application/octet-stream"
    ) -> bytes:
        headers = {"Authorization": f"Bearer {await self._bearer()}", "Content-Type": kind}
        async with self._session.request(method, address, data=body, headers=headers) as answer:
            content = await answer.read()
            if answer.status >= 400:
                raise GoogleError(what, answer.status, content.decode(errors="replace"))
            return content

    async def _bearer(self) -> str:
        if time.monotonic() >= self._token_ends:
            address = f"{self._environment.metadata}/computeMetadata/v1/instance/service-accounts/default/token"
            async with self._session.get(address, headers={"Metadata-Flavor": "Google"}) as answer:
                if answer.status != 200:
                    raise GoogleError("fetching a token", answer.status, await answer.text())
                read = await answer.json(content_type=None)
            self._token = str(read["access_token"])
            self._token_ends = time.monotonic() + max(float(read["expires_in"]) - _EARLY, 0.0)
        return self._token


def bucket_and_name(address: str) -> tuple[str, str]:
    """Split `gs://BUCKET/OBJECT`.

    Raises:
        ValueError: It is no such address.
    """
    scheme, _, rest = address.partition("://")
    bucket, _, name = rest.partition("/")
    if scheme != "gs" or not bucket or not name:
        raise ValueError(f"{address!r} is not of the form gs://BUCKET/OBJECT")
    return bucket, name
