"""The path of a request through the reference stack, hop by hop, as the engine is told of it."""

from __future__ import annotations

from typing import Any

import pytest

from tests.stacks.capture import UNKNOWN, Captured
from tests.stacks.conftest import Run

REGIONS = ("asia-northeast1", "europe-west1")


def test_https_enters_on_443_and_http_on_80(built: Captured) -> None:
    ports = {rule.name: rule.inputs["portRange"] for rule in built.of("GlobalForwardingRule")}
    assert ports == {"frontend-https": "443", "frontend-http": "80"}


def test_both_global_rules_share_the_one_address(built: Captured) -> None:
    for rule in built.of("GlobalForwardingRule"):
        assert built.targets(rule, "ipAddress") == ["GlobalAddress frontend"]


def test_the_plain_http_url_map_only_redirects(built: Captured) -> None:
    redirect = built.one("URLMap", "frontend-redirect")
    assert redirect.inputs["defaultUrlRedirect"]["httpsRedirect"] is True
    assert "defaultService" not in redirect.inputs


@pytest.mark.parametrize(
    ("kind", "name", "prop", "target"),
    [
        ("GlobalForwardingRule", "frontend-https", "target", "TargetHttpsProxy frontend"),
        ("GlobalForwardingRule", "frontend-http", "target", "TargetHttpProxy frontend-redirect"),
        ("TargetHttpsProxy", "frontend", "urlMap", "URLMap frontend"),
        ("TargetHttpsProxy", "frontend", "sslPolicy", "SSLPolicy frontend"),
        ("TargetHttpsProxy", "frontend", "certificateMap", "CertificateMap frontend"),
        ("TargetHttpProxy", "frontend-redirect", "urlMap", "URLMap frontend-redirect"),
        ("URLMap", "frontend", "defaultService", "BackendService regions"),
    ],
)
def test_front_end_hop_has_exactly_one_target(built: Captured, kind: str, name: str, prop: str, target: str) -> None:
    assert built.targets(built.one(kind, name), prop) == [target]


@pytest.mark.parametrize("region", REGIONS)
@pytest.mark.parametrize(
    ("kind", "prop", "target"),
    [
        ("ForwardingRule", "target", "RegionTargetHttpsProxy backend-{}"),
        ("ForwardingRule", "ipAddress", "Address backend-{}"),
        ("RegionTargetHttpsProxy", "urlMap", "RegionUrlMap backend-{}"),
        ("RegionTargetHttpsProxy", "sslPolicy", "RegionSslPolicy backend-{}"),
        ("RegionTargetHttpsProxy", "certificateManagerCertificates", "Certificate backend-{}-certificate"),
        ("RegionUrlMap", "defaultService", "RegionBackendService backend-{}"),
        ("RegionBackendService", "backends", "RegionInstanceGroupManager inference-{}"),
        ("RegionBackendService", "healthChecks", "RegionHealthCheck backend-{}-readiness"),
    ],
)
def test_regional_hop_has_exactly_one_target(built: Captured, region: str, kind: str, prop: str, target: str) -> None:
    assert built.targets(built.one(kind, f"backend-{region}"), prop) == [target.format(region)]


def test_psc_backends_are_the_endpoint_groups_and_nothing_else(psc: Captured) -> None:
    service = psc.one("BackendService", "regions")
    assert psc.targets(service, "backends") == [f"RegionNetworkEndpointGroup published-{region}" for region in REGIONS]
    assert service.inputs["backends"] == [{"group": UNKNOWN}, {"group": UNKNOWN}]
    assert "healthChecks" not in service.inputs


@pytest.mark.parametrize("region", REGIONS)
def test_psc_endpoint_group_leads_to_the_regional_forwarding_rule(psc: Captured, region: str) -> None:
    name = f"published-{region}"
    group = psc.one("RegionNetworkEndpointGroup", name)
    assert psc.targets(group, "pscTargetService") == [f"ServiceAttachment {name}"]
    attachment = psc.one("ServiceAttachment", name)
    assert psc.targets(attachment, "targetService") == [f"ForwardingRule backend-{region}"]


def test_psc_consumer_side_is_in_a_network_of_its_own(psc: Captured) -> None:
    for group in psc.of("RegionNetworkEndpointGroup"):
        assert psc.targets(group, "network") == ["Network edge"]
    for rule in psc.of("ForwardingRule"):
        assert psc.targets(rule, "network") == ["Network ml"]


