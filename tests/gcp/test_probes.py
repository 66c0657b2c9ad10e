from __future__ import annotations

import ipaddress

import pytest

from policypack.gcp.probes import (
    AUTOHEALING,
    EXTERNAL_PASSTHROUGH,
    GLOBAL_EXTERNAL,
    INTERNAL_PASSTHROUGH,
    PROXY,
    ProbeSource,
    probe_source,
)

SOURCES = (GLOBAL_EXTERNAL, PROXY, INTERNAL_PASSTHROUGH, EXTERNAL_PASSTHROUGH, AUTOHEALING)


@pytest.mark.parametrize("source", SOURCES, ids=lambda source: source.load_balancer)
def test_every_probe_range_is_a_network_of_its_family(source: ProbeSource) -> None:
    assert all(ipaddress.IPv4Network(text) for text in source.ipv4)
    assert all(ipaddress.IPv6Network(text) for text in source.ipv6)


def test_front_ends_of_global_external_load_balancers_have_a_range_of_their_own_in_ipv6() -> None:
    assert probe_source("EXTERNAL_MANAGED", is_global=True) is GLOBAL_EXTERNAL
    assert GLOBAL_EXTERNAL.ranges() == PROXY.ranges()
    assert not PROXY.ranges(ipv6=True).covers(GLOBAL_EXTERNAL.ranges(ipv6=True))


@pytest.mark.parametrize("scheme", ["EXTERNAL", "INTERNAL_MANAGED", "INTERNAL_SELF_MANAGED"])
def test_other_global_backend_services_are_probed_as_behind_any_proxy(scheme: str) -> None:
    assert probe_source(scheme, is_global=True) is PROXY


@pytest.mark.parametrize(
    ("scheme", "expected"),
    [
        ("EXTERNAL_MANAGED", PROXY),
        ("INTERNAL_MANAGED", PROXY),
        ("INTERNAL", INTERNAL_PASSTHROUGH),
        ("EXTERNAL", EXTERNAL_PASSTHROUGH),
    ],
)
def test_the_scheme_of_a_regional_backend_service_tells_its_probes(scheme: str, expected: object) -> None:
    assert probe_source(scheme, is_global=False) is expected


def test_external_passthrough_load_balancers_are_probed_from_ranges_of_their_own() -> None:
    assert not EXTERNAL_PASSTHROUGH.ranges().covers(PROXY.ranges())
    assert not PROXY.ranges().covers(EXTERNAL_PASSTHROUGH.ranges())


def test_probes_to_ipv6_backends_come_from_ipv6() -> None:
    assert not PROXY.ranges(ipv6=True).v4
    assert PROXY.ranges(ipv6=True).v6
