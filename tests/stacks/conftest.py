"""The reference stack, run once for each configuration that the tests ask for."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.stacks.capture import PROJECT, Captured, capture

REPOSITORY = Path(__file__).parents[2]
REFERENCE = REPOSITORY / "stacks" / "reference"
MANDATORY: dict[str, Any] = {
    "gcp:project": "example-project",
    f"{PROJECT}:domain": "inference.example.com",
    f"{PROJECT}:alertEmails": ["oncall@example.com", "platform@example.com"],
}

Run = Callable[..., Captured]


@pytest.fixture(scope="session")
def run() -> Run:
    """Runs the reference stack with the mandatory settings and those given, and remembers the result."""
    seen: dict[str, Captured] = {}

    def with_settings(**settings: Any) -> Captured:
        config: Mapping[str, Any] = {
            **MANDATORY,
            **{f"{PROJECT}:{key}": value for key, value in settings.items()},
        }
        key = json.dumps(config, sort_keys=True)
        if key not in seen:
            seen[key] = capture(REFERENCE, config)
        return seen[key]

    return with_settings


@pytest.fixture
def psc(run: Run) -> Captured:
    """The default topology with its default regions."""
    return run()


@pytest.fixture
def direct(run: Run) -> Captured:
    """The other topology with its default regions."""
    return run(topology="global-direct")


@pytest.fixture(params=["psc", "direct"])
def built(request: pytest.FixtureRequest) -> Captured:
    """Each topology in turn."""
    captured: Captured = request.getfixturevalue(request.param)
    return captured
