"""Trains the small text classifier: enough to try the whole path with weights of one's own."""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterable, Sequence

from serving.model import FORMAT, features, softmax


def train(examples: Sequence[tuple[str, str]], buckets: int = 1024, rounds: int = 30, rate: float = 0.5) -> bytes:
    """Train on texts and their labels, by stochastic gradient descent.

    Args:
        examples: Text and label.
        buckets: Number of hash values; more of them mix fewer words up.
        rounds: How often each example is looked at.
        rate: Length of a step.

    Returns:
        A file of weights, as `serving.model.load_model` takes it.

    Raises:
        ValueError: There are fewer than two labels.
    """
    labels = sorted({label for _, label in examples})
    if len(labels) < 2:
        raise ValueError("training needs examples of at least two labels")
    weights = [[0.0] * buckets for _ in labels]
    biases = [0.0] * len(labels)
    prepared = [(features(text, buckets), labels.index(label)) for text, label in examples]
    for turn in range(rounds):
        # Another order in each round, and the same ones in every run: the same examples give the same weights.
        for counts, right in sorted(prepared, key=lambda one: zlib.crc32(f"{turn} {one}".encode())):
            activations = [
                bias + sum(row[bucket] * count for bucket, count in counts.items())
                for row, bias in zip(weights, biases, strict=True)
            ]
            for place, score in enumerate(softmax(activations)):
                step = rate * ((place == right) - score)
                biases[place] += step
                for bucket, count in counts.items():
                    weights[place][bucket] += step * count
    rounded = [[round(weight, 5) for weight in row] for row in weights]
    return json.dumps(
        {"format": FORMAT, "labels": labels, "buckets": buckets, "weights": rounded, "biases": biases}
    ).encode()


def read_examples(lines: Iterable[str]) -> list[tuple[str, str]]:
    """Read examples, one JSON object with `text` and `label` a line."""
    read = [json.loads(line) for line in lines if line.strip()]
    return [(str(one["text"]), str(one["label"])) for one in read]
