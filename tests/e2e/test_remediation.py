"""Remediation under the real command line: what is deployed is mended, and the rule passes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.e2e.workspace import Project, Workspace, violations

PROGRAM = """import pulumi
import pulumi_gcp as gcp

gcp.compute.SSLPolicy("old", description=pulumi.Output.secret("hush"))
gcp.dns.ManagedZone("zone", dns_name="example.org.", dnssec_config={"kind": "dns#managedZoneDnsSecConfig"})
"""
MENDED = ("dns-dnssec-enabled", "tls-policy-min-version", "tls-policy-strong-profile")
POLICY, ZONE = "gcp:compute/sSLPolicy:SSLPolicy", "gcp:dns/managedZone:ManagedZone"


def config(level: str) -> dict[str, Any]:
    return {"guard": {"extends": "advisory", "select": [{"rules": list(MENDED), "level": level}]}}


@pytest.fixture(scope="module")
def project(module_workspace: Workspace, tmp_path_factory: pytest.TempPathFactory) -> Project:
    return module_workspace.project(program(tmp_path_factory.mktemp("mended")))


def program(source: Path) -> Path:
    (source / "Pulumi.yaml").write_text("name: mended\nruntime: python\n", encoding="utf-8")
    (source / "__main__.py").write_text(PROGRAM, encoding="utf-8")
    return source


def inputs(project: Project, type_token: str) -> dict[str, Any]:
    (found,) = [one for one in project.export()["deployment"]["resources"] if one["type"] == type_token]
    given: dict[str, Any] = found["inputs"]
    return given


def test_at_level_mandatory_the_rules_stop_the_preview(project: Project, pack: Path) -> None:
    outcome = project.preview(pack=pack, config=config("mandatory"))
    assert outcome.code != 0, str(outcome)
    assert {each.policy for each in violations(outcome) if each.level == "mandatory"} == set(MENDED)


def test_at_level_remediate_what_is_deployed_is_mended_and_the_rules_pass(project: Project, pack: Path) -> None:
    outcome = project.up(pack=pack, config=config("remediate"))
    assert outcome.code == 0, str(outcome)
    said = violations(outcome)
    assert {each.policy for each in said if each.level == "mandatory"} == set()
    assert "remediate" in outcome.text
    policy = inputs(project, POLICY)
    assert (policy["minTlsVersion"], policy["profile"]) == ("TLS_1_2", "MODERN")
    assert inputs(project, ZONE)["dnssecConfig"]["state"] == "on"
    judged = project.analyze(pack, config("mandatory"))
    assert {each.policy for each in violations(judged)} & set(MENDED) == set(), str(judged)


def test_what_is_deployed_already_is_mended_by_an_update(
    workspace: Workspace, pack: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    project = workspace.project(program(tmp_path_factory.mktemp("deployed")))
    assert project.up().code == 0
    before = inputs(project, POLICY)
    assert before["minTlsVersion"] == "TLS_1_0"
    analyzed = project.analyze(pack, config("remediate"))
    assert {each.policy for each in violations(analyzed) if each.level == "mandatory"} == set(MENDED), str(analyzed)
    outcome = project.preview(pack=pack, config=config("remediate"))
    assert outcome.code == 0, str(outcome)
    assert "~ 2 to update" in outcome.text
    assert "[diff: ~minTlsVersion,profile]" in outcome.text
    assert project.up(pack=pack, config=config("remediate")).code == 0
    assert project.up("--expect-no-changes", pack=pack, config=config("remediate")).code == 0
    assert inputs(project, POLICY)["name"] == before["name"]


def test_what_was_secret_still_is(project: Project, pack: Path) -> None:
    project.up(pack=pack, config=config("remediate"))
    assert "ciphertext" in inputs(project, POLICY)["description"]


def test_a_second_run_changes_nothing(project: Project, pack: Path) -> None:
    project.up(pack=pack, config=config("remediate"))
    outcome = project.up("--expect-no-changes", pack=pack, config=config("remediate"))
    assert outcome.code == 0, str(outcome)