def test_regional_rules_allow_global_access(built: Captured) -> None:
    assert [rule.inputs["allowGlobalAccess"] for rule in built.of("ForwardingRule")] == [True, True]


def test_direct_backends_are_the_instance_groups(direct: Captured) -> None:
    service = direct.one("BackendService", "regions")
    assert direct.targets(service, "backends") == [
        f"RegionInstanceGroupManager inference-{region}" for region in REGIONS
    ]
    assert direct.targets(service, "healthChecks") == ["HealthCheck regions-readiness"]


def test_direct_topology_publishes_nothing(direct: Captured) -> None:
    kinds = ("ServiceAttachment", "RegionNetworkEndpointGroup", "RegionCompositeHealthCheck")
    assert [direct.of(kind) for kind in kinds] == [[], [], []]
    assert [network.name for network in direct.of("Network")] == ["ml"]


def test_groups_shared_by_two_services_are_balanced_by_rate_in_both(direct: Captured) -> None:
    services = [*direct.of("BackendService"), *direct.of("RegionBackendService")]
    backends: list[dict[str, Any]] = [backend for service in services for backend in service.inputs["backends"]]
    assert {backend["balancingMode"] for backend in backends} == {"RATE"}
    assert {backend["capacityScaler"] for backend in backends} == {1.0}


def test_regional_services_take_traffic_in_both_topologies(built: Captured) -> None:
    for service in built.of("RegionBackendService"):
        assert [backend["capacityScaler"] for backend in service.inputs["backends"]] == [1.0]


def test_every_backend_service_speaks_https(built: Captured) -> None:
    services = [*built.of("BackendService"), *built.of("RegionBackendService")]
    assert {service.inputs["protocol"] for service in services} == {"HTTPS"}


def test_each_region_is_whole_in_itself(built: Captured) -> None:
    for kind in ("RegionBackendService", "RegionInstanceGroupManager", "ForwardingRule", "RouterNat", "Repository"):
        found = {str(item.inputs.get("region") or item.inputs["location"]) for item in built.of(kind)}
        assert found == set(REGIONS)


def test_composite_health_reports_the_regional_service_at_the_regional_rule(psc: Captured) -> None:
    for region in REGIONS:
        source = psc.one("RegionHealthSource", f"health-{region}")
        assert psc.targets(source, "sources") == [f"RegionBackendService backend-{region}"]
        check = psc.one("RegionCompositeHealthCheck", f"health-{region}")
        assert psc.targets(check, "healthDestination") == [f"ForwardingRule backend-{region}"]
        assert psc.targets(check, "healthSources") == [f"RegionHealthSource health-{region}"]


# One run each for several facts: a run of the program costs seconds.
ALL = ("us-east1", "europe-west1", "asia-northeast1", "australia-southeast1", "northamerica-northeast1")
VARIANTS: dict[str, dict[str, Any]] = {
    "outlier": {"failoverSignal": "outlier", "regions": ALL[:3]},
    "composite": {"failoverSignal": "composite", "regions": ALL},
    "direct": {"topology": "global-direct", "regions": ALL[:4]},
}


@pytest.mark.parametrize(
    ("settings", "composite", "outlier"),
    [({}, True, True), (VARIANTS["composite"], True, False), (VARIANTS["outlier"], False, True)],
    ids=["both", "composite", "outlier"],
)
def test_failover_signal_chooses_what_is_built(
    run: Run, settings: dict[str, Any], composite: bool, outlier: bool
) -> None:
    built = run(**settings)
    assert bool(built.of("RegionCompositeHealthCheck")) is composite
    assert ("outlierDetection" in built.one("BackendService", "regions").inputs) is outlier


@pytest.mark.parametrize("settings", VARIANTS.values(), ids=VARIANTS.keys())
def test_more_regions_are_more_backends(run: Run, settings: dict[str, Any]) -> None:
    built = run(**settings)
    service = built.one("BackendService", "regions")
    assert len(service.property_dependencies["backends"]) == len(settings["regions"])
    assert sorted(built.outputs["backend_service_urls"]) == sorted(settings["regions"])


def test_outlier_detection_never_ejects_the_last_region(run: Run) -> None:
    service = run(**VARIANTS["outlier"]).one("BackendService", "regions")
    assert service.inputs["outlierDetection"]["maxEjectionPercent"] == 66
