"""`verify.py` against a front end on this machine: the workload itself, with a certificate of the test's own."""

from __future__ import annotations

import importlib.util
import json
import ssl
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.stacks.conftest import REFERENCE
from tests.stacks.workload.conftest import EXAMPLES
from tests.stacks.workload.processes import running, until

HOST = "localhost"
Answers = dict[str, tuple[int, dict[str, str], Any]]


@pytest.fixture(scope="module")
def verify() -> ModuleType:
    spec = importlib.util.spec_from_file_location("verify", REFERENCE / "verify.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["verify"] = module
    spec.loader.exec_module(module)
    return module


def certificate(folder: Path, days: int, host: str = HOST) -> tuple[str, str]:
    """Make a certificate that ends in so many days; give its file, and that of its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host)])
    now = datetime.now(timezone.utc)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=days, hours=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(host)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem, private = folder / f"{host}-{days}.pem", folder / f"{host}-{days}.key"
    pem.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    private.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return str(pem), str(private)


@contextmanager
def answering(answers: Answers, *, tls: tuple[str, str] | None = None) -> Iterator[int]:
    """Answer requests by their path, on a port of this machine; over TLS with a certificate and its key."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length") or 0))
            status, headers, body = answers.get(self.path.split("?")[0], (404, {}, {}))
            content = json.dumps(body).encode()
            self.send_response(status)
            for name, value in {**headers, "Content-Length": str(len(content))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(content)

        do_POST = do_GET  # noqa: N815

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    if tls is not None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*tls)
        server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture(scope="module")
def front(verify: ModuleType, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """A front end that is as it should be."""
    from serving.train import train

    folder = tmp_path_factory.mktemp("front")
    weights = folder / "weights.json"
    weights.write_bytes(train(EXAMPLES, buckets=64))
    pem, key = certificate(folder, 90)
    redirect: Answers = {"/a": (301, {"Location": f"https://{HOST}/a?b=c"}, {})}
    with (
        running("serve", MODEL=str(weights), TLS_CERTIFICATE=pem, TLS_PRIVATE_KEY=key) as server,
        answering(redirect) as plain,
    ):
        until(server.ready)
        yield verify.Target(HOST, "127.0.0.1", server.port, plain, authorities=pem)


def test_a_front_end_that_is_well_is_said_to_be(verify: ModuleType, front: Any) -> None:
    outcomes = {what: outcome for what, outcome, _ in verify.verify(front)}
    assert set(outcomes.values()) == {"ok", "not tried"}
    assert outcomes["A request is answered by the model"] == "ok"
    assert outcomes["The certificate is valid, for this host, and not about to end"] == "ok"


def test_a_name_that_leads_elsewhere_is_seen(verify: ModuleType, front: Any) -> None:
    with pytest.raises(verify.Failed, match=r"and not to 192\.0\.2\.7"):
        verify.names_lead_to_the_address(replace(front, address="192.0.2.7"))


def test_a_certificate_of_nobody_known_is_seen(verify: ModuleType, front: Any) -> None:
    with pytest.raises(verify.Failed, match=r"self.signed"):
        verify.certificate_is_valid(replace(front, authorities=None))


def test_a_certificate_that_ends_soon_is_seen(
    verify: ModuleType, tmp_path: Path, weights_of: Callable[[], str]
) -> None:
    pem, key = certificate(tmp_path, 3)
    with running("serve", MODEL=weights_of(), TLS_CERTIFICATE=pem, TLS_PRIVATE_KEY=key) as server:
        until(server.ready)
        with pytest.raises(verify.Failed, match="ends in 3 days"):
            verify.certificate_is_valid(verify.Target(HOST, "127.0.0.1", server.port, authorities=pem))


@pytest.mark.parametrize(
    ("status", "location", "said"),
    [
        (200, "", "answers 200"),
        (302, f"https://{HOST}/a?b=c", "answers 302"),
        (301, f"http://{HOST}/a?b=c", "leads to http"),
        (301, "https://elsewhere.example/a?b=c", "another host"),
        (301, f"https://{HOST}/", "another host, path or query"),
    ],
)
def test_a_wrong_redirect_is_seen(verify: ModuleType, status: int, location: str, said: str) -> None:
    with answering({"/a": (status, {"Location": location}, {})}) as port, pytest.raises(verify.Failed, match=said):
        verify.http_is_redirected(verify.Target(HOST, "127.0.0.1", http_port=port))


def test_a_region_without_a_healthy_machine_is_seen(verify: ModuleType) -> None:
    answers: Answers = {
        "/eu": (200, {}, {"backends": [{"group": "g"}]}),
        "/eu/getHealth": (200, {}, {"healthStatus": [{"healthState": "HEALTHY"}, {"healthState": "UNHEALTHY"}]}),
        "/asia": (200, {}, {"backends": [{"group": "g"}]}),
        "/asia/getHealth": (200, {}, {"healthStatus": [{"healthState": "UNHEALTHY"}]}),
    }
    with answering(answers) as port:
        services = {region: f"http://127.0.0.1:{port}/{region}" for region in ("eu", "asia")}
        target = verify.Target(HOST, "127.0.0.1", services=services, token="t")
        with pytest.raises(verify.Failed, match="asia 0 of 1, eu 1 of 2"):
            verify.regions_are_well(target)
        target = replace(target, services={"eu": services["eu"]})
        assert verify.regions_are_well(target) == "healthy machines: eu 1 of 2"


@pytest.mark.parametrize("status", [302, 401])
def test_behind_identity_aware_proxy_a_stranger_cannot_try_the_model(
    verify: ModuleType, tmp_path: Path, status: int
) -> None:
    made = certificate(tmp_path, 90)
    answers: Answers = {"/v1/predict": (status, {"X-Goog-IAP-Generated-Response": "true"}, {})}
    with answering(answers, tls=made) as port, pytest.raises(verify.NotTried, match=f"answers {status} to strangers"):
        verify.requests_are_answered(verify.Target(HOST, "127.0.0.1", port, authorities=made[0]))


def test_a_request_that_is_not_answered_is_seen(verify: ModuleType, tmp_path: Path) -> None:
    made = certificate(tmp_path, 90)
    answers: Answers = {"/v1/predict": (503, {}, {"error": "the model is still loading"})}
    with answering(answers, tls=made) as port, pytest.raises(verify.Failed, match=r"answers 503: .*still loading"):
        verify.requests_are_answered(verify.Target(HOST, "127.0.0.1", port, authorities=made[0]))


def test_without_a_token_the_regions_are_said_not_to_have_been_asked(verify: ModuleType, front: Any) -> None:
    with pytest.raises(verify.NotTried, match="GOOGLE_OAUTH_ACCESS_TOKEN"):
        verify.regions_are_well(front)


def test_nobody_listening_is_seen_and_ends_nothing(verify: ModuleType) -> None:
    outcomes = [outcome for _, outcome, _ in verify.verify(verify.Target(HOST, "127.0.0.1", 1, 1))]
    assert len(outcomes) == len(verify.CHECKS)
    assert "FAILED" in outcomes


def test_what_is_no_output_of_a_stack_ends_with_2() -> None:
    done = subprocess.run(
        [sys.executable, "verify.py"], cwd=REFERENCE, input="{}", capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    assert "pulumi stack output --json" in done.stderr


@pytest.fixture
def weights_of(tmp_path: Path) -> Callable[[], str]:
    """Make weights when they are needed."""
    from serving.train import train

    def made() -> str:
        file = tmp_path / "weights.json"
        file.write_bytes(train(EXAMPLES, buckets=64))
        return str(file)

    return made
