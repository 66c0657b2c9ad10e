"""Models: what computes predictions.

The model that comes with the program classifies short texts: it counts hashed words and pairs of words and weighs the
counts. It is small enough to be trained in seconds and read in one sitting, and stands where yours will: give
`load_model` another format, or another class with a `predict` of the same shape.
"""

from __future__ import annotations

import asyncio
import hashlib
import itertools
import json
import math
import re
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Protocol, TypeAlias

Instance: TypeAlias = Mapping[str, Any]
Prediction: TypeAlias = dict[str, Any]

FORMAT: Final = "hashed-softmax/1"
"""What a file of weights says that it is."""


class ModelError(Exception):
    """The weights cannot be used."""


class InstanceError(Exception):
    """What is asked about is not what the model takes."""


class Model(Protocol):
    """Computes predictions."""

    @property
    def version(self) -> str:
        """What tells one set of weights from another."""

    async def predict(self, instances: Sequence[Instance]) -> list[Prediction]:
        """Give one prediction for each instance, in their order.

        Raises:
            InstanceError: An instance is not what the model takes.
        """


@dataclass(frozen=True)
class TextClassifier:
    """Softmax over hashed words.

    Attributes:
        labels: The classes.
        buckets: Number of hash values.
        weights: For each label, a weight for each bucket.
        biases: For each label, a weight for every text.
        version: First half of the checksum of the file, in hexadecimal digits.
    """

    labels: tuple[str, ...]
    buckets: int
    weights: tuple[tuple[float, ...], ...]
    biases: tuple[float, ...]
    version: str

    async def predict(self, instances: Sequence[Instance]) -> list[Prediction]:
        """Classify each instance's `text`, in a thread: the server goes on answering health checks meanwhile."""
        texts = [text_of(instance, place) for place, instance in enumerate(instances)]
        return await asyncio.to_thread(lambda: [self._classify(text) for text in texts])

    def _classify(self, text: str) -> Prediction:
        scores = softmax(self.activations(features(text, self.buckets)))
        best = max(range(len(scores)), key=scores.__getitem__)
        return {"label": self.labels[best], "scores": dict(zip(self.labels, scores, strict=True))}

    def activations(self, counts: Mapping[int, float]) -> list[float]:
        """Weigh the features of a text for each label."""
        return [
            bias + sum(weights[bucket] * count for bucket, count in counts.items())
            for weights, bias in zip(self.weights, self.biases, strict=True)
        ]


def text_of(instance: Instance, place: int) -> str:
    """Give the text of an instance.

    Raises:
        InstanceError: It has none.
    """
    text = instance.get("text") if isinstance(instance, Mapping) else None
    if not isinstance(text, str) or not text.strip():
        raise InstanceError(f'instances[{place}]: expected an object with a text, such as {{"text": "…"}}')
    return text


def features(text: str, buckets: int) -> dict[int, float]:
    """Count the words and pairs of words of a text, by hash; the counts are scaled to the length 1."""
    words = re.findall(r"\w+", text.casefold())
    counts: dict[int, float] = {}
    for term in (*words, *(f"{one} {other}" for one, other in itertools.pairwise(words))):
        bucket = zlib.crc32(term.encode()) % buckets
        counts[bucket] = counts.get(bucket, 0.0) + 1.0
    length = math.sqrt(sum(count * count for count in counts.values())) or 1.0
    return {bucket: count / length for bucket, count in counts.items()}


def softmax(activations: Sequence[float]) -> list[float]:
    """Turn activations into probabilities."""
    highest = max(activations)
    powers = [math.exp(value - highest) for value in activations]
    total = sum(powers)
    return [power / total for power in powers]


def load_model(content: bytes, sha256: str | None = None) -> TextClassifier:
    """Make a model of a file of weights.

    Args:
        content: The file.
        sha256: Its checksum in hexadecimal digits, if it is known.

    Raises:
        ModelError: The file is another than the one meant, or none that can be used.
    """
    checksum = hashlib.sha256(content).hexdigest()
    if sha256 is not None and checksum != sha256.lower():
        raise ModelError(f"the weights have the checksum {checksum}, and {sha256} was asked for")
    try:
        read = json.loads(content)
        if read["format"] != FORMAT:
            raise ModelError(f"the weights are of the format {read['format']!r}, and {FORMAT!r} is needed")
        model = TextClassifier(
            tuple(str(label) for label in read["labels"]),
            int(read["buckets"]),
            tuple(tuple(float(weight) for weight in row) for row in read["weights"]),
            tuple(float(bias) for bias in read["biases"]),
            checksum[:32],
        )
    except (ValueError, KeyError, TypeError) as error:
        raise ModelError(f"the weights cannot be read: {type(error).__name__}: {error}") from error
    shape = {len(row) for row in model.weights}
    if not model.labels or shape != {model.buckets} or not len(model.labels) == len(model.weights) == len(model.biases):
        raise ModelError("the weights do not fit their labels and buckets")
    return model
