"""Configuration of the reference stack: defaults, and mistakes answered in words."""

from __future__ import annotations

import ast
import json
import shutil
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.stacks.capture import PROJECT, capture, settings_errors
from tests.stacks.conftest import MANDATORY, REFERENCE, Run

MISTAKES: list[tuple[dict[str, Any], list[str]]] = [
    ({"topology": "regional-pcs"}, ["topology", "regional-psc, global-direct", "did you mean regional-psc"]),
    ({"regions": ["europe-wst1", "us-east1"]}, ["regions", "did you mean europe-west1"]),
    ({"regions": ["europe-west1"]}, ["regions", "at least two regions"]),
    ({"regions": ["us-east1", "us-east1"]}, ["regions", "listed twice", "at least two regions"]),
    ({"regions": "europe-west1"}, ["regions", "not a list of names"]),
    ({"domain": "https://inference.example.com"}, ["domain", "such as inference.example.com"]),
    ({"image": "server"}, ["image", "with a tag or digest"]),
    ({"alertEmails": []}, ["alertEmails", "missing", "an e-mail address"]),
    ({"alertEmails": ["oncall"]}, ["alertEmails", "'oncall' is not an e-mail address"]),
    ({"minReplicas": "many"}, ["minReplicas", "not a whole number", "0 to 1000", "at least 3"]),
    ({"minReplicas": 2}, ["minReplicas", "out of range", "3 to 1000"]),
    ({"minReplicas": 13, "maxReplicas": 12}, ["maxReplicas", "less than minReplicas (13)"]),
    ({"peakRequestsPerSecond": 1000, "maxReplicas": 12}, ["maxReplicas", "one region lost", "at least 84"]),
    ({"peakRequestsPerSecond": 1000, "minReplicas": 3}, ["minReplicas", "60 requests per second at once"]),
    ({"peakRequestsPerSecond": 100_000}, ["maxReplicas", "do not fit into a region's subnet"]),
    ({"servingPort": 443}, ["servingPort", "1024 to 65535"]),
    ({"failoverSignal": "none"}, ["failoverSignal", "composite, outlier, both"]),
    ({"addressSpace": "8.0.0.0/12"}, ["addressSpace", "private"]),
    ({"addressSpace": "10.0.0.0/16"}, ["addressSpace", "prefix length 12"]),
    ({"addressSpace": "10.64.1.0/12"}, ["addressSpace", "host bits set"]),
    ({"addressSpace": "127.0.0.0/12"}, ["addressSpace", "within 10.0.0.0/8"]),
    ({"addressSpace": "172.16.0.0/12"}, ["addressSpace", "within 10.0.0.0/8"]),
    ({"internalDomain": "example.com"}, ["internalDomain", "would hide"]),
    ({"kmsProtectionLevel": "hsm"}, ["kmsProtectionLevel", "SOFTWARE, HSM"]),
    ({"protect": "maybe"}, ["protect", "true, false"]),
    ({"sloPercent": "100"}, ["sloPercent", "90 to 99.99 percent"]),
    ({"sloPercent": "most"}, ["sloPercent", "not a number"]),
    ({"ipv6": True}, ["ipv6", "Private Service Connect serves IPv4 only"]),
    ({"certificatePem": "-----BEGIN CERTIFICATE-----"}, ["privateKeyPem", "belong together"]),
    ({"gpuType": "nvidia-tesla-t4"}, ["gpuType", "cannot be attached to n2-standard-8"]),
    ({"machineType": "n1-standard-8", "gpuType": "nvidia-tesla-t4", "gpuCount": 3}, ["gpuCount", "1, 2, 4, 8"]),
    ({"machineType": "c4-standard-8"}, ["bootDiskType", "set bootDiskType to hyperdisk-balanced"]),
    ({"confidentialCompute": "SEV"}, ["confidentialCompute", "n2d, c2d, c3d"]),
    ({"confidentialCompute": "SEV_SNP", "machineType": "c3d-standard-8"}, ["confidentialCompute", "series n2d"]),
    ({"nat": False, "egressHosts": ["downloads.example.com"]}, ["egressHosts", "set nat to true"]),
    ({"topology": "global-direct", "backendTlsValidation": True}, ["backendTlsValidation", "global-direct"]),
    ({"iapMembers": ["everybody"]}, ["iapMembers", "'everybody' is not a principal"]),
    ({"minWorkers": 9, "maxWorkers": 3}, ["maxWorkers", "less than minWorkers (9)"]),
]
SEVERAL = {"topology": "x", "minReplicas": -1, "protect": "y"}


