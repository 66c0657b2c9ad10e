"""What the pack says through the real command line holds no secret: in a preview, an update and an analysis."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from policypack.rules.registry import all_rules
from tests.e2e.workspace import REPOSITORY, STACK, Outcome, Workspace, violations
from tests.whole.test_no_secret_leaves import CONFIG_SECRET, leaked

PLANTED = REPOSITORY / "tests" / "whole" / "programs" / "planted"
ADVISORY = {rule.name: {"enforcementLevel": "advisory"} for rule in all_rules()}
"""Every rule speaks, and none stops the update."""


@pytest.fixture(scope="module")
def outcomes(module_workspace: Workspace, pack: Path) -> Mapping[str, Outcome]:
    """What the command line says of the planted stack."""
    project = module_workspace.project(PLANTED)
    project._must("config", "set", "--stack", STACK, "--secret", "token", CONFIG_SECRET)
    return {
        "preview": project.preview(pack=pack, config=ADVISORY),
        "update": project.up(pack=pack, config=ADVISORY),
        "analysis": project.analyze(pack, ADVISORY),
    }


@pytest.mark.parametrize("name", ["preview", "update", "analysis"])
def test_no_finding_holds_a_secret(name: str, outcomes: Mapping[str, Outcome]) -> None:
    assert outcomes[name].code == 0, str(outcomes[name])
    said = "\n".join(each.text for each in violations(outcomes[name]))
    assert "[secret]" in said, str(outcomes[name])
    assert leaked(said) == []
