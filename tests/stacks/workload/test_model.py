"""The small model: it learns, it is what it was, and it refuses what is none."""

from __future__ import annotations

import asyncio
import hashlib
import json
from typing import Any

import pytest
from serving.model import InstanceError, ModelError, load_model
from serving.train import read_examples, train

from tests.stacks.workload.conftest import EXAMPLES


def classify(weights: bytes, *texts: str) -> list[str]:
    predictions = asyncio.run(load_model(weights).predict([{"text": text} for text in texts]))
    return [prediction["label"] for prediction in predictions]


def test_it_learns_its_examples(weights: bytes) -> None:
    assert classify(weights, *(text for text, _ in EXAMPLES)) == [label for _, label in EXAMPLES]


def test_it_classifies_texts_that_it_never_saw(weights: bytes) -> None:
    assert classify(weights, "it is broken and nobody answers", "works very well, thank you") == ["complaint", "praise"]


def test_scores_are_probabilities(weights: bytes) -> None:
    (prediction,) = asyncio.run(load_model(weights).predict([{"text": "great"}]))
    assert sum(prediction["scores"].values()) == pytest.approx(1)


def test_the_same_examples_give_the_same_weights(weights: bytes) -> None:
    assert train(EXAMPLES, buckets=256) == weights


def test_one_label_is_nothing_to_learn() -> None:
    with pytest.raises(ValueError, match="two labels"):
        train([("a", "b"), ("c", "b")])


def test_examples_are_json_lines() -> None:
    assert read_examples(['{"text": "a", "label": "b"}', ""]) == [("a", "b")]


def test_weights_with_the_checksum_that_was_asked_for_are_taken(weights: bytes) -> None:
    assert load_model(weights, hashlib.sha256(weights).hexdigest().upper()).labels == ("complaint", "praise")


def test_weights_with_another_checksum_are_refused(weights: bytes) -> None:
    with pytest.raises(ModelError, match="was asked for"):
        load_model(weights, "0" * 64)


@pytest.mark.parametrize(
    "change",
    [{"format": "other/1"}, {"labels": []}, {"weights": [[1.0]]}, {"biases": [0.0]}, {"buckets": "many"}],
    ids=str,
)
def test_weights_that_do_not_fit_are_refused(weights: bytes, change: dict[str, object]) -> None:
    with pytest.raises(ModelError):
        load_model(json.dumps({**json.loads(weights), **change}).encode())


def test_what_is_no_json_is_refused() -> None:
    with pytest.raises(ModelError, match="cannot be read"):
        load_model(b"\x80weights")


@pytest.mark.parametrize("instance", [{}, {"text": ""}, {"text": 3}, "text", None], ids=str)
def test_an_instance_without_text_is_named(weights: bytes, instance: Any) -> None:
    with pytest.raises(InstanceError, match=r"instances\[1\]"):
        asyncio.run(load_model(weights).predict([{"text": "fine"}, instance]))
