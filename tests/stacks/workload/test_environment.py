"""What the program is told."""

from __future__ import annotations

import pytest
from serving.environment import ConfigurationError, read_environment


def test_a_model_is_enough() -> None:
    assert read_environment({"MODEL": "/weights"}).port == 8443


def test_numbers_are_read() -> None:
    assert read_environment({"MODEL": "m", "PORT": "9000", "DRAIN_SECONDS": "1.5"}).drain_seconds == 1.5


@pytest.mark.parametrize(
    ("variables", "said"),
    [
        ({}, "MODEL is not set"),
        ({"MODEL": "m", "PORT": "https"}, "PORT is 'https': give a number from 1 to 65535"),
        ({"MODEL": "m", "PORT": "0"}, "PORT is '0'"),
        ({"MODEL": "m", "ACK_SECONDS": "nan"}, "ACK_SECONDS is 'nan'"),
        ({"MODEL": "m", "TLS_CERTIFICATE": "c"}, "go together"),
    ],
)
def test_a_mistake_is_named(variables: dict[str, str], said: str) -> None:
    with pytest.raises(ConfigurationError, match=said):
        read_environment(variables)


def test_all_mistakes_are_named_at_once() -> None:
    with pytest.raises(ConfigurationError, match=r"(?s)IN_FLIGHT.*GRACE_SECONDS.*MODEL"):
        read_environment({"IN_FLIGHT": "-1", "GRACE_SECONDS": "x"})
