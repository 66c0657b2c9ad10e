"""What holds for every configuration: it is refused with reason, or what it builds is sound."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping
from ipaddress import IPv4Network
from itertools import combinations
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from policypack.engine.verdict import Status
from tests.rules.farm import Farm
from tests.stacks.capture import PROJECT
from tests.stacks.conftest import MANDATORY, REFERENCE
from tests.stacks.settings_probe import SettingsProbe
from tests.whole.stacks import Stack, _record, judge_all

REGIONS = (
    "africa-south1",
    "asia-northeast1",
    "asia-southeast1",
    "australia-southeast1",
    "europe-west1",
    "europe-west2",
    "me-west1",
    "northamerica-northeast1",
    "southamerica-east1",
    "us-central1",
    "us-east1",
)
some_regions = st.lists(st.sampled_from(REGIONS), min_size=2, max_size=5, unique=True)


@pytest.fixture(scope="module")
def probe() -> Iterator[SettingsProbe]:
    with SettingsProbe() as running:
        yield running


@pytest.fixture(scope="module")
def farm() -> Iterator[Farm]:
    running = Farm()
    yield running
    running.close()


def full(**keys: Any) -> dict[str, Any]:
    return {**MANDATORY, **{f"{PROJECT}:{key}": value for key, value in keys.items()}}


@settings(deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    regions=some_regions,
    peak=st.integers(1, 5000),
    rate=st.integers(1, 500),
    target=st.integers(10, 90),
    warm=st.integers(1, 100),
)
def test_computed_sizes_survive_the_loss_of_any_region(
    probe: SettingsProbe, regions: list[str], peak: int, rate: int, target: int, warm: int
) -> None:
    answer = probe.ask(
        full(
            regions=regions,
            peakRequestsPerSecond=peak,
            maxRatePerInstance=rate,
            targetUtilizationPercent=target,
            warmPercent=warm,
        )
    )
    # Sizes that fit into no subnet are refused.
    assume("error" not in answer)
    capacity, survivors = answer["capacity"], len(regions) - 1
    assert survivors * capacity["max_replicas"] * rate * target >= 100 * peak
    assert survivors * capacity["min_replicas"] * rate * 100 >= peak * warm
    assert 3 <= capacity["min_replicas"] <= capacity["max_replicas"]
    least = math.ceil(100 * peak / (survivors * rate * target))
    assert capacity["max_replicas"] == max(2 * capacity["min_replicas"], least)


@settings(deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    low=st.integers(3, 60),
    high=st.integers(3, 60),
    peak=st.integers(1, 2000),
    rate=st.integers(1, 100),
    target=st.integers(10, 90),
)
def test_sizes_that_are_set_are_taken_exactly_if_they_survive_the_loss_of_a_region(
    probe: SettingsProbe, low: int, high: int, peak: int, rate: int, target: int
) -> None:
    answer = probe.ask(
        full(
            minReplicas=low,
            maxReplicas=high,
            peakRequestsPerSecond=peak,
            maxRatePerInstance=rate,
            targetUtilizationPercent=target,
            warmPercent=50,
        )
    )
    survives = low <= high and high * rate * target >= 100 * peak and low * rate * 100 >= peak * 50
    assert ("error" not in answer) is survives


@settings(deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(regions=some_regions, block=st.integers(0, 15))
def test_no_two_ranges_overlap(probe: SettingsProbe, regions: list[str], block: int) -> None:
    answer = probe.ask(full(regions=regions, addressSpace=f"10.{16 * block}.0.0/12"))
    ranges = [
        IPv4Network(region[key])
        for region in answer["regions"]
        for key in ("vm_range", "psc_nat_range", "proxy_only_range", "edge_range")
    ]
    assert not any(one.overlaps(other) for one, other in combinations(ranges, 2))
    assert all(one.subnet_of(IPv4Network(f"10.{16 * block}.0.0/12")) for one in ranges)


BOTH: Mapping[str, st.SearchStrategy[Any]] = {
    "regions": some_regions,
    "modelBackend": st.sampled_from(["vm", "vertex"]),
    "wafMode": st.sampled_from(["preview", "enforce"]),
    "kmsProtectionLevel": st.sampled_from(["SOFTWARE", "HSM"]),
    "dnsZone": st.sampled_from(["", "example-zone"]),
    "manageDns": st.booleans(),
    "iapMembers": st.sampled_from([[], ["group:testers@example.com"]]),
    "operators": st.sampled_from([[], ["group:operators@example.com"]]),
    "jobPublishers": st.sampled_from([[], ["serviceAccount:intake@example-project.iam.gserviceaccount.com"]]),
    "alertChannels": st.sampled_from([[], ["projects/p/notificationChannels/1"]]),
    "billingAccount": st.sampled_from(["", "012345-6789AB-CDEF01"]),
    "deleteAfterDays": st.sampled_from([0, 365]),
    "logSamplePercent": st.integers(1, 100),
    "requestTimeoutSeconds": st.integers(5, 600),
    "modelLoadSeconds": st.integers(60, 3600),
    "jobTimeoutSeconds": st.integers(10, 600),
    "peakRequestsPerSecond": st.integers(1, 2000),
    "protect": st.booleans(),
    "lockLogs": st.booleans(),
    "auditLogConfig": st.booleans(),
}
MACHINES: list[dict[str, Any]] = [
    {},
    {"machineType": "g2-standard-8"},
    {"machineType": "n1-standard-8", "gpuType": "nvidia-tesla-t4"},
    {"machineType": "n2d-standard-8", "confidentialCompute": "SEV"},
    {"machineType": "n2d-standard-8", "confidentialCompute": "SEV_SNP"},
    {"machineType": "c3-standard-8", "confidentialCompute": "TDX", "bootDiskType": "hyperdisk-balanced"},
]
WAYS_OUT: list[dict[str, Any]] = [{}, {"nat": False}, {"egressHosts": ["downloads.example.com"]}]
TOPOLOGIES: list[dict[str, Any]] = [
    {"failoverSignal": "both"},
    {"failoverSignal": "composite"},
    {"failoverSignal": "outlier", "backendTlsValidation": True},
    {"topology": "global-direct"},
    {"topology": "global-direct", "ipv6": True},
]
configurations = st.builds(
    lambda common, *more: {key: value for part in (common, *more) for key, value in part.items() if value != ""},
    st.fixed_dictionaries(dict(BOTH)),
    st.sampled_from(MACHINES),
    st.sampled_from(WAYS_OUT),
    st.sampled_from(TOPOLOGIES),
)


def complaints(farm: Farm, config: Mapping[str, Any]) -> list[str]:
    """What the pack says of what a configuration builds, beside that all is well."""
    texts = {key: value if isinstance(value, str) else json.dumps(value) for key, value in config.items()}
    judged = judge_all(Stack("reference", _record(REFERENCE, farm, texts)).deployment)
    well = (Status.PASS, Status.NOT_APPLICABLE)
    return [f"{one}" for one in judged.verdicts if one.status not in well]


# Few, because each builds and judges a whole deployment.
@settings(max_examples=6, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(config=configurations)
def test_whatever_is_configured_passes_the_pack(farm: Farm, config: dict[str, Any]) -> None:
    assert complaints(farm, config) == []


@pytest.mark.parametrize("name", ["dev", "prod", "small"])
def test_the_examples_pass_the_pack(farm: Farm, name: str) -> None:
    file = REFERENCE / f"Pulumi.{name}.yaml"
    assert complaints(farm, yaml.safe_load(file.read_text(encoding="utf-8"))["config"]) == []
