"""A model trained for the tests, and stand-ins for Google's services."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from serving.train import train

from tests.stacks.workload.google_services import GoogleServices, google_services

EXAMPLES = [
    ("the parcel is broken and I want my money back", "complaint"),
    ("this is broken again, I am angry", "complaint"),
    ("my order never came, this is terrible", "complaint"),
    ("nothing works and nobody answers", "complaint"),
    ("thank you, everything works very well", "praise"),
    ("what a wonderful service, thank you", "praise"),
    ("fast delivery and friendly people, great", "praise"),
    ("I love it, it works great", "praise"),
]


@pytest.fixture(scope="session")
def weights() -> bytes:
    """Weights of a model that tells complaints from praise."""
    return train(EXAMPLES, buckets=256)


@pytest.fixture
def weights_file(weights: bytes, tmp_path: Path) -> str:
    file = tmp_path / "weights.json"
    file.write_bytes(weights)
    return str(file)


@pytest.fixture
def google() -> Iterator[GoogleServices]:
    with google_services() as services:
        yield services
