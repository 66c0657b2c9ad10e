"""The reference stack passes the policy pack it comes with, in every shape that its settings allow."""

from __future__ import annotations

import pytest

from policypack.engine.deployment import deployment_of
from policypack.engine.judgement import Judgement, judge_deployment
from policypack.engine.profiles import PROFILES, profile
from policypack.engine.settings import Settings, from_document
from policypack.engine.verdict import Status
from policypack.rules.contract import Level
from policypack.rules.registry import all_rules
from policypack.sources.program import run_program
from tests.stacks.conftest import REFERENCE

SHAPES: dict[str, dict[str, str]] = {
    "regional-psc": {},
    "regional-psc in five regions, outlier detection only": {
        "failoverSignal": "outlier",
        "regions": '["us-east1", "europe-west1", "asia-northeast1", "me-west1", "africa-south1"]',
    },
    "global-direct in three regions, with a DNS zone": {
        "topology": "global-direct",
        "regions": '["us-central1", "europe-west4", "asia-south1"]',
        "dnsZone": "example-zone",
    },
}


@pytest.fixture(scope="module", params=list(SHAPES.values()), ids=list(SHAPES))
def judged(request: pytest.FixtureRequest) -> Judgement:
    run = run_program(REFERENCE, config=request.param)
    deployment = deployment_of(run.resources, project=run.project, stack=run.stack)
    return judge_deployment(deployment, all_rules(), Settings())


def test_no_rule_fails_breaks_or_is_undecided(judged: Judgement) -> None:
    clean = (Status.PASS, Status.NOT_APPLICABLE)
    assert [str(verdict) for verdict in judged.verdicts if verdict.status not in clean] == []


@pytest.mark.parametrize("topology", ["regional-psc", "global-direct"])
def test_the_pack_finds_the_capacity_that_the_stack_computes(topology: str) -> None:
    """It passes with the declared peak, and not with a request a second more."""
    config = {"topology": topology, "peakRequestsPerSecond": "120", "targetUtilizationPercent": "60"}
    run = run_program(REFERENCE, config=config)
    found = []
    for peak in (120, 121):
        parameters = {"capacity-survives-region-loss": {"peak": peak, "utilisation": 0.6}}
        deployment = deployment_of(run.resources, project=run.project, stack=run.stack)
        judged = judge_deployment(deployment, all_rules(), from_document(parameters, all_rules()))
        found.append([one.rule.name for one in judged.with_status(Status.FAIL)])
    assert found == [[], ["capacity-survives-region-loss"]]


@pytest.mark.parametrize("name", PROFILES)
def test_no_profile_stops_it(judged: Judgement, name: str) -> None:
    strict = judge_deployment(judged.deployment, all_rules(), from_document(profile(name), all_rules()))
    said = (Status.FAIL, Status.ERROR, Status.UNDECIDED)
    mandatory = [one for one in strict.with_status(*said) if strict.level(one) is Level.MANDATORY]
    assert [str(verdict) for verdict in mandatory] == []
    assert not strict.blocking


def test_two_regions_are_found_on_the_one_global_route(judged: Judgement) -> None:
    passed = {
        (verdict.rule.name, verdict.urn.rsplit("::", 1)[1])
        for verdict in judged.verdicts
        if verdict.status is Status.PASS
    }
    assert ("backend-service-two-regions", "regions") in passed
