"""The program this project started from, as it was."""

from __future__ import annotations

import pytest

from tests.stacks.capture import Captured, capture
from tests.stacks.conftest import REPOSITORY


@pytest.fixture(scope="module")
def started() -> Captured:
    return capture(REPOSITORY / "examples" / "starting_program", {})


def test_it_registers_one_forwarding_rule_and_two_backend_services(started: Captured) -> None:
    assert sorted((item.type.rsplit(":", 1)[1], item.name) for item in started.resources) == [
        ("GlobalForwardingRule", "global-forwarding-rule"),
        ("RegionBackendService", "backend-service-asia"),
        ("RegionBackendService", "backend-service-europe"),
    ]


def test_its_rule_names_a_port_range_and_a_bare_name(started: Captured) -> None:
    rule = started.one("GlobalForwardingRule", "global-forwarding-rule")
    assert rule.inputs == {"portRange": "80-8080", "target": "my-target-proxy"}


def test_its_services_have_a_region_and_nothing_else(started: Captured) -> None:
    assert {item.name: item.inputs for item in started.of("RegionBackendService")} == {
        "backend-service-europe": {"region": "europe-west1"},
        "backend-service-asia": {"region": "asia-northeast1"},
    }


def test_it_exports_three_values(started: Captured) -> None:
    assert sorted(started.outputs) == [
        "asia_backend_service_url",
        "europe_backend_service_url",
        "global_forwarding_rule_ip",
    ]
