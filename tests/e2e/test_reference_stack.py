"""The reference stack through its life under the pack: preview, up, a second preview, audit, destroy."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.e2e.pulumi_cli import PulumiCli
from tests.e2e.workspace import REPOSITORY, Outcome, Workspace, violations

TOPOLOGIES = ("regional-psc", "global-direct")
EXPORTS = {
    "europe_backend_service_url",
    "asia_backend_service_url",
    "backend_service_urls",
    "global_forwarding_rule_ip",
}


@dataclass(frozen=True)
class Life:
    """What happened to one deployment, in this order."""

    preview: Outcome
    up: Outcome
    again: Outcome
    outputs: dict[str, object]
    audit: Outcome
    destroy: Outcome
    operations: list[dict[str, str]]


@pytest.fixture(scope="module", params=TOPOLOGIES)
def life(request: pytest.FixtureRequest, cli: PulumiCli, pack: Path, tmp_path_factory: pytest.TempPathFactory) -> Life:
    workspace = Workspace(cli, tmp_path_factory.mktemp("pulumi"))
    config = {"topology": request.param, "protect": "false"}
    project = workspace.project(REPOSITORY / "stacks" / "reference", config=config)
    return Life(
        preview=project.preview(pack=pack),
        up=project.up("--skip-preview", pack=pack),
        again=project.preview("--diff", pack=pack),
        outputs=project.outputs(),
        audit=project.analyze(pack),
        destroy=project.destroy(),
        operations=workspace.operations(),
    )


def test_a_first_preview_is_clean(life: Life) -> None:
    assert life.preview.code == 0, str(life.preview)
    assert violations(life.preview) == [], str(life.preview)


def test_up_is_clean(life: Life) -> None:
    assert life.up.code == 0, str(life.up)
    assert violations(life.up) == [], str(life.up)


def test_a_preview_after_up_is_clean_and_changes_nothing(life: Life) -> None:
    assert life.again.code == 0, str(life.again)
    assert violations(life.again) == [], str(life.again)
    assert "unchanged" in life.again.text
    assert " to create" not in life.again.text
    assert " to update" not in life.again.text
    assert " to replace" not in life.again.text


def test_the_outputs_of_the_starting_program_are_there_and_known(life: Life) -> None:
    assert life.outputs.keys() >= EXPORTS
    assert all(life.outputs[name] for name in EXPORTS)


def test_the_audit_of_the_deployed_stack_is_clean(life: Life) -> None:
    assert life.audit.code == 0, str(life.audit)
    assert violations(life.audit) == [], str(life.audit)


def test_destroy_deletes_everything_that_up_created(life: Life) -> None:
    assert life.destroy.code == 0, str(life.destroy)
    created = {each["urn"] for each in life.operations if each["operation"] == "create"}
    deleted = {each["urn"] for each in life.operations if each["operation"] == "delete"}
    assert created
    assert deleted == created
