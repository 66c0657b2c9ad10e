"""A stand-in for Pulumi Cloud: takes policy packs and the settings of policy groups, and remembers them."""

from __future__ import annotations

import gzip
import json
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

ORGANISATION = "acme"
_VERSION = re.compile(rf"/api/orgs/{ORGANISATION}/policypacks/([^/]+)/versions/([^/]+)/(complete|schema)")
_GROUP = re.compile(rf"/api/orgs/{ORGANISATION}/policygroups/([^/]+)")


@dataclass
class Cloud:
    """What the service was told.

    Attributes:
        url: Where it is.
        described: For each version of the pack, the policies as they were published.
        archive: The last archive that was uploaded.
        complete: The versions whose upload was said to be complete.
        groups: For each group, the pack it has, with version and configuration.
        changes: Every change of a group, in order.
    """

    url: str = ""
    described: dict[str, Any] = field(default_factory=dict)
    archive: bytes = b""
    complete: list[str] = field(default_factory=list)
    groups: dict[str, Any] = field(default_factory=dict)
    changes: list[tuple[str, Any]] = field(default_factory=list)

    def answer(self, method: str, path: str, body: bytes) -> Any:
        """Answer one request; None if there is nothing of the kind."""
        path = path.partition("?")[0]
        if path == "/api/user":
            return {"githubLogin": ORGANISATION, "name": ORGANISATION, "organizations": [{"githubLogin": ORGANISATION}]}
        if path == "/api/cli/version":
            return {"latestVersion": "0.0.0", "oldestWithoutWarning": "0.0.0"}
        if path == "/api/capabilities":
            return {"capabilities": []}
        if (method, path) == ("PUT", "/upload"):
            self.archive = body
            return {}
        if (method, path) == ("POST", f"/api/orgs/{ORGANISATION}/policypacks"):
            published = json.loads(body)
            self.described[published["versionTag"]] = published
            return {"version": len(self.described), "uploadURI": f"{self.url}/upload", "requiredHeaders": {}}
        if version := _VERSION.fullmatch(path):
            if version[3] == "schema":
                policies = self.described[version[2]]["policies"]
                return {"configSchema": {one["name"]: one.get("configSchema") or {} for one in policies}}
            self.complete.append(version[2])
            return {}
        if method == "PATCH" and (group := _GROUP.fullmatch(path)):
            change = json.loads(body)
            self.changes.append((group[1], change))
            self.groups[group[1]] = change.get("addPolicyPack")
            return {}
        return None


@contextmanager
def pulumi_cloud() -> Iterator[Cloud]:
    """Serve on a port of this machine."""
    cloud = Cloud()

    class Handler(BaseHTTPRequestHandler):
        def _serve(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            if self.headers.get("Content-Encoding") == "gzip":
                body = gzip.decompress(body)
            answer = cloud.answer(self.command, self.path, body)
            text = json.dumps({"code": 404, "message": "not found"} if answer is None else answer).encode()
            self.send_response(404 if answer is None else 200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text)

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    for verb in ("GET", "POST", "PUT", "PATCH"):
        setattr(Handler, f"do_{verb}", Handler._serve)
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    cloud.url = f"http://127.0.0.1:{server.server_address[1]}"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield cloud
    finally:
        server.shutdown()
        server.server_close()
