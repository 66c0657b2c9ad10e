"""The server as the load balancer and its clients see it."""

from __future__ import annotations

import json
import signal
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from tests.stacks.workload.google_services import GoogleServices
from tests.stacks.workload.processes import Running, like_load_balancers, running, until

QUESTION = {"instances": [{"text": "thank you, great"}, {"text": "it is broken"}]}


def test_it_answers_over_tls_with_one_prediction_for_each_instance(weights_file: str) -> None:
    with running("serve", MODEL=weights_file) as server:
        until(server.ready)
        status, answer = server.predict(QUESTION)
    assert status == 200
    assert [one["label"] for one in answer["predictions"]] == ["praise", "complaint"]


def test_it_speaks_nothing_older_than_tls_1_2(weights_file: str) -> None:
    with running("serve", MODEL=weights_file) as server:
        until(server.ready)
        context = like_load_balancers()
        with socket.create_connection(("127.0.0.1", server.port)) as plain, context.wrap_socket(plain) as secure:
            assert secure.version() in {"TLSv1.2", "TLSv1.3"}
        with socket.create_connection(("127.0.0.1", server.port)) as plain:
            plain.sendall(b"GET /readyz HTTP/1.1\r\nHost: x\r\n\r\n")
            assert not plain.recv(16).startswith(b"HTTP")


def test_weights_come_from_the_bucket_and_are_not_ready_before(google: GoogleServices, weights: bytes) -> None:
    google.failing_reads = 1
    google.objects["models", "reviews/1.json"] = weights
    with running("serve", **google.variables(MODEL="gs://models/reviews/1.json")) as server:
        until(lambda: alive(server))
        assert server.get("/readyz") in ((503, {"status": "loading"}), (200, {"status": "ready"}))
        until(server.ready)
        assert server.predict(QUESTION)[0] == 200
    assert google.tokens == 1


def test_vertex_computes_in_its_place(google: GoogleServices) -> None:
    endpoint = "projects/p/locations/europe-west1/endpoints/7"
    with running("serve", **google.variables(MODEL=f"vertex:{endpoint}")) as server:
        until(server.ready)
        assert server.predict(QUESTION)[1]["predictions"] == [{"label": "from vertex"}] * 2
    assert google.vertex_asked == [endpoint]


def test_wrong_questions_are_refused_and_do_no_harm(weights_file: str) -> None:
    with running("serve", MODEL=weights_file, BODY_BYTES="2048") as server:
        until(server.ready)
        wrong: list[object] = [b"{", b"[]", b"[" * 2000, {"instances": []}, {"instances": [{"text": 1}]}]
        for body in wrong:
            assert server.predict(body)[0] == 400
        assert server.predict(QUESTION)[0] == 200


def test_what_is_too_long_is_refused(weights_file: str) -> None:
    with running("serve", MODEL=weights_file, BODY_BYTES="2048") as server:
        until(server.ready)
        context = like_load_balancers()
        with socket.create_connection(("127.0.0.1", server.port)) as plain, context.wrap_socket(plain) as secure:
            secure.sendall(b"POST /v1/predict HTTP/1.1\r\nHost: x\r\nContent-Length: 4096\r\n\r\n" + b"x" * 4096)
            assert b" 413 " in secure.recv(256)


def test_a_request_beyond_what_it_can_bear_is_refused_at_once(weights_file: str) -> None:
    with running("serve", MODEL=weights_file, IN_FLIGHT="1") as server:
        until(server.ready)
        with slow_request(server):
            until(lambda: server.predict(QUESTION)[0] == 503)
            assert server.get("/readyz")[0] == 200
        until(lambda: server.predict(QUESTION)[0] == 200)


def test_told_to_stop_it_finishes_what_is_under_way(weights_file: str) -> None:
    with running("serve", MODEL=weights_file) as server:
        until(server.ready)
        with slow_request(server) as (connection, rest):
            server.tell(signal.SIGTERM)
            until(lambda: not accepts(server))
            connection.sendall(rest)
            assert b" 200 " in connection.recv(4096)
        code, said = server.ended()
    assert code == 0
    assert said[-1]["message"] == "ended"
    assert {line["severity"] for line in said} == {"INFO"}


def test_told_to_stop_it_serves_on_while_load_balancers_notice(weights_file: str) -> None:
    with running("serve", MODEL=weights_file, DRAIN_SECONDS="3600") as server:
        until(server.ready)
        server.tell(signal.SIGTERM)
        until(lambda: server.get("/readyz") == (503, {"status": "draining"}))
        assert server.predict(QUESTION)[0] == 200
        assert server.get("/healthz")[0] == 200


def test_killed_and_started_again_it_answers_again(weights_file: str) -> None:
    lost: list[Exception] = []

    def ask(server: Running) -> None:
        try:
            server.predict(QUESTION)
        except OSError as error:
            lost.append(error)

    with running("serve", MODEL=weights_file) as server:
        until(server.ready)
        with slow_request(server):
            server.tell(signal.SIGKILL)
            server.process.wait()
        thread = threading.Thread(target=ask, args=(server,))
        thread.start()
        thread.join()
        assert len(lost) == 1
    with running("serve", MODEL=weights_file) as server:
        until(server.ready)
        assert server.predict(QUESTION)[0] == 200


def test_weights_that_are_none_end_it_with_one_clear_line(weights_file: str) -> None:
    with running("serve", MODEL=weights_file, MODEL_SHA256="00") as server:
        code, said = server.ended()
    assert code == 1
    assert [line["severity"] for line in said if line["severity"] != "INFO"] == ["ERROR"]


def test_a_wrong_variable_ends_it_with_one_clear_line() -> None:
    with running("serve", IN_FLIGHT="none") as server:
        code, said = server.ended()
    assert code == 1
    assert len(said) == 1
    assert "MODEL is not set" in said[0]["message"]


def alive(server: Running) -> bool:
    try:
        return bool(server.get("/healthz")[0] == 200)
    except OSError:
        return False


def accepts(server: Running) -> bool:
    try:
        socket.create_connection(("127.0.0.1", server.port), timeout=5).close()
    except OSError:
        return False
    return True


@contextmanager
def slow_request(server: Running) -> Iterator[tuple[ssl.SSLSocket, bytes]]:
    """Give a request whose body is only half there, and the rest of it."""
    body = json.dumps(QUESTION).encode()
    head = f"POST /v1/predict HTTP/1.1\r\nHost: x\r\nContent-Length: {len(body)}\r\n\r\n".encode()
    plain = socket.create_connection(("127.0.0.1", server.port), timeout=60)
    with like_load_balancers().wrap_socket(plain) as connection:
        connection.sendall(head + body[:10])
        yield connection, body[10:]