@pytest.fixture(scope="module")
def errors() -> list[str]:
    """What the program says to each of MISTAKES, to SEVERAL, and to no configuration at all."""
    configs: list[dict[str, Any]] = [
        {**MANDATORY, **{f"{PROJECT}:{key}": value for key, value in settings.items()}}
        for settings in (*(settings for settings, _ in MISTAKES), SEVERAL)
    ]
    return settings_errors(REFERENCE, [*configs, {}])


@pytest.mark.parametrize(
    ("position", "expected"),
    [(position, expected) for position, (_, expected) in enumerate(MISTAKES)],
    ids=[json.dumps(settings) for settings, _ in MISTAKES],
)
def test_mistake_names_its_key_and_what_is_valid(errors: list[str], position: int, expected: list[str]) -> None:
    assert f"{PROJECT}:{expected[0]}: " in errors[position]
    assert [text for text in expected if text not in errors[position]] == []


def test_all_mistakes_are_named_at_once(errors: list[str]) -> None:
    assert [key for key in SEVERAL if f"{PROJECT}:{key}: " not in errors[-2]] == []


def test_missing_mandatory_keys_are_named(errors: list[str]) -> None:
    assert [key for key in MANDATORY if f"{key}: missing" not in errors[-1]] == []


def test_a_mistake_ends_the_program_before_anything_is_registered(run: Run) -> None:
    built = run(topology="regional-pcs")
    assert "did you mean regional-psc" in built.error
    assert built.resources == []


def test_defaults_in_pulumi_yaml_are_those_of_the_program(run: Run) -> None:
    project = yaml.safe_load((REFERENCE / "Pulumi.yaml").read_text(encoding="utf-8"))
    declared = {key: entry["default"] for key, entry in project["config"].items() if "default" in entry}
    with_declared = run(**declared)
    without = run()
    assert with_declared.error == ""
    assert {item.urn: item.inputs for item in with_declared.resources} == {
        item.urn: item.inputs for item in without.resources
    }


def test_every_key_the_program_reads_is_documented() -> None:
    trees = [ast.parse(module.read_text(encoding="utf-8")) for module in (REFERENCE / "settings").glob("*.py")]
    readers = {"text", "integer", "number", "boolean", "choice", "names", "texts", "secret"}
    keys = {
        str(call.args[0].value)
        for tree in trees
        for call in ast.walk(tree)
        if isinstance(call, ast.Call)
        and isinstance(call.func, ast.Attribute)
        and call.func.attr in readers
        and isinstance(call.args[0], ast.Constant)
    }
    readme = (REFERENCE / "README.md").read_text(encoding="utf-8")
    pulumi_yaml = (REFERENCE / "Pulumi.yaml").read_text(encoding="utf-8")
    assert "topology" in keys
    assert [key for key in keys if f"`{key}`" not in readme and f"`gcp:{key}`" not in readme] == []
    assert [key for key in keys - {"project"} if key not in pulumi_yaml] == []


def test_a_copy_runs_elsewhere_with_the_example_configuration_alone(tmp_path: Path) -> None:
    copy = shutil.copytree(REFERENCE, tmp_path / "mine", ignore=shutil.ignore_patterns("venv", "__pycache__"))
    config = yaml.safe_load((copy / "Pulumi.dev.yaml").read_text(encoding="utf-8"))["config"]
    built = capture(copy, config)
    assert built.error == ""
    assert len(built.resources) > 100


def test_the_stack_imports_only_itself_and_what_it_requires() -> None:
    own = {"components", "config_reader", "outputs", "regions", "settings", "pulumi", "pulumi_gcp"}
    found = set()
    for source in REFERENCE.rglob("*.py"):
        # The workload runs in a container of its own, with requirements of its own.
        if {"venv", "workload"} & set(source.parts):
            continue
        for node in ast.walk(ast.parse(source.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom):
                found.add((node.module or "").split(".")[0])
            elif isinstance(node, ast.Import):
                found.update(alias.name.split(".")[0] for alias in node.names)
    assert found - own <= set(sys.stdlib_module_names)
