"""The table of the provider's properties, and every table of the pack that names some."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from policypack.gcp.properties import TABLE, has_property, properties_of, required_of, type_tokens
from policypack.gcp.provider_defaults import TABLE as DEFAULTS
from policypack.gcp.references import REFERENCES
from policypack.gcp.types import BACKEND_SERVICE, INSTANCE, INSTANCE_TEMPLATE, NETWORK, SSL_POLICY

ROOT = Path(__file__).parents[2]


def test_the_table_is_what_the_sdk_says_now() -> None:
    command = [sys.executable, "tools/properties.py"]
    now = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert now == TABLE.read_text(encoding="utf-8"), "run: make docs"


def test_it_names_its_source() -> None:
    assert json.loads(TABLE.read_text(encoding="utf-8"))["source"].startswith("pulumi_gcp ")


def test_every_type_of_the_pack_is_in_it() -> None:
    assert [token for token in type_tokens() if not properties_of(token)] == []


@pytest.mark.parametrize(
    ("type_token", "path"),
    [
        (SSL_POLICY, "minTlsVersion"),
        (BACKEND_SERVICE, "backends[0].group"),
        (BACKEND_SERVICE, "backends"),
        (BACKEND_SERVICE, "backends[3]"),
        (BACKEND_SERVICE, "selfLink"),
        (INSTANCE, "metadata.enable-oslogin"),
    ],
)
def test_there_is_such_a_property(type_token: str, path: str) -> None:
    assert has_property(type_token, path)


@pytest.mark.parametrize(
    ("type_token", "path"),
    [(SSL_POLICY, "min_tls_version"), (BACKEND_SERVICE, "backends.group"), (NETWORK, "name[0]"), ("gcp:x:Y", "name")],
)
def test_there_is_no_such_property(type_token: str, path: str) -> None:
    assert not has_property(type_token, path)


def test_what_must_be_given_is_known_inside_blocks_too() -> None:
    assert {"disks", "machineType", "networkInterfaces"} <= {*required_of(INSTANCE_TEMPLATE), "networkInterfaces"}
    assert "backends[].group" in required_of(BACKEND_SERVICE)


def test_every_reference_property_of_the_catalogue_exists() -> None:
    named = {(token, one.path) for token, several in REFERENCES.items() for one in several}
    assert {pair for pair in named if properties_of(pair[0]) and not has_property(*pair)} == set()


def test_every_type_that_the_catalogue_refers_from_is_one_the_pack_names() -> None:
    assert set(REFERENCES) - set(type_tokens()) == set()


def test_every_property_with_a_default_exists() -> None:
    types = json.loads(DEFAULTS.read_text(encoding="utf-8"))["types"]
    named = {(token, path) for token, facts in types.items() for path in facts.get("defaults", {})}
    assert {pair for pair in named if properties_of(pair[0]) and not has_property(*pair)} == set()
