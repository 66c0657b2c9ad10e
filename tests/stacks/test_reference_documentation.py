"""Every key of the reference stack's configuration is documented as it is: default, and range."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
import yaml

from tests.stacks.capture import PROJECT
from tests.stacks.conftest import MANDATORY, REFERENCE
from tests.stacks.settings_probe import SettingsProbe

DECLARED: dict[str, dict[str, Any]] = yaml.safe_load((REFERENCE / "Pulumi.yaml").read_text(encoding="utf-8"))["config"]
NUMBERS = [key for key, entry in DECLARED.items() if entry["type"] == "integer"]
SWITCHES = [key for key, entry in DECLARED.items() if entry["type"] == "boolean"]


@pytest.fixture(scope="module")
def rows() -> dict[str, tuple[str, str]]:
    """Default and description of each key, from the tables of the README."""
    text = (REFERENCE / "README.md").read_text(encoding="utf-8")
    return {
        match[1]: (match[2], match[3])
        for match in re.finditer(r"^\| `([\w:]+)` \| (.*?) \| (.*?) \|$", text, re.MULTILINE)
    }


@pytest.fixture(scope="module")
def probe() -> Iterator[SettingsProbe]:
    with SettingsProbe() as running:
        yield running


def complaint(probe: SettingsProbe, key: str, value: str) -> str:
    answer = probe.ask({**MANDATORY, f"{PROJECT}:{key}": value})
    error: str = answer["error"]
    return next(line for line in error.splitlines() if f"{PROJECT}:{key}: " in line)


def test_the_readme_names_every_declared_key_and_its_default(rows: dict[str, tuple[str, str]]) -> None:
    wrong = {}
    for key, entry in DECLARED.items():
        default = entry.get("default")
        if isinstance(default, bool):
            default = json.dumps(default)
        elif isinstance(default, list):
            default = f"[{', '.join(default)}]"
        expected = "mandatory" if default is None else f"`{default}`"
        if rows[key][0] != expected:
            wrong[key] = (rows[key][0], expected)
    assert wrong == {}


@pytest.mark.parametrize("key", NUMBERS)
def test_the_range_that_is_documented_is_the_one_that_is_valid(
    probe: SettingsProbe, rows: dict[str, tuple[str, str]], key: str
) -> None:
    valid = re.search(r"valid are (\d+) to (\d+)", complaint(probe, key, "many"))
    assert valid is not None
    low, high = valid.groups()
    # Sizes that are computed are documented by the range of those that are set.
    low = "3" if "0 computes" in DECLARED[key]["description"] else low
    assert f"{low} to {high}" in DECLARED[key]["description"]
    assert f"{low} to {high}" in rows[key][1]


@pytest.mark.parametrize("key", SWITCHES)
def test_switches_are_true_or_false(probe: SettingsProbe, key: str) -> None:
    assert "valid are true, false" in complaint(probe, key, "perhaps")


def test_every_choice_is_documented(probe: SettingsProbe, rows: dict[str, tuple[str, str]]) -> None:
    choices = {
        key: match[1].split(", ")
        for key, entry in DECLARED.items()
        if entry["type"] == "string"
        and (
            match := re.search(
                r"valid are (\w[\w-]*(?:, [\w-]+)+)", str(probe.ask({**MANDATORY, f"{PROJECT}:{key}": "?"}))
            )
        )
    }
    assert {"topology", "failoverSignal", "wafMode", "modelBackend", "confidentialCompute"} <= set(choices)
    assert [(key, word) for key, words in choices.items() for word in words if word not in rows[key][1]] == []
