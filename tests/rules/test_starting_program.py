"""The program this project started from: what is said of it, word for word, and nothing besides."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from policypack.engine.verdict import Status
from policypack.gcp.types import GLOBAL_FORWARDING_RULE, REGION_BACKEND_SERVICE
from policypack.rules.contract import Level
from tests.rules.judging import judge, judge_program
from tests.support.graphs import preview, res, stack

if TYPE_CHECKING:
    from policypack.engine.judgement import Judgement
    from policypack.topology import Deployment
    from tests.rules.farm import Farm

PROGRAM = Path(__file__).parents[2] / "examples" / "starting_program" / "__main__.py"

RULE, EUROPE, ASIA = "global-forwarding-rule", "backend-service-europe", "backend-service-asia"
PORTS = "80-8080 is not one port; an HTTPS front end listens on 443"
TARGET = "`my-target-proxy` is a bare name: no target proxy of this stack, no resource URL"
REGIONS = "it reaches no serving region; two are required"
UNUSED = (
    "nothing routes to it; and its scheme is INTERNAL, the type's default, which no application load balancer can use"
)

EXPECTED = {
    ("forwarding-rule-port-matches-proxy", RULE, "portRange", PORTS, Level.MANDATORY),
    ("lb-no-dangling-reference", RULE, "target", TARGET, Level.MANDATORY),
    ("backend-service-two-regions", RULE, "target", REGIONS, Level.MANDATORY),
    ("lb-no-orphan-components", EUROPE, "", UNUSED, Level.ADVISORY),
    ("lb-no-orphan-components", ASIA, "", UNUSED, Level.ADVISORY),
    ("lb-backend-service-has-backends", EUROPE, "backends", "no backends", Level.MANDATORY),
    ("lb-backend-service-has-backends", ASIA, "backends", "no backends", Level.MANDATORY),
    ("backend-service-has-health-check", EUROPE, "healthChecks", "no health check", Level.MANDATORY),
    ("backend-service-has-health-check", ASIA, "healthChecks", "no health check", Level.MANDATORY),
}


def by_hand(build: object) -> Deployment:
    assert callable(build)
    deployment: Deployment = build(
        res(GLOBAL_FORWARDING_RULE, RULE, {"portRange": "80-8080", "target": "my-target-proxy"}),
        res(REGION_BACKEND_SERVICE, EUROPE, {"region": "europe-west1"}),
        res(REGION_BACKEND_SERVICE, ASIA, {"region": "asia-northeast1"}),
    )
    return deployment


def findings(judgement: Judgement) -> list[tuple[str, str, str, str, Level]]:
    return [
        (verdict.rule.name, finding.urn.split("::")[-1], finding.path, finding.found, judgement.level(verdict))
        for verdict in judgement.with_status(Status.FAIL)
        for finding in verdict.findings
    ]


@pytest.fixture(params=["program", "preview", "state"])
def judgement(request: pytest.FixtureRequest, farm: Farm, tmp_path: Path) -> Judgement:
    if request.param == "program":
        return judge_program(PROGRAM.read_text(encoding="utf-8"), farm, tmp_path)
    return judge(by_hand(preview if request.param == "preview" else stack))


def test_there_are_exactly_these_nine_findings(judgement: Judgement) -> None:
    found = findings(judgement)
    assert len(found) == 9
    assert set(found) == EXPECTED


def test_seven_of_them_are_mandatory(judgement: Judgement) -> None:
    assert sum(level is Level.MANDATORY for *_, level in findings(judgement)) == 7


def test_nothing_is_undecided_or_broken(judgement: Judgement) -> None:
    assert judgement.with_status(Status.UNDECIDED, Status.ERROR) == ()


def test_encryption_to_the_backends_is_not_applicable_where_packets_pass_through(judgement: Judgement) -> None:
    verdicts = judgement.of_rule["backend-protocol-encrypted"]
    assert {verdict.status for verdict in verdicts} == {Status.NOT_APPLICABLE}
