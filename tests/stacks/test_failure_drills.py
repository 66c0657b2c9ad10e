"""What is lost, and what remains: each drill takes something away from the graph and asks what still serves.

The numbers come from the resources as they are registered (replicas, rates, thresholds), not from the settings that
they were computed from.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from policypack.engine.deployment import deployment_of
from policypack.engine.judgement import judge_deployment
from policypack.engine.settings import from_document
from policypack.engine.verdict import Status
from policypack.gcp import types as t
from policypack.gcp.locations import region_of
from policypack.rules.registry import all_rules, rules_by_name
from policypack.sources.program import run_program
from policypack.topology.capacity import capacity_by_region

if TYPE_CHECKING:
    from collections.abc import Mapping

    from policypack.model.resource import Resource
    from policypack.topology import Deployment

REFERENCE = Path(__file__).parents[2] / "stacks" / "reference"
SHAPES: Mapping[str, dict[str, str]] = {
    "two regions": {},
    "two regions, direct": {"topology": "global-direct"},
    "three regions, a high peak": {
        "regions": '["europe-west1", "us-east1", "asia-northeast1"]',
        "peakRequestsPerSecond": "5000",
        "maxRatePerInstance": "30",
    },
    "a rate that divides badly": {"peakRequestsPerSecond": "997", "maxRatePerInstance": "7"},
}
ZONES = 3


class Drill:
    """One shape of the stack."""

    def __init__(self, config: Mapping[str, str]) -> None:
        self.peak = float(config.get("peakRequestsPerSecond", "120"))
        self.config = {"targetUtilizationPercent": "60", **config}
        run = run_program(REFERENCE, stack="dev", config={"peakRequestsPerSecond": "120", **config})
        self.resources = tuple(run.resources)
        self.deployment = self.build(self.resources)

    def build(self, resources: tuple[Resource, ...]) -> Deployment:
        return deployment_of(resources, project="shop", stack="dev")

    def of(self, *kinds: str) -> list[Resource]:
        return [one for one in self.resources if one.type in kinds]

    def capacity(self) -> dict[str, float]:
        """Requests per second that each region serves at its full size and at the autoscaler's target."""
        target = float(self.config["targetUtilizationPercent"]) / 100
        services = [one for one in self.deployment.load_balancing.services if not one.is_global]
        found: dict[str, float] = {}
        for service in services:
            capacity, unit = capacity_by_region(service)
            assert unit == "requests/s"
            for region, rate in capacity.items():
                found[region] = rate * target
        return found

    def verdicts(self, rule: str, resources: tuple[Resource, ...]) -> set[Status]:
        chosen = rules_by_name()[rule]
        settings = from_document({rule: "mandatory"}, all_rules())
        judgement = judge_deployment(self.build(resources), (chosen,), settings)
        return {verdict.status for verdict in judgement.verdicts}


@pytest.fixture(scope="module", params=SHAPES, ids=str)
def drill(request: pytest.FixtureRequest) -> Drill:
    return Drill(SHAPES[request.param])


def inputs(one: Resource) -> Any:
    return one.inputs


def test_with_any_one_region_lost_the_others_serve_the_peak(drill: Drill) -> None:
    capacity = drill.capacity()
    assert len(capacity) >= 2
    for lost in capacity:
        assert sum(rate for region, rate in capacity.items() if region != lost) >= drill.peak, f"without {lost}"


def test_with_any_one_zone_lost_the_rest_serves_the_peak(drill: Drill) -> None:
    capacity = drill.capacity()
    for hit in capacity:
        left = sum(capacity.values()) - capacity[hit] / ZONES
        assert left >= drill.peak, f"without a zone of {hit}"


def test_every_region_has_machines_in_three_zones(drill: Drill) -> None:
    groups = drill.of(t.REGION_INSTANCE_GROUP_MANAGER)
    assert groups
    assert {len(inputs(one)["distributionPolicyZones"]) for one in groups} == {ZONES}


def test_a_lost_zone_does_not_take_its_region_out(drill: Drill) -> None:
    smallest = min(inputs(one)["autoscalingPolicy"]["minReplicas"] for one in drill.of(t.REGION_AUTOSCALER))
    for policy in (one for one in drill.resources if one.type.endswith(":RegionHealthAggregationPolicy")):
        asked = inputs(policy)
        assert asked["healthyPercentThreshold"] <= 100 * (ZONES - 1) / ZONES
        assert asked["minHealthyThreshold"] <= smallest * (ZONES - 1) // ZONES


def test_an_update_never_takes_a_machine_away_before_another_is_there(drill: Drill) -> None:
    for group in drill.of(t.REGION_INSTANCE_GROUP_MANAGER):
        assert inputs(group)["updatePolicy"]["maxUnavailableFixed"] == 0


def test_no_region_needs_another_one_to_live(drill: Drill) -> None:
    by_urn = {one.urn: one for one in drill.resources}
    for one in drill.resources:
        here = region_of(one)
        if not isinstance(here, str) or not one.type.startswith("gcp:"):
            continue
        needed = {urn for urns in one.property_dependencies.values() for urn in urns if urn in by_urn}
        regions = {region_of(by_urn[urn]) for urn in needed if by_urn[urn].type.startswith("gcp:")}
        assert {region for region in regions if isinstance(region, str)} <= {here}, one.urn


@pytest.mark.parametrize("lost", ["outlier detection", "composite health"])
def test_with_one_of_the_two_signals_lost_the_other_still_takes_an_unwell_region_out(lost: str) -> None:
    drill = Drill({})
    if lost == "outlier detection":
        left = tuple(without(one, "outlierDetection") for one in drill.resources)
    else:
        left = tuple(one for one in drill.resources if not one.type.endswith(":RegionCompositeHealthCheck"))
    assert drill.verdicts("backend-service-failover-signal", left) <= {Status.PASS, Status.NOT_APPLICABLE}


def test_with_both_signals_lost_the_pack_says_so() -> None:
    drill = Drill({})
    left = tuple(
        without(one, "outlierDetection")
        for one in drill.resources
        if not one.type.endswith(":RegionCompositeHealthCheck")
    )
    assert Status.FAIL in drill.verdicts("backend-service-failover-signal", left)


def without(one: Resource, key: str) -> Resource:
    """Take a property away."""
    given = {name: value for name, value in (one.inputs or {}).items() if name != key}
    known = None if one.outputs is None else {name: value for name, value in one.outputs.items() if name != key}
    return replace(one, inputs=given, outputs=known)
