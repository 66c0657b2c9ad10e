"""Jobs are done once, and none is lost, whatever becomes of the worker."""

from __future__ import annotations

import json
import signal

import pytest

from tests.stacks.workload.google_services import GoogleServices
from tests.stacks.workload.processes import running, until

JOB = {"input": "gs://jobs/in/1.jsonl", "output": "gs://results/out/1.jsonl"}
INPUT = b'{"text": "great, thank you"}\n\n{"text": "broken again"}\n'


@pytest.fixture
def work(google: GoogleServices, weights: bytes) -> dict[str, str]:
    """Variables of a worker, and one job with its input."""
    google.objects["models", "m.json"] = weights
    google.objects["jobs", "in/1.jsonl"] = INPUT
    return google.variables(MODEL="gs://models/m.json", SUBSCRIPTION="projects/p/subscriptions/jobs")


def labels(google: GoogleServices, name: str = "out/1.jsonl") -> list[str]:
    return [json.loads(line)["label"] for line in google.objects["results", name].splitlines()]


def test_a_job_is_read_computed_written_and_acknowledged(google: GoogleServices, work: dict[str, str]) -> None:
    google.publish("1", JOB)
    with running("work", **work):
        until(lambda: google.acknowledged == ["1"])
    assert labels(google) == ["praise", "complaint"]


def test_a_worker_killed_at_work_loses_no_job(google: GoogleServices, work: dict[str, str]) -> None:
    google.publish("1", JOB)
    google.hold_writes.set()
    with running("work", **work) as worker:
        until(google.held.is_set)
        worker.tell(signal.SIGKILL)
        worker.process.wait()
    assert google.acknowledged == []
    google.let_time_pass()
    google.hold_writes.clear()
    with running("work", **work):
        until(lambda: google.acknowledged == ["1"])
    assert labels(google) == ["praise", "complaint"]


def test_a_job_delivered_twice_is_written_once(google: GoogleServices, work: dict[str, str]) -> None:
    google.objects["results", "out/1.jsonl"] = b'{"label": "as it was"}\n'
    google.publish("1", JOB)
    with running("work", **work):
        until(lambda: google.acknowledged == ["1"])
    assert labels(google) == ["as it was"]


def test_told_to_stop_it_finishes_its_job(google: GoogleServices, work: dict[str, str]) -> None:
    google.publish("1", JOB)
    google.hold_writes.set()
    with running("work", **work) as worker:
        until(google.held.is_set)
        worker.tell(signal.SIGTERM)
        google.hold_writes.clear()
        code, said = worker.ended()
    assert code == 0
    assert google.acknowledged == ["1"]
    assert said[-1]["message"] == "ended after 1 jobs; 0 deliveries were given back"


def test_what_takes_longer_than_its_grace_is_left_to_another_worker(
    google: GoogleServices, work: dict[str, str]
) -> None:
    google.publish("1", JOB)
    google.hold_writes.set()
    with running("work", **work, GRACE_SECONDS="0") as worker:
        until(google.held.is_set)
        worker.tell(signal.SIGTERM)
        assert worker.ended()[0] == 0
    assert google.acknowledged == []


def test_a_message_that_is_no_job_comes_back_until_pubsub_takes_it_away(
    google: GoogleServices, work: dict[str, str]
) -> None:
    google.publish("bad", b"\xff not a job")
    with running("work", **work):
        until(lambda: google.waiting["bad"].attempts >= 5)
        google.publish("1", JOB)
        until(lambda: "1" in google.acknowledged)
    assert "bad" not in google.acknowledged


@pytest.mark.parametrize("content", [b"not json\n", b"[]\n", b'{"no": "text"}\n'])
def test_an_input_that_cannot_be_computed_writes_nothing(
    google: GoogleServices, work: dict[str, str], content: bytes
) -> None:
    google.objects["jobs", "in/1.jsonl"] = content
    google.publish("1", JOB)
    with running("work", **work):
        until(lambda: google.waiting["1"].attempts >= 2)
    assert google.writes == []


def test_a_long_job_gets_more_time(google: GoogleServices, work: dict[str, str]) -> None:
    google.publish("1", JOB)
    google.hold_writes.set()
    with running("work", **work, ACK_SECONDS="10"):
        until(lambda: google.waiting["1"].extended >= 1)
        google.hold_writes.clear()
        until(lambda: google.acknowledged == ["1"])


def test_jobs_run_beside_each_other(google: GoogleServices, work: dict[str, str]) -> None:
    for number in range(20):
        google.publish(str(number), {**JOB, "output": f"gs://results/{number}"})
    with running("work", **work):
        until(lambda: len(google.acknowledged) == 20)
    assert {labels(google, str(number))[0] for number in range(20)} == {"praise"}


def test_without_a_subscription_it_says_so(weights_file: str) -> None:
    with running("work", MODEL=weights_file) as worker:
        code, said = worker.ended()
    assert code == 1
    assert "SUBSCRIPTION is not set" in said[-1]["message"]


def test_a_worker_answers_whether_it_is_alive(google: GoogleServices, work: dict[str, str]) -> None:
    with running("work", **work) as worker:
        until(worker.listens)
        assert worker.get("/healthz")[0] == 200
